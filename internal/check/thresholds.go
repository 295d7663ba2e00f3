// SPDX-License-Identifier: MIT

package check

import (
	"net/netip"
	"time"

	"check_chrony/internal/chrony"
)

// Thresholds is what a clock is judged by. A nil range judges nothing, and the
// zero value of the whole judges nothing.
type Thresholds struct {
	// OffsetWarning and OffsetCritical are in seconds and signed: positive is slow.
	OffsetWarning, OffsetCritical *Range
	// StratumWarning and StratumCritical are hops, 1 to 16.
	StratumWarning, StratumCritical *Range
	LeapWarning, LeapCritical       LeapSet
	// AgeWarning and AgeCritical are seconds since the reference time.
	AgeWarning, AgeCritical *Range
	// AgeWarningGiven and AgeCriticalGiven say that the user gave the range, so it
	// is taken literally: it is not raised to nine polling intervals.
	AgeWarningGiven, AgeCriticalGiven bool
	// SourcesWarning and SourcesCritical are numbers of usable sources.
	SourcesWarning, SourcesCritical *Range
	// ReachableWarning and ReachableCritical are numbers of reachable sources.
	ReachableWarning, ReachableCritical *Range
	// FalsetickersWarning and FalsetickersCritical are numbers of falsetickers.
	FalsetickersWarning, FalsetickersCritical *Range
	// These are in seconds.
	MaxErrorWarning, MaxErrorCritical             *Range
	RootDispersionWarning, RootDispersionCritical *Range
	RootDelayWarning, RootDelayCritical           *Range
	// SkewWarning, SkewCritical, FrequencyWarning and FrequencyCritical are in ppm;
	// the frequency is signed: positive is fast.
	SkewWarning, SkewCritical           *Range
	FrequencyWarning, FrequencyCritical *Range
	// These are in seconds; the last offset is signed.
	LastOffsetWarning, LastOffsetCritical *Range
	RMSOffsetWarning, RMSOffsetCritical   *Range

	// NoSources is the state when no source is usable and the clock has gone without
	// an update for NoSourcesAfter; zero is at once.
	NoSources      Status
	NoSourcesAfter time.Duration
	// LocalReference is the state when chronyd serves its own clock ("local") and
	// follows no source.
	LocalReference Status
	// ExpectReference lists the references of which one must be followed;
	// otherwise the state is UnexpectedReference. Empty: any will do.
	ExpectReference     []Reference
	UnexpectedReference Status

	// Grace is the uptime up to which a clock may be unsynchronised and without
	// sources.
	Grace time.Duration
}

// judgeSources reports whether anything here judges the sources report.
func (th Thresholds) judgeSources() bool {
	for _, r := range []*Range{
		th.SourcesWarning, th.SourcesCritical, th.ReachableWarning, th.ReachableCritical,
		th.FalsetickersWarning, th.FalsetickersCritical,
	} {
		if r != nil {
			return true
		}
	}
	return th.NoSources != OK
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

// age is the time since the last update of the clock, in seconds.
func (r Readings) age() float64 {
	age := r.Tracking.Age(r.Now)
	if r.Local {
		age += r.Tracking.CurrentCorrection
	}
	return age
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
