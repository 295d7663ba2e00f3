// SPDX-License-Identifier: MIT

// Package native has a [cmdmon.Codec] in pure Go, for hosts without libchrony. It
// accepts and refuses the same datagrams as package libchrony, and reads the same values
// from them. The encoding is done by github.com/facebook/time/ntp/chrony. The checks
// that its client doesn't make are made here: version, type, command, sequence number,
// status and length.
package native

import (
	"encoding/binary"

	wire "github.com/facebook/time/ntp/chrony"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
)

// Codec implements [cmdmon.Codec]. The zero value is ready to use.
type Codec struct{}

// Tracking implements [cmdmon.Codec].
func (Codec) Tracking(ask cmdmon.Ask) (chrony.Tracking, error) {
	reply, fields, err := exchange[*wire.ReplyTracking](ask, question{
		name: "tracking", request: wire.NewTrackingPacket(), reply: wire.RpyTracking, length: headerLength + 76,
	})
	if err != nil {
		return chrony.Tracking{}, err
	}
	// The facebook package loses addresses that aren't IP addresses, and carries
	// nanoseconds beyond a second over to the seconds.
	return chrony.Tracking{
		ReferenceID:          chrony.RefID(reply.RefID),
		Address:              address(fields[4:24]),
		Stratum:              reply.Stratum,
		LeapStatus:           chrony.LeapStatus(reply.LeapStatus),
		ReferenceTime:        chrony.Timestamp(binary.BigEndian.Uint64(fields[28:]), binary.BigEndian.Uint32(fields[36:])),
		CurrentCorrection:    reply.CurrentCorrection,
		LastOffset:           reply.LastOffset,
		RMSOffset:            reply.RMSOffset,
		FrequencyPPM:         reply.FreqPPM,
		ResidualFrequencyPPM: reply.ResidFreqPPM,
		SkewPPM:              reply.SkewPPM,
		RootDelay:            reply.RootDelay,
		RootDispersion:       reply.RootDispersion,
		UpdateInterval:       reply.LastUpdateInterval,
	}, nil
}

// NumberSources implements [cmdmon.Codec].
func (Codec) NumberSources(ask cmdmon.Ask) (uint32, error) {
	reply, _, err := exchange[*wire.ReplySources](ask, question{
		name: "number of sources", request: wire.NewSourcesPacket(), reply: wire.RpyNSources, length: headerLength + 4,
	})
	if err != nil {
		return 0, err
	}
	// NSources is an int, and can be negative where an int has 32 bits.
	return uint32(reply.NSources), nil
}

// Source implements [cmdmon.Codec].
func (Codec) Source(ask cmdmon.Ask, index uint32) (chrony.Source, error) {
	reply, fields, err := exchange[*wire.ReplySourceData](ask, question{
		name: "sources", request: wire.NewSourceDataPacket(int32(index)), reply: wire.RpySourceData, length: headerLength + 48,
	})
	if err != nil {
		return chrony.Source{}, err
	}
	source := chrony.Source{
		Mode:             chrony.SourceMode(reply.Mode),
		State:            chrony.SourceState(reply.State),
		Stratum:          reply.Stratum,
		Poll:             reply.Poll,
		Reachability:     reply.Reachability,
		LastSampleAgo:    reply.SinceSample,
		LastSampleOffset: reply.LatestMeas,
		LastSampleError:  reply.LatestMeasErr,
	}
	// A reference clock has its ID in place of an address.
	if source.Mode == chrony.ReferenceClock {
		source.ReferenceID = chrony.RefID(binary.BigEndian.Uint32(fields))
	} else {
		source.Address = address(fields[:20])
	}
	return source, nil
}
