// SPDX-License-Identifier: MIT

// Package cmdmon reads chronyd in pure Go, for machines without libchrony: the
// same reports, by the same decisions, as package libchrony. The encoding is
// that of github.com/facebook/time/ntp/chrony; the socket, the waiting, and the
// checks that its client doesn't make are here. It knows no thresholds and
// resolves no names.
package cmdmon

import (
	"context"
	"encoding/binary"
	"strings"

	wire "github.com/facebook/time/ntp/chrony"

	"check_chrony/internal/chrony"
)

// Read asks the chronyd at address, an IP address with a port ("192.0.2.1:323",
// "[::1]:323") or the path of a Unix socket, for its tracking and sources
// reports. It ends when the context does, which must have a deadline.
//
// The error wraps one of package chrony's where chronyd answered, a
// syscall.Errno where the system said why it didn't, and
// os.ErrDeadlineExceeded where nothing came in time.
func Read(ctx context.Context, address string, trace chrony.Trace) (chrony.Report, error) {
	dial := dialUDP
	if strings.HasPrefix(address, "/") {
		dial = dialUnix
	}
	socket, err := dial(address)
	if err != nil {
		return chrony.Report{}, err
	}
	defer socket.Close()
	return chrony.ReadReport(ctx, &session{socket, trace})
}

// Tracking implements [chrony.Session].
func (s *session) Tracking(ctx context.Context) (chrony.Tracking, error) {
	reply, datagram, err := ask[*wire.ReplyTracking](ctx, s, question{
		name: "tracking", request: wire.NewTrackingPacket(), reply: wire.RpyTracking, length: headerLength + 76,
	})
	if err != nil {
		return chrony.Tracking{}, err
	}
	// The package loses the addresses that are no IP address, and carries
	// nanoseconds beyond a second over to the seconds.
	fields := datagram[headerLength:]
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

// NumberSources implements [chrony.Session].
func (s *session) NumberSources(ctx context.Context) (uint32, error) {
	reply, _, err := ask[*wire.ReplySources](ctx, s, question{
		name: "number of sources", request: wire.NewSourcesPacket(), reply: wire.RpyNSources, length: headerLength + 4,
	})
	if err != nil {
		return 0, err
	}
	// An int, negative where an int has 32 bits.
	return uint32(reply.NSources), nil
}

// Source implements [chrony.Session].
func (s *session) Source(ctx context.Context, index uint32) (chrony.Source, error) {
	reply, datagram, err := ask[*wire.ReplySourceData](ctx, s, question{
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
	fields := datagram[headerLength:]
	if source.Mode == chrony.ReferenceClock {
		source.ReferenceID = chrony.RefID(binary.BigEndian.Uint32(fields))
	} else {
		source.Address = address(fields[:20])
	}
	return source, nil
}
