// SPDX-License-Identifier: MIT

package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"check_chrony/internal/chrony"
)

// LeapSet is a set of leap statuses.
type LeapSet uint

// NewLeapSet returns the set of the given statuses.
func NewLeapSet(statuses ...chrony.LeapStatus) LeapSet {
	var set LeapSet
	for _, s := range statuses {
		set |= 1 << s
	}
	return set
}

// Has reports whether the set holds status.
func (s LeapSet) Has(status chrony.LeapStatus) bool {
	return s>>status&1 == 1
}

// leapNames are the command line's words for the leap statuses, in order.
var leapNames = [...]string{"normal", "insert", "delete", "unsynchronised"}

// UnmarshalText parses "none" or a list of statuses, separated by commas: normal,
// insert, delete, unsynchronised (or unsynchronized).
func (s *LeapSet) UnmarshalText(text []byte) error {
	*s = 0
	if string(text) == "none" {
		return nil
	}
	if len(text) == 0 {
		return errors.New("must not be empty")
	}
	for word := range strings.SplitSeq(string(text), ",") {
		if word == "unsynchronized" {
			word = "unsynchronised"
		}
		status := slices.Index(leapNames[:], word)
		if status < 0 {
			return fmt.Errorf("%+q is not a leap status (want normal, insert, delete, unsynchronised, or none)", word)
		}
		*s |= 1 << status
	}
	return nil
}

// String returns the set as the command line spells it.
func (s LeapSet) String() string {
	var names []string
	for status, name := range leapNames {
		if s.Has(chrony.LeapStatus(status)) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ",")
}

// leapSubcheck judges the leap status.
func leapSubcheck(leap chrony.LeapStatus, th Thresholds, grace time.Duration) Subcheck {
	s := Subcheck{
		Name: "leap", Value: strings.ToLower(leap.String()), Headline: true,
		Warning: th.LeapWarning.String(), Critical: th.LeapCritical.String(),
	}
	switch {
	case th.LeapCritical.Has(leap):
		s.Status = Critical
	case th.LeapWarning.Has(leap):
		s.Status = Warning
	}
	if leap == chrony.LeapNotSynchronised {
		s.Name, s.Value = "clock", "not synchronised"
		s.applyGrace(grace)
	}
	return s
}
