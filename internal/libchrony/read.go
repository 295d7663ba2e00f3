// SPDX-License-Identifier: MIT

package libchrony

/*
#include <stdlib.h>
#include "binding.h"
*/
import "C"

import (
	"context"
	"unsafe"

	"check_chrony/internal/chrony"
)

// Read asks the chronyd at address, an IP address with a port ("192.0.2.1:323",
// "[::1]:323") or the path of a Unix socket, for its tracking and sources
// reports. It ends when the context does, which must have a deadline.
//
// The error wraps one of package chrony's where chronyd answered, a
// syscall.Errno where the system said why it didn't, and
// os.ErrDeadlineExceeded where nothing came in time.
func (*Library) Read(ctx context.Context, address string, trace chrony.Trace) (chrony.Report, error) {
	s, err := open(address, trace)
	if err != nil {
		return chrony.Report{}, err
	}
	defer s.close()
	return chrony.ReadReport(ctx, s)
}

// request asks for a record of a report and returns the reply's fields.
func (s *session) request(ctx context.Context, report string, index uint32) (*record, error) {
	creport := C.CString(report)
	defer C.free(unsafe.Pointer(creport))
	err := s.exchange(ctx, report, func() (C.chrony_err, error) {
		code, errno := C.call_chrony_request_record(s.s, creport, C.int(index))
		return code, errno
	})
	if err != nil {
		return nil, err
	}
	return &record{s: s.s}, nil
}

// Tracking implements [chrony.Session].
func (s *session) Tracking(ctx context.Context) (chrony.Tracking, error) {
	r, err := s.request(ctx, "tracking", 0)
	if err != nil {
		return chrony.Tracking{}, err
	}
	t := chrony.Tracking{
		ReferenceID:          chrony.RefID(r.uint32("reference ID")),
		Address:              r.address("address"),
		Stratum:              r.uint16("stratum"),
		LeapStatus:           chrony.LeapStatus(r.uint16("leap status")),
		ReferenceTime:        r.time("reference time"),
		CurrentCorrection:    r.float("current correction"),
		LastOffset:           r.float("last offset"),
		RMSOffset:            r.float("RMS offset"),
		FrequencyPPM:         r.float("frequency offset"),
		ResidualFrequencyPPM: r.float("residual frequency"),
		SkewPPM:              r.float("skew"),
		RootDelay:            r.float("root delay"),
		RootDispersion:       r.float("root dispersion"),
		UpdateInterval:       r.float("last update interval"),
	}
	return t, r.err
}

// NumberSources implements [chrony.Session].
func (s *session) NumberSources(ctx context.Context) (uint32, error) {
	creport := C.CString("sources")
	defer C.free(unsafe.Pointer(creport))
	err := s.exchange(ctx, "number of sources", func() (C.chrony_err, error) {
		code, errno := C.call_chrony_request_report_number_records(s.s, creport)
		return code, errno
	})
	if err != nil {
		return 0, err
	}
	return uint32(C.call_chrony_get_report_number_records(s.s)), nil
}

// Source implements [chrony.Session].
func (s *session) Source(ctx context.Context, index uint32) (chrony.Source, error) {
	r, err := s.request(ctx, "sources", index)
	if err != nil {
		return chrony.Source{}, err
	}
	source := chrony.Source{
		Mode:             chrony.SourceMode(r.uint16("mode")),
		State:            chrony.SourceState(r.uint16("state")),
		Stratum:          r.uint16("stratum"),
		Poll:             r.int16("poll"),
		Reachability:     r.uint16("reachability"),
		LastSampleAgo:    r.uint32("last sample ago"),
		LastSampleOffset: r.float("adjusted last sample offset"),
		LastSampleError:  r.float("last sample error"),
	}
	// libchrony gives one field these two names, by the source's mode.
	if source.Mode == chrony.ReferenceClock {
		source.ReferenceID = chrony.RefID(r.uint32("reference ID"))
	} else {
		source.Address = r.address("address")
	}
	return source, r.err
}
