// SPDX-License-Identifier: MIT

package check

import (
	"math"

	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// addAge adds the time since the reference time. A reference time more than a second in
// the future is CRITICAL, whatever the limits. The second allows for the two clocks of a
// remote check.
func (r *Result) addAge(readings Readings, th Thresholds) {
	age := readings.age()
	f := figure{name: "reference age", label: "reference_age", value: max(age, 0), unit: threshold.Seconds, limits: th.ageLimits(readings.Report)}
	s := f.subcheck()
	if source, ok := followed(readings.Report); s.Status != OK && ok && source.Reachable() {
		if s.Status == Warning && !th.Age.Warning.WasGiven() && readings.Tracking.MaxError() <= fineError {
			s.Status, s.Reason, s.Warning, f.limits.Warning = OK, "", "", nil
		}
		// A source that has been reachable for so long has answered since its last sample.
		// The age of a sample is in whole seconds, and was read a little later.
		if age > ninePolls(source) && math.Abs(float64(source.LastSampleAgo)-age) <= 5 {
			s.Notes = []string{"last used " + s.Value + " ago"}
			s.Name, s.Value, s.Reason = source.Name(), "answers, but chronyd drops its samples", ""
			s.Headline = true
		}
	}
	if age < -1 {
		s.Name, s.Value = "reference time", threshold.Seconds.Text(-age)+" in the future"
		s.Status, s.Reason = Critical, ""
	}
	r.add(s)
	f.value = age
	r.addMetric(f.metric())
}

// explainFuture attributes a reference time in the future to the offset if the offset is
// CRITICAL and at least as large. This happens when chronyd on another host is queried
// through a tunnel: the plugin then takes its clock for this host's.
func (r *Result) explainFuture(age, offset float64) {
	if age < -1 && -age <= math.Abs(offset)+1 {
		r.attributeLast()
	}
}

// fineError is the largest max error, in seconds, at which the default warning range of
// the age doesn't count while the followed source answers. If the path to a source becomes
// longer in one direction, chronyd drops its samples for hours, and the clock is as good
// as before.
const fineError = 0.05

// agePolls is how many polling intervals a clock may go without an update before its age
// alerts by default. chronyd calls a source unreachable after eight polls without an
// answer. docs/detection.md has the measurements.
const agePolls = 9

// ninePolls returns agePolls polling intervals of a source, in seconds.
func ninePolls(s chrony.Source) float64 { return agePolls * math.Exp2(float64(s.Poll)) }

// maxPoll is chronyd's largest polling interval, as log2 of seconds (ntp_core.c
// MAX_POLL). No chronyd sends a larger one, so it raises nothing.
const maxPoll = 24

// ageLimits returns the limits of the age. Limits that the user gave stay as they are.
// The defaults are raised to agePolls polling intervals of the source that the clock
// follows.
func (th Thresholds) ageLimits(report chrony.Report) threshold.Limits {
	limits := th.Age
	source, ok := followed(report)
	if !ok || source.Poll > maxPoll {
		return limits
	}
	least := ninePolls(source)
	if !limits.Warning.WasGiven() {
		limits.Warning = withEndAtLeast(limits.Warning, least)
	}
	if !limits.Critical.WasGiven() {
		limits.Critical = withEndAtLeast(limits.Critical, least)
	}
	return limits
}

// followed returns the source that the clock was last updated from: the selected
// one or, while none is selected, the one that the tracking report names.
func followed(report chrony.Report) (chrony.Source, bool) {
	if s, ok := selected(report.Sources); ok {
		return s, true
	}
	t := report.Tracking
	for _, s := range report.Sources {
		if s.Address == t.Address && (s.Address != "" || s.ReferenceID == t.ReferenceID) {
			return s, true
		}
	}
	return chrony.Source{}, false
}

// withEndAtLeast returns the range, with its end raised to least if it is below that.
func withEndAtLeast(r *threshold.Range, least float64) *threshold.Range {
	if r == nil || r.End >= least {
		return r
	}
	raised := *r
	raised.End = least
	return &raised
}
