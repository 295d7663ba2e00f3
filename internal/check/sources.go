// SPDX-License-Identifier: MIT

package check

import (
	"errors"
	"fmt"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// judgeSources judges how many sources are usable, reachable and falsetickers. chronyd
// itself judges none of this: it reports "leap Normal" and a small offset long after the
// last source is lost.
func judgeSources(r Readings, th Thresholds, grace time.Duration) ([]Subcheck, []Metric) {
	if r.SourcesErr != nil {
		s := unread("sources", "sources", th.Sources, r.SourcesErr, r.SameClock)
		if chrony.Refused(r.SourcesErr) && !th.judgesSources() {
			s.Status = OK // chronyd is configured to refuse them, and no threshold needs them
		}
		return []Subcheck{s}, nil
	}
	n := countSources(r.Sources)
	numbers := []figure{
		sourcesFigure("sources", n.usable, th.Sources),
		sourcesFigure("reachable", n.reachable, th.Reachable),
		sourcesFigure("falsetickers", n.falsetickers, th.Falsetickers),
	}
	var subchecks []Subcheck
	var metrics []Metric
	for _, f := range numbers {
		s := f.subcheck()
		s.Value += fmt.Sprintf(" of %d", n.all)
		subchecks, metrics = append(subchecks, s), append(metrics, f.metric())
	}

	usable, reachable := &subchecks[0], &subchecks[1]
	// In local mode chronyd need not follow a source: --local-reference decides.
	if n.usable == 0 && r.Tracking.ReferenceID != chrony.LocalReferenceID {
		usable.noUsable(r.Report, n)
		usable.judgeNoSources(r, th, n)
	} else {
		usable.Value = fmt.Sprintf("%d usable of %d", n.usable, n.all)
		usable.Notes = []string{fmt.Sprintf("%d reachable", n.reachable), fmt.Sprintf("falsetickers: %d", n.falsetickers)}
		if n.unresolved > 0 {
			usable.Notes = append(usable.Notes, fmt.Sprintf("%d unresolved", n.unresolved))
		}
	}
	if n.usable == 0 {
		usable.applyGrace(grace)
		reachable.applyGrace(grace)
	}
	return subchecks, metrics
}

// sourcesFigure returns the figure for a number of sources. Its label is its name.
func sourcesFigure(name string, number int, limits threshold.Limits) figure {
	return figure{name: name, label: name, value: float64(number), limits: limits}
}

// unread returns the subcheck for a report that could not be read, with a hint. It is
// UNKNOWN, whatever the tracking report says: that doesn't change when the last source is
// lost.
func unread(name, report string, limits threshold.Limits, err error, sameClock bool) Subcheck {
	s := sourcesFigure(name, 0, limits).subcheck() // for the ranges in the table
	s.Value, s.Status, s.Reason = "not read: "+err.Error(), Unknown, ""
	switch {
	case errors.Is(err, chrony.ErrNotAuthorised):
		s.Notes = []string{chrony.OpenCommandsHint(report)}
	case errors.Is(err, chrony.ErrServerTooOld) && report == "selectdata":
		s.Notes = []string{"chrony 4.0 or newer has the selectdata report"}
	case errors.Is(err, chrony.ErrNoReply) && !sameClock: // chronyd doesn't limit its own host
		s.Notes = []string{`does "cmdratelimit" limit this host? if the path is slow, a longer --timeout helps`}
	case errors.Is(err, chrony.ErrNoReply), errors.Is(err, chrony.ErrNotAsked):
		s.Notes = []string{"if the path is slow, a longer --timeout helps"}
	}
	return s
}

// sourceCount holds the number of sources, in all and of each kind. Unresolved ones aren't
// counted in all: a pool reserves more of them than it will ever use.
type sourceCount struct {
	all, unresolved, usable, reachable, falsetickers, tooVariable int
}

// countSources counts sources by kind.
func countSources(sources []chrony.Source) sourceCount {
	n := sourceCount{usable: chrony.UsableSources(sources)}
	for _, s := range sources {
		if !s.Resolved() {
			n.unresolved++
			continue
		}
		n.all++
		if s.State == chrony.Falseticker {
			n.falsetickers++
		}
		if s.Reachable() {
			n.reachable++
			if s.State == chrony.Jittery {
				n.tooVariable++
			}
		}
	}
	return n
}

// selected returns the source that chronyd follows.
func selected(sources []chrony.Source) (chrony.Source, bool) {
	for _, s := range sources {
		if s.State == chrony.Selected {
			return s, true
		}
	}
	return chrony.Source{}, false
}

// judgeNoSources sets the state of a clock that has no usable source.
//
// Healthy hosts lose all usable sources now and then, for minutes, and their clock stays
// as good as before. So this alerts only after NoSourcesAfter without an update:
// docs/detection.md has the measurements. It alerts at once
//   - while the clock isn't synchronised: there was no update;
//   - if no source is configured: there will be no update;
//   - while a reachable source is too variable (chronyd's maxjitter, 1 s): something
//     other than chronyd has set the clock.
func (s *Subcheck) judgeNoSources(readings Readings, th Thresholds, n sourceCount) {
	age := readings.age()
	young := th.NoSourcesAfter > 0 && age < th.NoSourcesAfter.Seconds()
	if young && readings.Tracking.Synchronised() && n.all+n.unresolved > 0 && n.tooVariable == 0 {
		if th.NoSources != OK && s.Status == OK {
			s.Notes = append(s.Notes, "last update "+threshold.Seconds.Text(max(age, 0))+" ago", "alarm after "+threshold.Seconds.Text(th.NoSourcesAfter.Seconds()))
			s.Headline = true
		}
		return
	}
	s.Status = worst(s.Status, th.NoSources)
}
