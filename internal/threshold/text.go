// SPDX-License-Identifier: MIT

package threshold

import (
	"math"
	"strconv"
	"strings"
)

// Text formats an amount, in base units, for people: 3.1us, 120ms, 1h2m5s, 12.3ppm, 4.
//
// Times are rounded: below a minute to three significant digits, below a day to whole
// seconds. Longer times are in days, with three digits. ppm have three decimals, as in
// chronyc. An amount that is rounded to zero has no sign. ParseDuration can parse the
// text of any time from 1 ns to 292 years, the longest [time.Duration].
func (u Unit) Text(amount float64) string {
	_, text := u.round(amount, 0)
	return text
}

// maxDigits is how many more digits than in Text an amount may need: a float64 has 17,
// and up to 9 zeros may come before them.
const maxDigits = 26

// TextBeside formats an amount to stand next to the range that it broke, if any. It is like
// Text, but with as many digits as it takes to see on which side of each end the amount
// lies. It returns the rounded amount, too.
func (u Unit) TextBeside(amount float64, broken *Range) (float64, string) {
	for further := range maxDigits {
		rounded, text := u.round(amount, further)
		if broken == nil || u.showsSide(amount, broken.Start, further) && u.showsSide(amount, broken.End, further) {
			return rounded, text
		}
	}
	return u.round(amount, maxDigits)
}

// showsSide reports whether the rounded amount still shows on which side of the end of a
// range the amount lies. The end is rounded as well: next to 999.9ms, 999.91ms must not
// become 1s.
func (u Unit) showsSide(amount, end float64, further int) bool {
	a, _ := u.round(amount, further)
	b, _ := u.round(end, further)
	switch {
	case !finite(end):
		return true
	case amount == end: // inside the range
		return a == end
	default:
		return a != b && a != end && (a < end) == (amount < end)
	}
}

// round rounds an amount to Text's digits and further ones, and returns the rounded
// amount and its text.
func (u Unit) round(amount float64, further int) (float64, string) {
	switch u {
	case Seconds:
		rounded, text := roundSeconds(math.Abs(amount), further)
		if amount < 0 && rounded != 0 {
			return -rounded, "-" + text
		}
		return rounded, text
	case PPM:
		text := strconv.FormatFloat(amount, 'f', 3+further, 64)
		return number(text), trimZeros(text) + "ppm"
	default:
		return amount, strconv.FormatFloat(amount, 'f', -1, 64)
	}
}

func roundSeconds(amount float64, further int) (float64, string) {
	const day, exact = 86400, 1e15 // floats above exact have no decimals
	short := number(strconv.FormatFloat(amount, 'g', 3+further, 64))
	if amount < 1e-9 {
		short = number(strconv.FormatFloat(amount, 'f', 11+further, 64))
	}
	switch {
	case amount == 0:
		return 0, "0s"
	case short == 0:
		return 0, "0ns"
	case short < 60:
		return short, scaled(short)
	case amount >= exact, further == 0 && math.Round(amount) >= day:
		days := threeDigits(amount / day)
		return number(days) * day, days + "d"
	case amount >= day:
		return inParts(amount, further-1)
	default:
		return inParts(amount, further)
	}
}

// inParts formats seconds, rounded to some decimals, as 1d, 1h2m5s or 1m0.5s.
func inParts(amount float64, decimals int) (float64, string) {
	text := strconv.FormatFloat(amount, 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, _ := strconv.ParseInt(whole, 10, 64) // amounts below 1e15
	var b strings.Builder
	for _, part := range []struct {
		name string
		size int64
	}{{"d", 86400}, {"h", 3600}, {"m", 60}} {
		if n := seconds / part.size; n > 0 {
			b.WriteString(strconv.FormatInt(n, 10) + part.name)
		}
		seconds %= part.size
	}
	if rest := trimZeros(strconv.FormatInt(seconds, 10) + "." + fraction); rest != "0" {
		b.WriteString(rest + "s")
	}
	return number(text), b.String()
}

// exactText formats the end of a range for people, in the largest of d, h and m that it
// is a multiple of, or else as scaled does. Parsing the text gives exactly the same number.
func (u Unit) exactText(amount float64) string {
	text := strconv.FormatFloat(amount, 'f', -1, 64)
	switch {
	case u == Count || amount == 0:
		return text
	case u == PPM:
		return text + "ppm"
	}
	for _, s := range u.suffixes() {
		if s.seconds > 1 && math.Abs(amount) >= s.seconds && math.Mod(amount, s.seconds) == 0 {
			return strconv.FormatFloat(amount/s.seconds, 'f', -1, 64) + s.name
		}
	}
	return scaled(amount)
}

// scaled formats seconds with all their digits, in the largest of s, ms, us and ns that
// leaves a digit before the point.
func scaled(amount float64) string {
	switch size := math.Abs(amount); {
	case size >= 1:
		return shifted(amount, 0) + "s"
	case size >= 1e-3:
		return shifted(amount, 3) + "ms"
	case size >= 1e-6:
		return shifted(amount, 6) + "us"
	default:
		return shifted(amount, 9) + "ns"
	}
}

// shifted formats a number with its point moved some places to the right. It moves the
// point in the text, since a product has noise: 0.012345001*1e3 is 12.345000999999999.
func shifted(amount float64, places int) string {
	mantissa, power, _ := strings.Cut(strconv.FormatFloat(math.Abs(amount), 'e', -1, 64), "e")
	exponent, _ := strconv.Atoi(power)
	digits := strings.Replace(mantissa, ".", "", 1)
	point := 1 + exponent + places
	if point <= 0 {
		digits, point = strings.Repeat("0", 1-point)+digits, 1
	}
	if missing := point - len(digits); missing > 0 {
		digits += strings.Repeat("0", missing)
	}
	text := trimZeros(digits[:point] + "." + digits[point:])
	if amount < 0 {
		return "-" + text
	}
	return text
}

// threeDigits formats an amount with three significant digits, and with more if more
// stand before the point.
func threeDigits(amount float64) string {
	decimals := 0
	switch {
	case amount < 9.995:
		decimals = 2
	case amount < 99.95:
		decimals = 1
	}
	return trimZeros(strconv.FormatFloat(amount, 'f', decimals, 64))
}

// trimZeros removes zeros at the end of a decimal fraction, and the sign of zero.
func trimZeros(number string) string {
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	if number == "-0" {
		return "0"
	}
	return number
}

// number parses a text from strconv.
func number(text string) float64 {
	value, _ := strconv.ParseFloat(text, 64)
	return value + 0 // no negative zero
}
