// SPDX-License-Identifier: MIT

package threshold

import (
	"errors"
	"fmt"
	"math"
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

// suffix is a unit's suffix and its size in base units: seconds times ten to the power
// of exponent. The exponent is added to the text of a number, since 12.345/1e3 is not
// 0.012345 to the last bit.
type suffix struct {
	name     string
	seconds  float64
	exponent int
}

func (u Unit) suffixes() []suffix {
	switch u {
	case Seconds:
		return []suffix{
			{"d", 86400, 0},
			{"h", 3600, 0},
			{"m", 60, 0},
			{"s", 1, 0},
			{"ms", 1, -3},
			{"us", 1, -6},
			{"ns", 1, -9},
		}
	case PPM:
		return []suffix{{"ppm", 1, 0}}
	default:
		return nil
	}
}

// Thresholds outside these bounds, in base units, could not be printed in the fixed-point
// numbers of performance data, and mean nothing for a clock.
const (
	smallest = 1e-9
	largest  = 1e12
)

// parseNumber parses a decimal number with an optional suffix of the unit, or a time in
// parts, the largest first (1h30m). It returns the number in base units, and the suffix
// as it was written.
func parseNumber(text string, unit Unit) (float64, string, error) {
	digits := numberPrefix(text)
	if digits == "" {
		return 0, "", fmt.Errorf("%+q is not a number", text)
	}
	name := text[len(digits):]
	value, err := unit.parts(text)
	if name == "" {
		value, err = suffix{seconds: 1}.value(digits)
	}
	switch size := math.Abs(value); {
	case errors.Is(err, errSuffix):
		return 0, "", fmt.Errorf("%+q: unknown unit %+q (%s)", text, name, unit.wanted())
	case err != nil:
		return 0, "", fmt.Errorf("%+q is out of range", text)
	case size != 0 && (size < smallest || size > largest):
		return 0, "", fmt.Errorf("%+q is out of range (from %g to %g, or 0)", text, smallest, largest)
	}
	return value + 0, name, nil // + 0: no negative zero
}

// errSuffix is the error of parts for a text that is not a suffix of the unit.
var errSuffix = errors.New("unknown unit")

// parts adds up numbers that each have a suffix, the largest first: 1h2m5s.
func (u Unit) parts(text string) (float64, error) {
	rest, negative := strings.CutPrefix(text, "-")
	suffixes := u.suffixes()
	var sum float64
	for rest != "" {
		digits := numberPrefix(rest)
		name := rest[len(digits):]
		if next := strings.IndexAny(name, "0123456789."); next > 0 {
			name = name[:next]
		}
		at := slices.IndexFunc(suffixes, func(s suffix) bool { return s.name == name })
		if digits == "" || strings.HasPrefix(digits, "-") || at < 0 {
			return 0, errSuffix
		}
		value, err := suffixes[at].value(digits)
		if err != nil {
			return 0, err
		}
		sum += value
		rest = rest[len(digits)+len(name):]
		suffixes = suffixes[at+1:]
	}
	if negative {
		sum = -sum
	}
	return sum, nil
}

// value returns a number with this suffix in base units.
func (s suffix) value(number string) (float64, error) {
	mantissa, power, _ := strings.Cut(strings.ToLower(number), "e")
	exponent, _ := strconv.Atoi(power) // "" is 0, and one too large for an int is out of range below
	value, err := strconv.ParseFloat(mantissa+"e"+strconv.Itoa(max(exponent, -1000)+s.exponent), 64)
	if value == 0 && strings.ContainsAny(mantissa, "123456789") {
		err = strconv.ErrRange
	}
	if err != nil || s.seconds == 1 {
		return value, err
	}
	// Fifteen digits: 1.1h is 3960, not 3960.0000000000005.
	return strconv.ParseFloat(strconv.FormatFloat(value*s.seconds, 'g', 15, 64), 64)
}

// wanted returns the hint that names the suffixes a number of this unit may have.
func (u Unit) wanted() string {
	switch u {
	case Seconds:
		return "want ns, us, ms, s, m, h, d, or none for seconds"
	case PPM:
		return "want ppm or none"
	default:
		return "this figure has no unit"
	}
}

// numberPrefix returns the leading [-]digits[.digits][e[+-]digits] of text; empty if
// there is none. A leading "+", a bare point, hexadecimal, "inf" and "nan" don't count
// as numbers.
func numberPrefix(text string) string {
	digits := func(i int) int {
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		return i
	}
	start := 0
	if strings.HasPrefix(text, "-") {
		start = 1
	}
	end := digits(start)
	whole := end > start
	if end < len(text) && text[end] == '.' {
		fraction := digits(end + 1)
		if fraction == end+1 {
			return ""
		}
		end, whole = fraction, true
	}
	if !whole {
		return ""
	}
	if end < len(text) && (text[end] == 'e' || text[end] == 'E') {
		exponent := end + 1
		if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
			exponent++
		}
		if last := digits(exponent); last > exponent {
			end = last
		}
	}
	return text[:end]
}

// ParseDuration parses a length of time above zero: a number of seconds, a number with
// one of ns, us, ms, s, m, h and d, or several of those, the largest first (1h30m).
func ParseDuration(text string) (time.Duration, error) {
	if text == "" {
		return 0, errEmpty
	}
	seconds, _, err := parseNumber(text, Seconds)
	if err != nil {
		return 0, err
	}
	if seconds <= 0 {
		return 0, fmt.Errorf("%+q is not above zero", text)
	}
	if seconds >= math.MaxInt64/1e9 {
		return 0, fmt.Errorf("%+q is out of range", text)
	}
	return time.Duration(math.Round(seconds * 1e9)), nil
}

// ParseDelay parses a length of time like [ParseDuration], or zero.
func ParseDelay(text string) (time.Duration, error) {
	switch seconds, _, err := parseNumber(text, Seconds); {
	case err == nil && seconds == 0:
		return 0, nil
	case err == nil && seconds < 0:
		return 0, fmt.Errorf("%+q is negative", text)
	}
	return ParseDuration(text)
}

// errEmpty is every parser's error for an empty text.
var errEmpty = errors.New(`"" is empty`)
