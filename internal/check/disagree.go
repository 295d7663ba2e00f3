// SPDX-License-Identifier: MIT

package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// disagreeing returns the sources that disagree with the clock, the worst first. A source
// disagrees if its last sample, less its error, puts the clock outside the offset's
// warning range: either the source or the clock is wrong.
//
// Every reachable source counts, whatever its state: even a server configured with
// noselect, which chronyd measures but never follows. A reference clock that isn't
// selectable doesn't count: the NMEA clock that numbers the seconds of a PPS is hundreds
// of milliseconds late.
func disagreeing(sources []chrony.Source, offset threshold.Limits) []chrony.Source {
	if offset.Warning == nil {
		return nil
	}
	var list []chrony.Source
	for _, s := range sources {
		numbersSeconds := s.Mode == chrony.ReferenceClock && s.State == chrony.NotSelectable
		if s.Reachable() && s.LastSampleAgo != chrony.NoSample && !numbersSeconds && offset.Warning.Alert(certainOffset(s)) {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b chrony.Source) int {
		return cmp.Compare(math.Abs(b.LastSampleOffset), math.Abs(a.LastSampleOffset))
	})
	return list
}

// certainOffset returns the offset of the last sample, less its error and never below
// zero. It is in seconds and has the sign of [chrony.Tracking].CurrentCorrection: positive
// if the clock is slow.
func certainOffset(s chrony.Source) float64 {
	return math.Copysign(max(math.Abs(s.LastSampleOffset)-s.LastSampleError, 0), -s.LastSampleOffset)
}

// maxDisagreeing is how many of the disagreeing sources are named.
const maxDisagreeing = 3

// judgeDisagreeing judges the number of disagreeing sources. If there are too many, each
// of the worst has a subcheck: "192.0.2.3 disagrees by 500ms (falseticker)".
func judgeDisagreeing(r chrony.Report, disagreeing []chrony.Source, th Thresholds) ([]Subcheck, Metric) {
	n := len(disagreeing)
	f := sourcesFigure("disagreeing", n, th.Disagreeing)
	number := f.subcheck()
	if number.Status == OK || n == 0 {
		number.Value += fmt.Sprintf(" of %d", countSources(r.Sources).all)
		return []Subcheck{number}, f.metric()
	}
	number.Reason = ""
	states := SourceStates(r)
	var subchecks []Subcheck
	for _, source := range disagreeing[:min(n, maxDisagreeing)] {
		by := threshold.Seconds.TextBeside(-source.LastSampleOffset, th.Offset.Warning)
		s := number
		s.Name, s.Value, s.Notes = source.Name(), "disagrees by "+strings.TrimPrefix(by, "-"), []string{states[slices.Index(r.Sources, source)]}
		subchecks = append(subchecks, s)
	}
	if more := n - maxDisagreeing; more > 0 {
		number.Name, number.Value = fmt.Sprintf("%d more", more), "disagree"
		if more == 1 {
			number.Value = "disagrees"
		}
		subchecks = append(subchecks, number)
	}
	return subchecks, f.metric()
}
