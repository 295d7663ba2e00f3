// SPDX-License-Identifier: MIT

// Package native has a [cmdmon.Codec] in pure Go, for hosts without libchrony. It accepts
// and rejects the same datagrams as package libchrony, and reads the same values from them.
// chrony's candm.h and addressing.h describe the protocol; names here are theirs.
package native

import (
	"encoding/binary"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
)

// Codec implements [cmdmon.Codec]. The zero value is ready to use.
type Codec struct{}

// Tracking implements [cmdmon.Codec].
func (Codec) Tracking(roundTrip cmdmon.RoundTrip) (chrony.Tracking, error) {
	f, err := exchange(roundTrip, tracking, 0)
	if err != nil {
		return chrony.Tracking{}, err
	}
	var t chrony.Tracking
	t.ReferenceID = chrony.RefID(f.uint32())
	t.Address = address(f.next(ipAddrLength))
	t.Stratum = f.uint16()
	t.LeapStatus = chrony.LeapStatus(f.uint16())
	t.ReferenceTime = f.time()
	t.CurrentCorrection = f.float()
	t.LastOffset = f.float()
	t.RMSOffset = f.float()
	t.FrequencyPPM = f.float()
	t.ResidualFrequencyPPM = f.float()
	t.SkewPPM = f.float()
	t.RootDelay = f.float()
	t.RootDispersion = f.float()
	t.UpdateInterval = f.float()
	return t, nil
}

// NumberSources implements [cmdmon.Codec].
func (Codec) NumberSources(roundTrip cmdmon.RoundTrip) (uint32, error) {
	f, err := exchange(roundTrip, numberSources, 0)
	if err != nil {
		return 0, err
	}
	return f.uint32(), nil
}

// Source implements [cmdmon.Codec].
func (Codec) Source(roundTrip cmdmon.RoundTrip, index uint32) (chrony.Source, error) {
	f, err := exchange(roundTrip, source, index)
	if err != nil {
		return chrony.Source{}, err
	}
	var s chrony.Source
	ip := f.next(ipAddrLength)
	s.Poll = int16(f.uint16())
	s.Stratum = f.uint16()
	s.State = chrony.SourceState(f.uint16())
	s.Mode = chrony.SourceMode(f.uint16())
	f.next(2) // flags
	s.Reachability = f.uint16()
	s.LastSampleAgo = f.uint32()
	f.next(4) // orig_latest_meas
	s.LastSampleOffset = f.float()
	s.LastSampleError = f.float()
	// A reference clock has its ID in place of an address.
	if s.Mode == chrony.ReferenceClock {
		s.ReferenceID = chrony.RefID(binary.BigEndian.Uint32(ip))
	} else {
		s.Address = address(ip)
	}
	return s, nil
}

// Activity implements [cmdmon.Codec].
func (Codec) Activity(roundTrip cmdmon.RoundTrip) (chrony.Activity, error) {
	f, err := exchange(roundTrip, activity, 0)
	if err != nil {
		return chrony.Activity{}, err
	}
	f.next(4) // online
	return chrony.Activity{Offline: f.uint32()}, nil
}

// SelectData implements [cmdmon.Codec].
func (Codec) SelectData(roundTrip cmdmon.RoundTrip, index uint32) (chrony.SelectData, error) {
	f, err := exchange(roundTrip, selectData, index)
	if err != nil {
		return chrony.SelectData{}, err
	}
	var d chrony.SelectData
	d.ReferenceID = chrony.RefID(f.uint32())
	d.Address = address(f.next(ipAddrLength))
	f.next(1) // state_char
	d.Authentication = f.uint8()
	return d, nil
}
