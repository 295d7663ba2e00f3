// SPDX-License-Identifier: MIT

package threshold

import (
	"math"
	"strconv"
	"strings"
)

// Text formats an amount, in base units, for people: 3.1us, 120ms, 1h2m5s, 12.3ppm, 4.
//
// Times are rounded: below a minute to three significant digits, below a day to seconds,
// below ten days to hours, above to days, and always to nanoseconds. ppm have three
// decimals, as in chronyc. An amount that is rounded to zero has no sign. [ParseDuration]
// can parse the text of any time up to 285 years.
func (u Unit) Text(amount float64) string {
	return u.TextBeside(amount, nil)
}

// TextBeside is like Text, for an amount that is shown beside the range that it broke, if
// any. It has enough digits to show that the amount breaks the range, and never looks
// equal to an end of the range unless it is.
func (u Unit) TextBeside(amount float64, broken *Range) string {
	if !representable(amount) {
		if u == Seconds {
			return decimal(math.Round(amount/86400)) + "d"
		}
		return decimal(math.Round(amount)) + u.base()
	}
	n := toBillionths(amount)
	for step := u.step(max(n, -n)); ; step = min(step/10, one) {
		rounded := (n + step/2) / step * step
		if n < 0 {
			rounded = (n - step/2) / step * step
		}
		if step == 1 || broken == nil || broken.shows(toBase(rounded), toBase(n)) {
			return u.exact(rounded)
		}
	}
}

// NameSign replaces the sign of a text with a word: "3us slow". The first word is for
// positive amounts. Zero gets no word.
func NameSign(text string, words [2]string) string {
	size, negative := strings.CutPrefix(text, "-")
	switch {
	case !strings.ContainsAny(text, "123456789"):
		return text
	case negative:
		return size + " " + words[1]
	default:
		return text + " " + words[0]
	}
}

// step returns the step to which Text rounds a number of billionths.
func (u Unit) step(n int64) int64 {
	switch {
	case u == PPM:
		return 1e6
	case u == Count:
		return 1
	case n >= 10*day:
		return day
	case n >= day:
		return 3600 * one
	case n >= 60*one:
		return one
	}
	step := int64(1)
	for n >= 1000*step {
		step *= 10
	}
	return step
}

// shows reports whether a rounded value still shows how exact breaks the range.
func (r Range) shows(rounded, exact float64) bool {
	return r.Alert(rounded) && (rounded == r.Start) == (exact == r.Start) && (rounded == r.End) == (exact == r.End)
}

// exact formats billionths with all their digits. Parsing the text gives the same number.
func (u Unit) exact(n int64) string {
	switch {
	case u != Seconds:
		return decimal(toBase(n)) + u.base()
	case n < 0:
		return "-" + u.exact(-n)
	}
	text := ""
	for _, s := range u.suffixes() {
		switch {
		case n < s.size:
		case s.size > one:
			text += strconv.FormatInt(n/s.size, 10) + s.name
			n %= s.size
		default:
			return text + decimal(float64(n)/float64(s.size)) + s.name
		}
	}
	if text == "" {
		return "0s"
	}
	return text
}

// base returns the suffix of base units.
func (u Unit) base() string {
	return [...]string{Count: "", Seconds: "s", PPM: "ppm"}[u]
}

func decimal(x float64) string {
	return strconv.FormatFloat(x, 'f', -1, 64)
}
