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

// addSources judges how many sources are usable, reachable and falsetickers. chronyd
// itself judges none of this: it reports "leap Normal" and a small offset long after the
// last source is lost.
func (r *Result) addSources(readings Readings, th Thresholds, grace time.Duration) {
	if readings.SourcesErr != nil {
		r.add(unreadSources(readings.SourcesErr, th))
		return
	}
	n := countSources(readings.Sources)

	usable := sourcesFigure("sources", n.usable, th.Sources)
	s := usable.subcheck(fmt.Sprintf("%d usable of %d (%d reachable, falsetickers: %d)", n.usable, n.all, n.reachable, n.falsetickers))
	// In local mode chronyd need not follow a source: --local-reference decides.
	if n.usable == 0 && readings.Tracking.ReferenceID != chrony.LocalReferenceID {
		s.Name, s.Value = noUsable(readings.Sources, n)
		s.judgeNoSources(readings, th, n)
		s.applyGrace(grace)
	}
	r.add(s)
	r.addMetric(usable.metric())

	reachable := sourcesFigure("reachable", n.reachable, th.Reachable)
	s = reachable.subcheck(fmt.Sprintf("%d of %d", n.reachable, n.all))
	if n.usable == 0 {
		s.applyGrace(grace)
	}
	r.add(s)
	r.addMetric(reachable.metric())

	falsetickers := sourcesFigure("falsetickers", n.falsetickers, th.Falsetickers)
	r.add(falsetickers.subcheck(fmt.Sprintf("%d of %d", n.falsetickers, n.all)))
	r.addMetric(falsetickers.metric())
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
	s := sourcesFigure("sources", 0, th.Sources).subcheck("not read: " + err.Error())
	s.Status, s.Reason = Unknown, "" // the ranges are only for the table
	switch {
	case errors.Is(err, chrony.ErrNotAuthorised):
		s.Value += " (" + chrony.OpenCommandsHint("sources") + ")"
	case errors.Is(err, chrony.ErrNoReply), errors.Is(err, chrony.ErrNotAsked):
		s.Value += " (if the path is slow, a longer --timeout helps)"
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
			s.Value += fmt.Sprintf(" (last update %s ago, alarm after %s)", threshold.Seconds.Text(max(age, 0)), threshold.Seconds.Text(th.NoSourcesAfter.Seconds()))
			s.Headline = true
		}
		return
	}
	s.Status = worst(s.Status, th.NoSources)
}

// noUsable returns the name and value that say that no source is usable, and why: "no
// usable source" and "of 3: 2 unreachable, 1 falseticker", or "follows" and "192.0.2.1,
// which is unreachable (3 others answer)".
func noUsable(sources []chrony.Source, n sourceCount) (name, value string) {
	const none = "no usable source"
	if n.all == 0 {
		return none, "(none is configured)"
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
		return "follows", fmt.Sprintf("%s, which is unreachable (%s)", followed.Name(), answer)
	}
	return none, fmt.Sprintf("of %d: %s", n.all, whyUnusable(sources, n.all))
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
