// SPDX-License-Identifier: MIT

package check

import (
	"net/netip"
	"time"

	"check_chrony/internal/chrony"
)

// Thresholds is what a clock is judged by. The zero value judges nothing.
type Thresholds struct {
	Offset         Limits // seconds, signed: positive is slow
	Stratum        Limits
	Age            Limits // seconds
	Sources        Limits // number of usable sources
	MaxError       Limits // seconds
	RootDispersion Limits // seconds
	RootDelay      Limits // seconds
	Skew           Limits // ppm
	Frequency      Limits // ppm, signed: positive is fast
	LastOffset     Limits // seconds, signed
	RMSOffset      Limits // seconds

	LeapWarning, LeapCritical LeapSet

	// NoSources is the state when no source is usable.
	NoSources Status
	// LocalReference is the state when the clock follows chronyd's own local
	// reference, which is to say nothing.
	LocalReference Status
	// ExpectReference lists the references of which one must be followed;
	// otherwise the state is UnexpectedReference. Empty: any will do.
	ExpectReference     []Reference
	UnexpectedReference Status

	// Grace is the uptime up to which a clock may be unsynchronised and without
	// sources.
	Grace time.Duration
}

// Readings is what is judged: chronyd's report and when it was taken.
type Readings struct {
	chrony.Report
	Now time.Time
	// Local tells that Now was read from the clock that is judged. chronyd stamps
	// the reference time with that clock as corrected; on another host the clock
	// of the check is taken for right.
	Local bool
	// Uptime of the host that chronyd runs on; zero where it isn't known.
	Uptime time.Duration
}

// Reference is one entry of --expect-reference.
type Reference struct {
	// Text is the entry as it was given.
	Text string
	// Addresses is what Text says or resolves to; empty for a reference ID.
	Addresses []netip.Addr
	// ID is the reference ID that Text says in hexadecimal; zero if it doesn't.
	ID chrony.RefID
}

// Matches tells whether the clock follows this reference.
func (r Reference) Matches(t chrony.Tracking) bool {
	if r.ID != 0 && r.ID == t.ReferenceID {
		return true
	}
	if t.Address == "" {
		return r.Text == t.ReferenceID.Name()
	}
	for _, a := range r.Addresses {
		if a.String() == t.Address {
			return true
		}
	}
	return false
}
