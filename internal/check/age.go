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
func (r *Result) addAge(age float64, limits threshold.Limits) {
	f := figure{name: "reference age", label: "reference_age", value: age, unit: threshold.Seconds, limits: limits}
	r.addMetric(f.metric())
	f.value = max(age, 0)
	s := f.subcheck()
	if age < -1 {
		s.Name, s.Value = "reference time", threshold.Seconds.Text(-age)+" in the future"
		s.Status, s.Reason = Critical, ""
	}
	r.add(s)
}

// agePolls is how many polling intervals a clock may go without an update before its
// age means anything. chronyd calls a source unreachable after eight polls without an
// answer, so nine is the first number that is more than bad luck. The age reaches 3.1
// polls if 1 % of the packets are lost, 5.1 at 10 % each way, and 10 to 15 at 30 %. The
// default limit of 1h is 3.5 polls at chronyd's default maxpoll of 10, and at maxpoll 17
// one poll takes 36 hours.
const agePolls = 9

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
	least := agePolls * math.Exp2(float64(source.Poll))
	if !th.AgeWarningGiven {
		limits.Warning = withEndAtLeast(limits.Warning, least)
	}
	if !th.AgeCriticalGiven {
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
