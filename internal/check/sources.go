// SPDX-License-Identifier: MIT

package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// judgeSources judges how many sources are usable, reachable and falsetickers. chronyd
// itself judges none of this: it reports "leap Normal" and a small offset long after the
// last source is lost.
func judgeSources(r Readings, th Thresholds, grace time.Duration) ([]Subcheck, []Metric) {
	if r.SourcesErr != nil {
		return []Subcheck{unreadSources(r.SourcesErr, th)}, nil
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
		usable.noUsable(r.Sources, n)
		usable.judgeNoSources(r, th, n)
		usable.applyGrace(grace)
	} else {
		usable.Value = fmt.Sprintf("%d usable of %d", n.usable, n.all)
		usable.Notes = []string{fmt.Sprintf("%d reachable", n.reachable), fmt.Sprintf("falsetickers: %d", n.falsetickers)}
	}
	if n.usable == 0 {
		reachable.applyGrace(grace)
	}
	return subchecks, metrics
}

// sourcesFigure returns the figure for a number of sources. Its label is its name.
func sourcesFigure(name string, number int, limits threshold.Limits) figure {
	return figure{name: name, label: name, value: float64(number), limits: limits}
}

// unreadSources returns the subcheck for sources that could not be read. Its state is
// UNKNOWN whatever the tracking report says, since that is the same before and after the
// last source is lost. It is OK only if chronyd was told to refuse the sources and
// nothing would judge them.
func unreadSources(err error, th Thresholds) Subcheck {
	s := sourcesFigure("sources", 0, th.Sources).subcheck() // for the ranges in the table
	s.Value, s.Status, s.Reason = "not read: "+err.Error(), Unknown, ""
	switch {
	case errors.Is(err, chrony.ErrNotAuthorised):
		s.Notes = []string{chrony.OpenCommandsHint("sources")}
	case errors.Is(err, chrony.ErrNoReply), errors.Is(err, chrony.ErrNotAsked):
		s.Notes = []string{"if the path is slow, a longer --timeout helps"}
	}
	if chrony.Refused(err) && !th.judgesSources() {
		s.Status = OK
	}
	return s
}

// sourceCount holds how many sources there are, in all and of each kind.
type sourceCount struct {
	all, usable, reachable, falsetickers, tooVariable int
}

// countSources counts sources by kind. A source is usable if it is reachable and
// selected, or reachable and combined while the selected one is reachable. chronyd
// updates the clock only when the selected source gives a sample, so without it the
// combined ones are no longer combined, whatever their state says.
func countSources(sources []chrony.Source) sourceCount {
	n := sourceCount{all: len(sources)}
	selected, combined := 0, 0
	for _, s := range sources {
		if s.State == chrony.Falseticker {
			n.falsetickers++
		}
		if !s.Reachable() {
			continue
		}
		n.reachable++
		switch s.State {
		case chrony.Selected:
			selected++
		case chrony.Combined:
			combined++
		case chrony.Jittery:
			n.tooVariable++
		}
	}
	if selected > 0 {
		n.usable = selected + combined
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
// Healthy hosts have none now and then. Three LAN servers that disagree by 0.2 ms lose
// their majority until the next sample, and a server that reboots for five minutes is
// unreachable after eight polls, which is two minutes at minpoll 4. The clock is as good
// as before: in ten days with such servers its last update was never more than 848 s
// ago. So having no usable source counts only after NoSourcesAfter without an update.
// It counts at once
//   - while the clock isn't synchronised: there was no update;
//   - if no source is configured: there will be no update;
//   - while a reachable source is too variable (chronyd's maxjitter, 1 s): samples
//     that differ by so much mean that something other than chronyd set the clock.
func (s *Subcheck) judgeNoSources(readings Readings, th Thresholds, n sourceCount) {
	age := readings.age()
	young := th.NoSourcesAfter > 0 && age < th.NoSourcesAfter.Seconds()
	if young && readings.Tracking.Synchronised() && n.all > 0 && n.tooVariable == 0 {
		if th.NoSources != OK && s.Status == OK {
			s.Notes = append(s.Notes, "last update "+threshold.Seconds.Text(max(age, 0))+" ago", "alarm after "+threshold.Seconds.Text(th.NoSourcesAfter.Seconds()))
			s.Headline = true
		}
		return
	}
	s.Status = worst(s.Status, th.NoSources)
}

// noUsable says that no source is usable, and why: "no usable source of 3: 2 unreachable,
// 1 falseticker", or "follows 192.0.2.1, which is unreachable" and the note "3 others
// answer".
func (s *Subcheck) noUsable(sources []chrony.Source, n sourceCount) {
	s.Name = "no usable source"
	if n.all == 0 {
		s.Value, s.Notes = "", []string{"none is configured"}
		return
	}
	if followed, ok := selected(sources); ok && n.reachable > 0 {
		others := slices.DeleteFunc(slices.Clone(sources), func(s chrony.Source) bool {
			return !s.Reachable() || s.State != chrony.Falseticker && s.State != chrony.Jittery
		})
		answer := fmt.Sprintf("%d others answer", n.reachable)
		if n.reachable == 1 {
			answer = "1 other answers"
		}
		if len(others) > 0 {
			answer += ": " + whyUnusable(others, n.reachable)
		}
		s.Name, s.Value, s.Notes = "follows", followed.Name()+", which is unreachable", []string{answer}
		return
	}
	s.Value = fmt.Sprintf("of %d: %s", n.all, whyUnusable(sources, n.all))
}

// whyUnusable returns why sources aren't usable: "2 unreachable, 1 falseticker", or "all
// unreachable" if the reason is the same for as many as of.
func whyUnusable(sources []chrony.Source, of int) string {
	count := make(map[string]int)
	for _, s := range sources {
		count[sourceState(s)]++
	}
	var parts []string
	for _, r := range []string{"unresolved", "unreachable", "falseticker", "too variable", "combined", "not combined", "not selectable"} {
		switch count[r] {
		case 0:
		case of:
			if of == 1 {
				return r
			}
			return "all " + r
		default:
			parts = append(parts, fmt.Sprintf("%d %s", count[r], r))
		}
	}
	return strings.Join(parts, ", ")
}

// sourceState returns why a source isn't usable, given that no other is.
func sourceState(s chrony.Source) string {
	switch {
	case !s.Resolved():
		return "unresolved"
	case !s.Reachable():
		return "unreachable"
	default:
		return s.State.String()
	}
}
