// SPDX-License-Identifier: MIT

package check

import (
	"net/netip"
	"slices"

	"check_chrony/internal/chrony"
)

// Reference is one entry of --expect-reference.
type Reference struct {
	// Text is the entry as it was given.
	Text string
	// Addresses holds the address in Text, or those that Text resolves to; empty for a
	// reference ID.
	Addresses []netip.Addr
	// Unresolved is true if Text is a name that could not be looked up.
	Unresolved bool
	// ID is the reference ID if Text is one in hexadecimal; otherwise zero.
	ID chrony.RefID
}

// Matches reports whether the clock follows this reference.
func (r Reference) Matches(t chrony.Tracking) bool {
	if r.ID != 0 && r.ID == t.ReferenceID {
		return true
	}
	if t.Address == "" {
		return r.Text == t.Reference()
	}
	for _, a := range r.Addresses {
		if a.String() == t.Address {
			return true
		}
	}
	return false
}

// referenceSubcheck judges what the clock follows.
func referenceSubcheck(t chrony.Tracking, th Thresholds) Subcheck {
	s := Subcheck{Name: "reference", Value: t.Reference(), Headline: true}
	if t.ReferenceID == chrony.LocalReferenceID {
		s.Status = th.LocalReference
		s.Value = "local (chronyd follows no source)"
	}
	if len(th.ExpectReference) == 0 {
		return s
	}
	if slices.ContainsFunc(th.ExpectReference, func(e Reference) bool { return e.Matches(t) }) {
		return s
	}
	state := th.UnexpectedReference
	var expected []string
	for _, e := range th.ExpectReference {
		text := e.Text
		if e.Unresolved {
			text += " (not resolved)"
			if state != OK {
				state = Unknown // it may be the one that is followed
			}
		}
		expected = append(expected, text)
	}
	s.Status = worst(s.Status, state)
	s.Reason = "expected " + List(expected, "or", "references")
	return s
}
