// SPDX-License-Identifier: MIT

package check

import (
	"fmt"
	"slices"
	"strings"

	"check_chrony/internal/chrony"
)

// Why a source isn't usable, given that none is. docs/alarms.md explains them.
const (
	offline       = "offline"
	unresolved    = "unresolved"
	unreachable   = "unreachable"
	waiting       = "waiting for others"
	notSelectable = "not selectable"
	falseticker   = "falseticker"
	tooVariable   = "too variable"
)

// whys lists the reasons in the order of the first line. The last two are for sources that
// aren't usable because the selected one is unreachable.
var whys = [...]string{offline, unresolved, unreachable, falseticker, tooVariable, notSelectable, waiting, "combined", "not combined"}

// SourceStates returns for each source why it isn't usable, or its state. The selected
// source has both if it is unreachable.
func SourceStates(r chrony.Report) []string {
	states := plainStates(r)
	for i, s := range r.Sources {
		if s.State == chrony.Selected && !s.Reachable() {
			states[i] = s.State.String() + ", " + states[i]
		}
	}
	return states
}

// plainStates is like SourceStates, but has one word for the selected source, too.
func plainStates(r chrony.Report) []string {
	_, followed := selected(r.Sources)
	silent := unreachable
	if countSilent(r.Sources) == countOffline(r) {
		silent = offline
	}
	var states []string
	for _, s := range r.Sources {
		state := s.State.String()
		switch {
		case !s.Resolved():
			state = unresolved
		case !s.Reachable() && s.Mode == chrony.ReferenceClock:
			state = unreachable
		case !s.Reachable():
			state = silent
		case !followed && (s.State == chrony.NotCombined || s.State == chrony.Combined):
			state = waiting
		}
		states = append(states, state)
	}
	return states
}

// countSilent returns how many servers and peers are unreachable.
func countSilent(sources []chrony.Source) int {
	n := 0
	for _, s := range sources {
		if s.Resolved() && !s.Reachable() && s.Mode != chrony.ReferenceClock {
			n++
		}
	}
	return n
}

// countOffline returns how many of the unreachable servers and peers are offline; 0 if
// that isn't known. The activity report doesn't say which they are. If sources have just
// gone offline, it may count more than the sources report shows as unreachable.
func countOffline(r chrony.Report) int {
	if r.Activity == nil || r.Activity.Offline > uint32(countSilent(r.Sources)) {
		return 0
	}
	return int(r.Activity.Offline)
}

// noUsable says that no source is usable, and why: "no usable source of 3: 2 unreachable,
// 1 falseticker", or "selected source 192.0.2.1 is unreachable" and the note "3 others
// reachable".
func (s *Subcheck) noUsable(r chrony.Report, n sourceCount) {
	s.Name, s.Value = "no usable source", ""
	if followed, ok := selected(r.Sources); ok && n.reachable > 0 {
		state := plainStates(r)[slices.Index(r.Sources, followed)]
		s.Name, s.Value = "selected source", followed.Name()+" is "+state
		s.Notes = []string{othersReachable(r.Sources, n.reachable)}
		return
	}
	why, notes := noneUsable(r, n)
	if why != "" {
		s.Value = fmt.Sprintf("of %d: %s", n.all, why)
	}
	s.Notes = notes
}

// noneUsable returns why no source is usable, and notes.
func noneUsable(r chrony.Report, n sourceCount) (string, []string) {
	switch {
	case n.all+n.unresolved == 0:
		return "", []string{"none is configured"}
	case n.all == 0:
		return "", []string{"all " + unresolved}
	}
	count := make(map[string]int)
	drivers := false
	for i, state := range plainStates(r) {
		if s := r.Sources[i]; s.Resolved() {
			count[state]++
			drivers = drivers || strings.HasPrefix(s.Address, "127.127.")
		}
	}
	if off := countOffline(r); count[offline] == 0 {
		count[offline], count[unreachable] = off, count[unreachable]-off
	}
	var notes []string
	if n.unresolved > 0 {
		notes = append(notes, fmt.Sprintf("%d more %s", n.unresolved, unresolved))
	}
	if drivers {
		notes = append(notes, `127.127.x.y is a driver of ntpd: chronyd needs "refclock"`)
	}
	return whyUnusable(count, n.all), notes
}

// othersReachable says how many sources are reachable, and how many of them chronyd can't
// select, by reason.
func othersReachable(sources []chrony.Source, reachable int) string {
	text := fmt.Sprintf("%d others reachable", reachable)
	if reachable == 1 {
		text = "1 other reachable"
	}
	count := make(map[string]int)
	for _, s := range sources {
		if s.Reachable() && (s.State == chrony.Falseticker || s.State == chrony.Jittery || s.State == chrony.NotSelectable) {
			count[s.State.String()]++
		}
	}
	if len(count) > 0 {
		text += ": " + whyUnusable(count, reachable)
	}
	return text
}

// whyUnusable returns the text for numbers of sources by reason: "2 unreachable, 1
// falseticker", or "all unreachable" if there are as many as of for the same reason.
func whyUnusable(count map[string]int, of int) string {
	var parts []string
	for _, why := range whys {
		n := count[why]
		if why == falseticker && n > 1 {
			why += "s"
		}
		switch {
		case n == 0:
		case n == of && n == 1:
			return why
		case n == of:
			return "all " + why
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, why))
		}
	}
	return strings.Join(parts, ", ")
}
