// SPDX-License-Identifier: MIT

package check

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// Reference is one entry of --expect-reference. At most one of Address, ID and Name is
// set; none means the ID of a reference clock in letters.
type Reference struct {
	// Text is the entry as it was given.
	Text string
	// Address is the address of a server.
	Address netip.Addr
	// ID is a reference ID that was given in hexadecimal.
	ID chrony.RefID
	// Name is a host name, whose addresses decide: see [Readings]. A short one may be the
	// ID of a reference clock as well.
	Name string
}

// Name is the result of looking up a host name.
type Name struct {
	// Addresses is empty if there are none.
	Addresses []netip.Addr
	// Unresolved is true if the lookup failed, so that the addresses aren't known.
	Unresolved bool
}

// matches reports whether the clock follows this reference.
func (r Reference) matches(t chrony.Tracking, names map[string]Name) bool {
	switch {
	case r.ID != 0:
		return r.ID == t.ReferenceID
	case t.Address == "":
		return r.Text == t.Reference()
	case r.Address.IsValid():
		return r.Address.String() == t.Address
	}
	return slices.ContainsFunc(names[r.Name].Addresses, func(a netip.Addr) bool { return a.String() == t.Address })
}

// followsExpected reports whether the clock follows one of the expected references.
func (th Thresholds) followsExpected(t chrony.Tracking, names map[string]Name) bool {
	return slices.ContainsFunc(th.ExpectReference, func(r Reference) bool { return r.matches(t, names) })
}

// NamesToLookUp returns the host names whose addresses decide whether the clock follows an
// expected reference. There are none if it follows another entry, or no server.
func (th Thresholds) NamesToLookUp(t chrony.Tracking) []string {
	if t.Address == "" || th.followsExpected(t, nil) {
		return nil
	}
	var names []string
	for _, r := range th.ExpectReference {
		if r.Name != "" {
			names = append(names, r.Name)
		}
	}
	return names
}

// referenceSubcheck judges what the clock follows.
func referenceSubcheck(r Readings, th Thresholds, grace time.Duration) Subcheck {
	t := r.Tracking
	s := Subcheck{Name: "reference", Value: t.Reference(), Headline: true}
	local := t.ReferenceID == chrony.LocalReferenceID
	if local {
		s.Status = th.LocalReference
		s.Value, s.Notes = "local", []string{"chronyd follows no source"}
		if n := countSources(r.Sources); r.SourcesErr == nil && n.usable == 0 {
			why, notes := noneUsable(r.Report, n)
			if why != "" {
				s.Notes = append(s.Notes, fmt.Sprintf("%d configured: %s", n.all, why))
			}
			s.Notes = append(s.Notes, notes...)
		}
	}
	s.judgeExpected(r, th)
	if local {
		s.applyGrace(grace)
	}
	return s
}

// judgeExpected sets the state of an unexpected reference, and says why none of the
// expected ones is followed.
func (s *Subcheck) judgeExpected(r Readings, th Thresholds) {
	if len(th.ExpectReference) == 0 || th.followsExpected(r.Tracking, r.Names) {
		return
	}
	state := th.UnexpectedReference
	states := plainStates(r.Report)
	var expected []string
	var whys []string // in order, each once
	names := make(map[string][]string)
	for _, e := range th.ExpectReference {
		expected = append(expected, e.Text)
		why := e.whyNotFollowed(r, states)
		if why == notResolved && state != OK {
			state = Unknown // the clock may be following it
		}
		if why != "" && names[why] == nil {
			whys = append(whys, why)
		}
		names[why] = append(names[why], e.Text)
	}
	s.Status = worst(s.Status, state)
	s.Reason = "expected " + threshold.JoinWords(expected, "or", "references")
	inWords := func(why string) string {
		if len(names[why]) > 1 {
			return plural.Replace(why)
		}
		return why
	}
	if len(whys) == 1 && len(names[whys[0]]) == len(expected) {
		s.Reason += ", which " + inWords(whys[0])
		return
	}
	for _, why := range whys {
		s.Notes = append(s.Notes, threshold.JoinWords(names[why], "and", "references")+" "+inWords(why))
	}
}

// notResolved means that the addresses of an expected name aren't known.
const notResolved = "is not resolved"

// plural turns the reason of one reference into that of several.
var plural = strings.NewReplacer("is a falseticker", "are falsetickers", "is ", "are ", "has ", "have ")

// whyNotFollowed returns why the clock doesn't follow this reference, as a predicate: "has
// no samples". It is empty if the reason isn't known. states are those of all sources.
func (r Reference) whyNotFollowed(readings Readings, states []string) string {
	found := readings.Names[r.Name]
	lookedUp := r.Name != "" && readings.Tracking.Address != ""
	switch {
	case !lookedUp:
	case found.Unresolved:
		return notResolved
	case len(found.Addresses) == 0:
		return "is not found"
	}
	if readings.SourcesErr != nil {
		return ""
	}
	for i, s := range readings.Sources {
		if !r.matches(chrony.Tracking{Address: s.Address, ReferenceID: s.ReferenceID}, readings.Names) {
			continue
		}
		switch {
		case s.LastSampleAgo == chrony.NoSample && (s.Reachable() || s.Mode == chrony.ReferenceClock):
			return "has no samples"
		case s.State == chrony.Falseticker:
			return "is a falseticker by " + threshold.Seconds.Text(math.Abs(s.LastSampleOffset))
		default:
			return "is " + states[i]
		}
	}
	switch {
	case len(found.Addresses) > 0:
		var addresses []string
		for _, a := range found.Addresses {
			addresses = append(addresses, a.String())
		}
		return "is " + threshold.JoinWords(addresses, "and", "addresses") + " now"
	case r.Name != "" && !lookedUp, r.ID != 0, r.Text == "local":
		return "" // it may be any of the servers, or no source
	default:
		return "is not among the sources"
	}
}
