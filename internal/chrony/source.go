// SPDX-License-Identifier: MIT

package chrony

import (
	"fmt"
	"math"
	"strings"
)

// Source is one record of the sources report (candm.h RPY_Source_Data,
// "chronyc sources").
type Source struct {
	// Address is that of a server or peer, or "ID#" and a number while its name is not
	// resolved; empty for a reference clock.
	Address string
	// ReferenceID names a reference clock; zero for a server or peer.
	ReferenceID RefID
	Mode        SourceMode
	State       SourceState
	Stratum     uint16
	// Poll is the polling interval, as log2 of seconds.
	Poll int16
	// Reachability is the register of the last eight polls, the newest in bit 0.
	Reachability uint16
	// LastSampleAgo is the age of the last sample in seconds; [NoSample] if none.
	LastSampleAgo uint32
	// LastSampleOffset is the offset that the last sample measured, adjusted for the
	// corrections since then, in seconds. Positive means that the local clock is fast,
	// ahead of the source: the opposite sign of [Tracking].CurrentCorrection.
	LastSampleOffset float64
	// LastSampleError is the error bound of that sample, in seconds.
	LastSampleError float64
}

// NoSample is the LastSampleAgo of a source that has never given a sample.
const NoSample = math.MaxUint32

// SourceMode is the kind of a source (candm.h's RPY_SD_MD_*).
type SourceMode uint16

// The modes, with candm.h's numbers.
const (
	Client SourceMode = iota
	Peer
	ReferenceClock
)

// SourceState is the outcome of chronyd's source selection for one source (candm.h's
// RPY_SD_ST_*).
type SourceState uint16

// The states, with candm.h's numbers. The names follow chronyc's manual: what candm.h
// calls UNSELECTED is combined with the selected source ("+"), and what it calls
// SELECTABLE is not combined ("-").
const (
	Selected SourceState = iota
	NotSelectable
	Falseticker
	Jittery
	Combined
	NotCombined
)

// String returns the state in the words of chronyc's manual.
func (s SourceState) String() string {
	switch s {
	case Selected:
		return "selected"
	case NotSelectable:
		return "not selectable"
	case Falseticker:
		return "falseticker"
	case Jittery:
		return "too variable"
	case Combined:
		return "combined"
	case NotCombined:
		return "not combined"
	}
	return fmt.Sprintf("invalid (%d)", uint16(s))
}

// Name returns the name of the source that an operator knows: its address, or the ID
// of a reference clock.
func (s Source) Name() string {
	if s.Address == "" {
		return s.ReferenceID.Name()
	}
	return s.Address
}

// Resolved reports whether the name of the source was resolved to an address.
func (s Source) Resolved() bool {
	return !strings.HasPrefix(s.Address, "ID#")
}

// Reachable reports whether any of the last eight polls was answered.
func (s Source) Reachable() bool {
	return s.Reachability != 0
}

// Followed reports whether chronyd updates the clock from the source while the selected
// one is reachable: it is reachable, and selected or combined.
func (s Source) Followed() bool {
	return s.Reachable() && (s.State == Selected || s.State == Combined)
}

// UsableSources returns how many sources are usable: those that are [Source.Followed], or
// none if the selected one isn't among them. chronyd updates the clock only when the
// selected source gives a sample, so without it the combined ones are no longer combined,
// whatever their state says.
func UsableSources(sources []Source) int {
	followed, selected := 0, false
	for _, s := range sources {
		if s.Followed() {
			followed++
			selected = selected || s.State == Selected
		}
	}
	if !selected {
		return 0
	}
	return followed
}

// Validate returns an error for values that no chronyd sends. It wraps
// [ErrInvalidReply].
func (s Source) Validate() error {
	for _, f := range []struct {
		name         string
		value, bound uint16
	}{
		{"state", uint16(s.State), uint16(NotCombined)},
		{"mode", uint16(s.Mode), uint16(ReferenceClock)},
		{"stratum", s.Stratum, MaxStratum},
		{"reachability", s.Reachability, 0xff},
	} {
		if f.value > f.bound {
			return fmt.Errorf("%w: source %s %d", ErrInvalidReply, f.name, f.value)
		}
	}
	for _, f := range []float64{s.LastSampleOffset, s.LastSampleError} {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("%w: source sample %g", ErrInvalidReply, f)
		}
	}
	return nil
}
