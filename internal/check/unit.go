// SPDX-License-Identifier: MIT

package check

import (
	"errors"
	"fmt"
	"math"
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

// suffix is a unit's suffix and its size in base units, as multiplier or, below
// one, as divisor: 35/1000 is 0.035 where 35*0.001 is not.
type suffix struct {
	name                string
	multiplier, divisor float64
}

func (u Unit) suffixes() []suffix {
	switch u {
	case Seconds:
		return []suffix{
			{"ns", 1, 1e9},
			{"us", 1, 1e6},
			{"ms", 1, 1e3},
			{"s", 1, 1},
			{"m", 60, 1},
			{"h", 3600, 1},
			{"d", 86400, 1},
		}
	case PPM:
		return []suffix{{"ppm", 1, 1}}
	default:
		return nil
	}
}

// Thresholds outside of these bounds, in base units, would not survive being
// printed with perfdata's fixed point, and mean nothing for a clock.
const (
	smallest = 1e-9
	largest  = 1e12
)

// parseNumber reads a decimal number with an optional suffix of the unit, and
// returns it in base units, with the suffix as it was written.
func parseNumber(text string, unit Unit) (float64, string, error) {
	digits := numberPrefix(text)
	if digits == "" {
		return 0, "", fmt.Errorf("%+q is not a number", text)
	}
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, "", fmt.Errorf("%+q is out of range", text)
	}
	name := text[len(digits):]
	if name != "" {
		found := false
		for _, s := range unit.suffixes() {
			if s.name == name {
				value, found = value*s.multiplier/s.divisor, true
			}
		}
		if !found {
			return 0, "", fmt.Errorf("%+q: unknown unit %+q (%s)", text, name, unit.wanted())
		}
	}
	if size := math.Abs(value); size != 0 && (size < smallest || size > largest) {
		return 0, "", fmt.Errorf("%+q is out of range (from %g to %g, or 0)", text, smallest, largest)
	}
	return value + 0, name, nil // + 0: no negative zero
}

// wanted names the suffixes that a number of this unit may have.
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

// numberPrefix returns the leading [-]digits[.digits][e[+-]digits] of text, or
// nothing. A leading "+", a bare point, hexadecimal, "inf" and "nan" are none.
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

// ParseDuration reads a positive length of time: a number of seconds, or a
// number with one of ns, us, ms, s, m, h and d.
func ParseDuration(text string) (time.Duration, error) {
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

// ParseDelay reads a length of time like [ParseDuration], or zero.
func ParseDelay(text string) (time.Duration, error) {
	switch seconds, _, err := parseNumber(text, Seconds); {
	case err == nil && seconds == 0:
		return 0, nil
	case err == nil && seconds < 0:
		return 0, fmt.Errorf("%+q is negative", text)
	}
	return ParseDuration(text)
}

// errEmpty is what every parser here says to an empty text.
var errEmpty = errors.New(`"" is empty`)

// Text prints an amount for people, rounded: 3.1us, 120ms, 1h2m5s, 12.3ppm, 4.
func (u Unit) Text(amount float64) string {
	switch u {
	case Seconds:
		return secondsText(amount)
	case PPM:
		return trimZeros(strconv.FormatFloat(amount, 'f', 3, 64)) + "ppm"
	default:
		return strconv.FormatFloat(amount, 'f', -1, 64)
	}
}

func secondsText(amount float64) string {
	size := math.Abs(amount)
	switch {
	case size == 0:
		return "0s"
	case size >= 86400:
		return threeDigits(amount/86400) + "d"
	case size >= 60:
		text := time.Duration(math.Round(amount) * 1e9).String() // 1h2m0s
		text = strings.TrimSuffix(text, "m0s")
		if !strings.HasSuffix(text, "s") {
			text += "m"
		}
		return strings.TrimSuffix(text, "0m")
	default:
		// Rounded before the unit is chosen: 999.9ms is 1s, not 1000ms.
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(amount, 'g', 3, 64), 64)
		return scaled(rounded, threeDigits)
	}
}

// scaled prints seconds by number, in the largest of s, ms, us and ns that leaves
// a digit before the point.
func scaled(amount float64, number func(float64) string) string {
	switch size := math.Abs(amount); {
	case size >= 1:
		return number(amount) + "s"
	case size >= 1e-3:
		return number(amount*1e3) + "ms"
	case size >= 1e-6:
		return number(amount*1e6) + "us"
	default:
		return number(amount*1e9) + "ns"
	}
}

// threeDigits prints at least three significant digits, and all that stand
// before the point.
func threeDigits(amount float64) string {
	decimals := 0
	switch size := math.Abs(amount); {
	case size < 9.995:
		decimals = 2
	case size < 99.95:
		decimals = 1
	}
	return trimZeros(strconv.FormatFloat(amount, 'f', decimals, 64))
}

func trimZeros(number string) string {
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number
}

// exact prints a threshold for people in the largest unit that it has no
// fraction in, or else as scaled does.
func (u Unit) exact(amount float64) string {
	// Twelve digits: all that anyone types, without the float's own noise.
	print := func(amount float64) string {
		number := strconv.FormatFloat(amount, 'g', 12, 64)
		value, _ := strconv.ParseFloat(number, 64)
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	switch {
	case u == PPM:
		return print(amount) + "ppm"
	case u != Seconds || amount == 0:
		return print(amount)
	}
	size := math.Abs(amount)
	for _, s := range []suffix{{"d", 86400, 1}, {"h", 3600, 1}, {"m", 60, 1}} {
		if size >= s.multiplier && math.Mod(size, s.multiplier) == 0 {
			return print(amount/s.multiplier) + s.name
		}
	}
	return scaled(amount, print)
}
