// SPDX-License-Identifier: MIT

package check

import (
	"fmt"
	"strings"
	"time"

	"check_chrony/internal/chrony"
)

// judgeSources judges how many sources the clock follows. chronyd doesn't: it
// reports "leap Normal" and a small offset long after the last source is lost.
func (r *Result) judgeSources(report chrony.Report, th Thresholds, grace time.Duration) {
	s := Subcheck{Name: "sources"}
	if report.SourcesErr != nil {
		s.Value = "not read: " + report.SourcesErr.Error()
		if th.SourcesWarning != nil || th.SourcesCritical != nil {
			s.judge(0, Count, Limits{th.SourcesWarning, th.SourcesCritical})
			s.Status, s.Reason = Unknown, ""
		}
		r.add(s)
		return
	}

	usable, reachable, falsetickers := 0, 0, 0
	for _, source := range report.Sources {
		if source.Usable() {
			usable++
		}
		if source.Reachable() {
			reachable++
		}
		if source.State == chrony.Falseticker {
			falsetickers++
		}
	}
	s.Value = fmt.Sprintf("%d usable of %d (%d reachable, falsetickers: %d)", usable, len(report.Sources), reachable, falsetickers)
	s.judge(float64(usable), Count, Limits{th.SourcesWarning, th.SourcesCritical})
	// In local mode nothing is expected to be followed: --local-reference decides.
	local := report.Tracking.ReferenceID == chrony.LocalReferenceID
	if usable == 0 && !local {
		s.Name, s.Value = "no usable source", noUsable(report.Sources)
		s.Status = worst(s.Status, th.NoSources)
		s.excuse(grace)
	}
	r.add(s)
	r.measure(Metric{Label: "sources", Value: float64(usable), Limits: Limits{th.SourcesWarning, th.SourcesCritical}})
}

// noUsable says why none of the sources is usable: "of 3: all unreachable", or
// "of 3: 2 unreachable, 1 falseticker".
func noUsable(sources []chrony.Source) string {
	if len(sources) == 0 {
		return "(none is configured)"
	}
	reasons := []string{"unresolved", "unreachable", "falseticker", "too variable", "not combined", "not selectable"}
	count := make(map[string]int)
	for _, s := range sources {
		switch {
		case !s.Resolved():
			count["unresolved"]++
		case !s.Reachable():
			count["unreachable"]++
		default:
			count[s.State.String()]++
		}
	}
	if len(sources) == 1 {
		for reason := range count {
			return "of 1: " + reason
		}
	}
	var parts []string
	for _, reason := range reasons {
		switch count[reason] {
		case 0:
		case len(sources):
			parts = append(parts, "all "+reason)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", count[reason], reason))
		}
	}
	return fmt.Sprintf("of %d: %s", len(sources), strings.Join(parts, ", "))
}
