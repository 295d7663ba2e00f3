// SPDX-License-Identifier: MIT

package threshold

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Range is a threshold range of the Monitoring Plugins guidelines
// ("Threshold and Ranges"): [@][start:][end], both ends inclusive. A value outside the
// range raises an alert; with Inside (the "@") a value in the range does. The ends are
// in base units, with at most nine decimals; an open end is an infinity.
type Range struct {
	Start, End float64
	Inside     bool
	// Given is true if the user gave the range, and false if it is a default.
	Given bool
}

// ParseRange parses a range whose ends are in unit, each with a suffix or none.
//
// For a signed figure a bare N means -N:N. The guidelines' own meaning, 0:N, would alert
// for every clock that is a microsecond fast.
func ParseRange(text string, unit Unit, signed bool) (Range, error) {
	if text == "" {
		return Range{}, errEmpty
	}
	body, inside := strings.CutPrefix(text, "@")
	startText, endText, colon := strings.Cut(body, ":")
	if !colon {
		n, _, err := unit.parse(body)
		switch {
		case err != nil:
			return Range{}, err
		case n < 0:
			return Range{}, fmt.Errorf("%+q is negative (want start:end)", text)
		case signed && !inside:
			return Range{Start: toBase(-n), End: toBase(n)}, nil
		}
		return Range{End: toBase(n), Inside: inside}, nil
	}
	switch {
	case startText == "":
		return Range{}, fmt.Errorf(`%+q: missing start before ":" (want 0: or ~:)`, text)
	case strings.Contains(endText, ":"):
		return Range{}, fmt.Errorf("%+q has more than one colon (want start:end)", text)
	}
	start, startSuffixed, err := unit.parseEnd(startText, "~", math.Inf(-1))
	if err != nil {
		return Range{}, err
	}
	end, endSuffixed, err := unit.parseEnd(endText, "", math.Inf(1))
	switch {
	case err != nil:
		return Range{}, err
	case finite(start) && finite(end) && start != 0 && end != 0 && startSuffixed != endSuffixed:
		// -5:5ms would reach from minus five seconds to five milliseconds.
		return Range{}, fmt.Errorf("%+q has a unit at one end only", text)
	case start > end:
		return Range{}, fmt.Errorf("%+q: start is greater than end", text)
	}
	return Range{Start: start, End: end, Inside: inside}, nil
}

// parseEnd parses one end of a range. The text open stands for infinity.
func (u Unit) parseEnd(text, open string, infinity float64) (end float64, suffixed bool, err error) {
	if text == open {
		return infinity, false, nil
	}
	n, suffixed, err := u.parse(text)
	return toBase(n), suffixed, err
}

func finite(x float64) bool {
	return !math.IsInf(x, 0)
}

// Alert reports whether value raises an alert. value is first rounded to nine decimals,
// the precision of the ends and of the output. A NaN always alerts.
func (r Range) Alert(value float64) bool {
	if math.IsNaN(value) {
		return true
	}
	if representable(value) {
		value = toBase(toBillionths(value))
	}
	within := r.Start <= value && value <= r.End
	return within == r.Inside
}

// String returns the range in the guidelines' notation and in base units, for
// performance data. It never has an exponent. 0:N becomes N even for signed figures:
// programs that read performance data follow the guidelines.
func (r Range) String() string {
	const signed = false
	return r.format(signed, func(end float64) string { return strconv.FormatFloat(end, 'f', -1, 64) })
}

// Text returns the range for people, with the suffixes of unit. ParseRange parses it back
// to the same range, so for a signed figure 0:N isn't shortened to N.
func (r Range) Text(unit Unit, signed bool) string {
	return r.format(signed, func(end float64) string {
		if end == 0 {
			return "0"
		}
		return unit.exact(toBillionths(end))
	})
}

func (r Range) format(signed bool, number func(float64) string) string {
	var b strings.Builder
	if r.Inside {
		b.WriteByte('@')
	}
	bare := r.Start == 0 && finite(r.End) && (!signed || r.End == 0)
	switch {
	case !finite(r.Start):
		b.WriteString("~:")
	case !bare:
		b.WriteString(number(r.Start) + ":")
	}
	if finite(r.End) {
		b.WriteString(number(r.End))
	}
	return b.String()
}

// Limits are the two ranges of a figure. A nil range judges nothing.
type Limits struct {
	Warning, Critical *Range
}

// WasGiven reports whether there is a range and the user gave it.
func (r *Range) WasGiven() bool {
	return r != nil && r.Given
}

// AnyGiven reports whether the user gave a range that can alert for a figure that is never
// negative: 0: and ~: turn a default off.
func (l Limits) AnyGiven() bool {
	return l.Warning.WasGiven() && l.Warning.canAlert() || l.Critical.WasGiven() && l.Critical.canAlert()
}

func (r *Range) canAlert() bool {
	if r.Inside {
		return r.End >= 0
	}
	return r.Start > 0 || finite(r.End)
}
