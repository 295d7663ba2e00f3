// SPDX-License-Identifier: MIT

package check

import (
	"net/netip"
	"slices"

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

// NamesToLookUp returns the host names of which the addresses decide whether the clock
// follows an expected reference. There are none if it follows another entry, or no server.
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
func referenceSubcheck(t chrony.Tracking, names map[string]Name, th Thresholds) Subcheck {
	s := Subcheck{Name: "reference", Value: t.Reference(), Headline: true}
	if t.ReferenceID == chrony.LocalReferenceID {
		s.Status = th.LocalReference
		s.Value, s.Notes = "local", []string{"chronyd follows no source"}
	}
	if len(th.ExpectReference) == 0 || th.followsExpected(t, names) {
		return s
	}
	state := th.UnexpectedReference
	var expected, unresolved, notFound []string
	for _, e := range th.ExpectReference {
		expected = append(expected, e.Text)
		switch found := names[e.Name]; {
		case e.Name == "" || t.Address == "" || len(found.Addresses) > 0:
		case found.Unresolved:
			unresolved = append(unresolved, e.Text)
		default:
			notFound = append(notFound, e.Text)
		}
	}
	if len(unresolved) > 0 {
		s.Notes = append(s.Notes, threshold.JoinWords(unresolved, "and", "names")+" not resolved")
		if state != OK {
			state = Unknown // it may be the one that is followed
		}
	}
	if len(notFound) > 0 {
		s.Notes = append(s.Notes, threshold.JoinWords(notFound, "and", "names")+" not found")
	}
	s.Status = worst(s.Status, state)
	s.Reason = "expected " + threshold.JoinWords(expected, "or", "references")
	return s
}
