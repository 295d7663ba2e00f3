// SPDX-License-Identifier: MIT

package threshold

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Unit is what a figure is measured in. It decides which suffixes a threshold
// may carry and how a figure is printed.
type Unit int

// The units of chronyd's figures.
const (
	Count   Unit = iota // strata and numbers of sources: no suffix
	Seconds             // ns, us, ms, s, m, h, d; s without a suffix
	PPM                 // parts per million, with or without "ppm"
)

// Numbers are parsed to, compared in, and printed from billionths of their unit: for
// seconds that is a [time.Duration].
const (
	one     = 1_000_000_000
	day     = int64(24 * time.Hour)
	largest = 9 * one * one // a bit less than 1<<63 - 1, so that rounding can't overflow
)

// suffix is a unit's suffix and its size in billionths.
type suffix struct {
	name string
	size int64
}

// suffixes returns what may follow a number, the largest first.
func (u Unit) suffixes() []suffix {
	switch u {
	case Seconds:
		return []suffix{{"d", day}, {"h", 3600 * one}, {"m", 60 * one}, {"s", one}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}}
	case PPM:
		return []suffix{{"ppm", one}}
	default:
		return nil
	}
}

// wanted returns the hint that names the suffixes a number of this unit may have.
func (u Unit) wanted() string {
	switch u {
	case Seconds:
		return "want ns, us, ms, s, m, h, d, or none for seconds"
	case PPM:
		return "want ppm or none"
	default:
		return "takes no unit"
	}
}

// parse parses a number with an optional suffix of the unit, or a time in parts, the
// largest first (1h30m). It returns billionths, and whether there was a suffix.
func (u Unit) parse(text string) (sum int64, suffixed bool, err error) {
	const digits = "0123456789."
	rest, negative := strings.CutPrefix(text, "-")
	suffixes, last := u.suffixes(), -1
	for first := true; first || rest != ""; first = false {
		name := strings.TrimLeft(rest, digits)
		number := rest[:len(rest)-len(name)]
		rest = ""
		if next := strings.IndexAny(name, digits); next >= 0 {
			name, rest = name[:next], name[next:]
		}
		size, i := int64(one), slices.IndexFunc(suffixes, func(s suffix) bool { return s.name == name })
		switch {
		case i > last:
			size, last, suffixed = suffixes[i].size, i, true
		case number == "" || name == "" && first: // not a number, or one in base units
		case i >= 0 || name == "":
			return 0, false, fmt.Errorf("%+q: want a unit after each number, the largest first (1h30m)", text)
		case strings.HasPrefix(strings.ToLower(name), "e"):
			return 0, false, fmt.Errorf("%+q has an exponent (write the number in full)", text)
		default:
			return 0, false, fmt.Errorf("%+q: unknown unit %+q (%s)", text, name, u.wanted())
		}
		value, err := billionths(number, size)
		if err == nil && value > largest-sum {
			err = fmt.Errorf("is out of range (at most %s)", u.exact(largest))
		}
		if err != nil {
			return 0, false, fmt.Errorf("%+q %w", text, err)
		}
		sum += value
	}
	if negative {
		sum = -sum
	}
	return sum, suffixed, nil
}

// billionths returns a number times size, exactly. A result that is too large for an
// int64 becomes the largest one.
func billionths(number string, size int64) (int64, error) {
	whole, fraction, point := strings.Cut(number, ".")
	switch {
	case whole+fraction == "", point && fraction == "", strings.Contains(fraction, "."):
		return 0, errors.New("is not a number")
	case len(fraction) > 9:
		return 0, errors.New("has more than nine decimals")
	}
	n, err := strconv.ParseUint(whole+fraction, 10, 64)
	high, low := bits.Mul64(n, uint64(size))
	scale := uint64(math.Pow10(len(fraction)))
	if err != nil || high >= scale {
		return math.MaxInt64, nil
	}
	value, rest := bits.Div64(high, low, scale)
	if rest != 0 {
		return 0, errors.New("is not a whole number of nanoseconds")
	}
	return int64(min(value, math.MaxInt64)), nil
}

// toBillionths rounds an amount in base units that is smaller than the largest.
func toBillionths(amount float64) int64 {
	whole, fraction := math.Modf(amount) // amount * 1e9 might be inexact
	return int64(whole)*one + int64(math.Round(fraction*one))
}

// toBase returns billionths in base units. The text makes 50ms exactly 0.05.
func toBase(billionths int64) float64 {
	amount, _ := strconv.ParseFloat(strconv.FormatInt(billionths, 10)+"e-9", 64)
	return amount
}

// representable reports whether an amount in base units has a value in billionths.
func representable(amount float64) bool {
	return math.Abs(amount) < largest/one
}

// ParseDuration parses a duration greater than zero: a number of seconds, a number with
// one of ns, us, ms, s, m, h and d, or several of those, the largest first (1h30m).
func ParseDuration(text string) (time.Duration, error) {
	return parseDuration(text, 1, "must be greater than zero")
}

// ParseDelay parses a duration like [ParseDuration], or zero.
func ParseDelay(text string) (time.Duration, error) {
	return parseDuration(text, 0, "must not be negative")
}

func parseDuration(text string, least int64, otherwise string) (time.Duration, error) {
	if text == "" {
		return 0, errEmpty
	}
	n, _, err := Seconds.parse(text)
	if err == nil && n < least {
		err = fmt.Errorf("%+q: %s", text, otherwise)
	}
	return time.Duration(n), err
}

// errEmpty is every parser's error for an empty text.
var errEmpty = errors.New("must not be empty")
