// SPDX-License-Identifier: MIT

package threshold

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Range is a threshold range of the Monitoring Plugins guidelines
// ("Threshold and Ranges"): [@][start:][end], both ends inclusive. A value outside the
// range raises an alert; with Inside (the "@") a value in the range does. The ends are
// in base units; an open end is an infinity.
type Range struct {
	Start, End float64
	Inside     bool
}

// ParseRange parses a range whose ends are in unit, each with a suffix or none.
//
// For a signed figure a bare N means -N:N. With the guidelines' own meaning, 0:N, every
// clock that is a microsecond fast would raise an alert.
func ParseRange(text string, unit Unit, signed bool) (Range, error) {
	if text == "" {
		return Range{}, errEmpty
	}
	body, inside := strings.CutPrefix(text, "@")
	startText, endText, colon := strings.Cut(body, ":")
	if !colon {
		end, _, err := parseNumber(body, unit)
		if err != nil {
			return Range{}, err
		}
		if end < 0 {
			return Range{}, fmt.Errorf("%+q is negative (write a range, start:end)", text)
		}
		start := 0.0
		if signed && !inside {
			start = 0 - end
		}
		return Range{start, end, inside}, nil
	}

	start, startSuffix, err := parseEnd(startText, "~", math.Inf(-1), unit)
	if err != nil {
		return Range{}, err
	}
	end, endSuffix, err := parseEnd(endText, "", math.Inf(1), unit)
	if err != nil {
		return Range{}, err
	}
	// -5:5ms would reach from minus five seconds to five milliseconds.
	if finite(start) && finite(end) && start != 0 && end != 0 && (startSuffix == "") != (endSuffix == "") {
		return Range{}, fmt.Errorf("%+q has a unit at one end only", text)
	}
	if start > end {
		return Range{}, fmt.Errorf("%+q starts above its end", text)
	}
	return Range{start, end, inside}, nil
}

// parseEnd parses one end of a range. The text open stands for infinity.
func parseEnd(text, open string, infinity float64, unit Unit) (float64, string, error) {
	switch text {
	case open:
		return infinity, "", nil
	case "":
		return 0, "", errors.New(`":" without a start (write 0: or ~:)`)
	default:
		return parseNumber(text, unit)
	}
}

func finite(x float64) bool {
	return !math.IsInf(x, 0)
}

// Alert reports whether value raises an alert. A NaN always does.
func (r Range) Alert(value float64) bool {
	if math.IsNaN(value) {
		return true
	}
	within := r.Start <= value && value <= r.End
	return within == r.Inside
}

// String returns the range in the guidelines' notation and in base units, for
// performance data. It never has an exponent. 0:N becomes N, also for signed figures,
// since programs that read performance data follow the guidelines.
func (r Range) String() string {
	const signed = false
	return r.format(signed, func(end float64) string { return strconv.FormatFloat(end, 'f', -1, 64) })
}

// Text returns the range for people, with the suffixes of unit. ParseRange turns it into
// the same range again: for a signed figure 0:N isn't shortened to N.
func (r Range) Text(unit Unit, signed bool) string {
	return r.format(signed, unit.exactText)
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
