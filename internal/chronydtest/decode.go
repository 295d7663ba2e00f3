// SPDX-License-Identifier: MIT

package chronydtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"

	"check_chrony/internal/chrony"
)

// decodeTracking decodes candm.h's RPY_Tracking: what [Tracking] appends to the header.
func decodeTracking(b []byte) chrony.Tracking {
	at := func(i int) []byte { return b[i-HeaderLength:] }
	float := func(i int) float64 { return decodeFloat(binary.BigEndian.Uint32(at(AtCurrentCorrection + 4*i))) }
	return chrony.Tracking{
		ReferenceID: chrony.RefID(binary.BigEndian.Uint32(at(AtReferenceID))),
		Address:     decodeAddress(at(AtAddress)),
		Stratum:     binary.BigEndian.Uint16(at(AtStratum)),
		LeapStatus:  chrony.LeapStatus(binary.BigEndian.Uint16(at(AtLeapStatus))),
		ReferenceTime: chrony.Timestamp(
			binary.BigEndian.Uint64(at(AtReferenceTime)), binary.BigEndian.Uint32(at(AtReferenceTime+8))),
		CurrentCorrection: float(0), LastOffset: float(1), RMSOffset: float(2),
		FrequencyPPM: float(3), ResidualFrequencyPPM: float(4), SkewPPM: float(5),
		RootDelay: float(6), RootDispersion: float(7), UpdateInterval: float(8),
	}
}

// decodeSource decodes candm.h's RPY_Source_Data: what [Source] appends to the header.
func decodeSource(b []byte) chrony.Source {
	at := func(i int) []byte { return b[i-HeaderLength:] }
	s := chrony.Source{
		Mode:             chrony.SourceMode(binary.BigEndian.Uint16(at(AtMode))),
		State:            chrony.SourceState(binary.BigEndian.Uint16(at(AtState))),
		Stratum:          binary.BigEndian.Uint16(at(AtSourceStratum)),
		Poll:             int16(binary.BigEndian.Uint16(at(AtPoll))),
		Reachability:     binary.BigEndian.Uint16(at(AtReachability)),
		LastSampleAgo:    binary.BigEndian.Uint32(at(AtLastSampleAgo)),
		LastSampleOffset: decodeFloat(binary.BigEndian.Uint32(at(AtLastSampleOffset))),
		LastSampleError:  decodeFloat(binary.BigEndian.Uint32(at(AtLastSampleError))),
	}
	if s.Mode == chrony.ReferenceClock {
		s.ReferenceID = chrony.RefID(binary.BigEndian.Uint32(at(AtSourceAddress)))
	} else {
		s.Address = decodeAddress(at(AtSourceAddress))
	}
	return s
}

// decodeFloat is the reverse of [Float].
func decodeFloat(bits uint32) float64 {
	exponent := int32(bits) >> 25
	coefficient := int32(bits<<7) >> 7
	return math.Ldexp(float64(coefficient), int(exponent)-25)
}

// decodeAddress is the reverse of appendAddress.
func decodeAddress(b []byte) string {
	switch binary.BigEndian.Uint16(b[16:]) {
	case familyIPv4:
		return netip.AddrFrom4([4]byte(b)).String()
	case familyIPv6:
		return netip.AddrFrom16([16]byte(b)).String()
	case familyID:
		return fmt.Sprintf("ID#%010d", binary.BigEndian.Uint32(b))
	default:
		return ""
	}
}
