// SPDX-License-Identifier: MIT

//go:build linux

package libchrony

/*
#include <stdlib.h>
#include "binding.h"
*/
import "C"

import (
	"cmp"
	"errors"
	"fmt"
	"unsafe"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
)

// Tracking implements [cmdmon.Codec].
func (c *Codec) Tracking(roundTrip cmdmon.RoundTrip) (chrony.Tracking, error) {
	r, err := c.record(roundTrip, "tracking", 0)
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

// NumberSources implements [cmdmon.Codec].
func (c *Codec) NumberSources(roundTrip cmdmon.RoundTrip) (uint32, error) {
	report := C.CString("sources")
	defer C.free(unsafe.Pointer(report))
	code := C.call_chrony_request_report_number_records(c.session, report)
	if err := c.exchange(roundTrip, "number of sources", code); err != nil {
		return 0, err
	}
	return uint32(C.call_chrony_get_report_number_records(c.session)), nil
}

// Source implements [cmdmon.Codec].
func (c *Codec) Source(roundTrip cmdmon.RoundTrip, index uint32) (chrony.Source, error) {
	r, err := c.record(roundTrip, "sources", index)
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
	// The name of this field in libchrony depends on the source's mode. For an unknown
	// mode there is no such field; the mode is then reported as invalid.
	switch source.Mode {
	case chrony.ReferenceClock:
		source.ReferenceID = chrony.RefID(r.uint32("reference ID"))
	case chrony.Client, chrony.Peer:
		source.Address = r.address("address")
	}
	return source, r.err
}

// Activity implements [cmdmon.Codec].
func (c *Codec) Activity(roundTrip cmdmon.RoundTrip) (chrony.Activity, error) {
	r, err := c.record(roundTrip, "activity", 0)
	if err != nil {
		return chrony.Activity{}, err
	}
	a := chrony.Activity{Offline: r.uint32("offline sources")}
	return a, r.err
}

// SelectData implements [cmdmon.Codec].
func (c *Codec) SelectData(roundTrip cmdmon.RoundTrip, index uint32) (chrony.SelectData, error) {
	r, err := c.record(roundTrip, "selectdata", index)
	if err != nil {
		return chrony.SelectData{}, err
	}
	d := chrony.SelectData{
		ReferenceID:    chrony.RefID(r.uint32("reference ID")),
		Address:        r.address("address"),
		Authentication: r.uint8("authentication"),
	}
	return d, r.err
}

// record requests a record of a report and returns the reply's fields.
func (c *Codec) record(roundTrip cmdmon.RoundTrip, report string, index uint32) (*record, error) {
	creport := C.CString(report)
	defer C.free(unsafe.Pointer(creport))
	code := C.call_chrony_request_record(c.session, creport, C.int(index))
	if err := c.exchange(roundTrip, report, code); err != nil {
		return nil, err
	}
	return &record{session: c.session}, nil
}

// exchange passes libchrony's request to roundTrip, and the datagrams to libchrony until
// it has accepted the reply. code is libchrony's result of making the request; name
// identifies the request in the trace.
func (c *Codec) exchange(roundTrip cmdmon.RoundTrip, name string, code C.chrony_err) error {
	if code != C.CHRONY_OK {
		return replyError(code)
	}
	request, err := c.loopback.sent()
	if err != nil {
		return err
	}
	return roundTrip(name, request, c.accept)
}

// accept hands a datagram to libchrony and reports whether it was the reply.
func (c *Codec) accept(datagram []byte) (bool, error) {
	if err := c.loopback.deliver(datagram); err != nil {
		return false, err
	}
	if code := C.call_chrony_process_response(c.session); code != C.CHRONY_OK {
		return false, replyError(code)
	}
	if !bool(C.call_chrony_needs_response(c.session)) {
		return true, nil
	}
	// Some reports, such as ntpdata, take two requests, but none that we read does.
	if request, err := c.loopback.sent(); request != nil || err != nil {
		return false, cmp.Or(err, errSecondRequest)
	}
	return false, nil
}

var errSecondRequest = errors.New("libchrony sent a second request for the report" + hint)

// replyError translates libchrony's error code.
func replyError(code C.chrony_err) error {
	switch code {
	case C.CHRONY_UNAUTHORIZED:
		return chrony.ErrNotAuthorised
	case C.CHRONY_DISABLED:
		return chrony.ErrDisabled
	case C.CHRONY_OLD_SERVER:
		return chrony.ErrServerTooOld
	case C.CHRONY_NEW_SERVER:
		return chrony.ErrServerTooNew
	case C.CHRONY_UNEXPECTED_STATUS:
		return chrony.ErrUnexpectedStatus
	case C.CHRONY_INVALID_RESPONSE:
		return fmt.Errorf("%w: truncated", chrony.ErrInvalidReply)
	default:
		return fmt.Errorf("libchrony: %s", errorText(code))
	}
}
