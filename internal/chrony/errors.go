// SPDX-License-Identifier: MIT

package chrony

import (
	"errors"
	"fmt"
)

// What chronyd can answer instead of a report, with candm.h's statuses. If chronyd did
// answer, the error of a reading wraps one of these.
var (
	// ErrNotAuthorised is STT_UNAUTH: the report is closed to this client.
	ErrNotAuthorised = errors.New("refused by chronyd")
	// ErrDisabled is STT_NOTENABLED: the report is turned off in chronyd.
	ErrDisabled = errors.New("disabled in chronyd")
	// ErrServerTooOld is STT_INVALID: chronyd doesn't know the request.
	ErrServerTooOld = errors.New("chronyd is too old for this request")
	// ErrServerTooNew is STT_BADPKTVERSION, STT_BADPKTLENGTH or a reply of an
	// unknown type.
	ErrServerTooNew = errors.New("chronyd is too new for this plugin")
	// ErrUnexpectedStatus is any other status, such as STT_FAILED.
	ErrUnexpectedStatus = errors.New("chronyd returned an error")
	// ErrInvalidReply is a reply that is truncated or holds values that no chronyd sends.
	ErrInvalidReply = errors.New("invalid reply")
)

// Refused reports whether chronyd refused the report, because it is closed to this
// client or turned off: err wraps [ErrNotAuthorised] or [ErrDisabled].
func Refused(err error) bool {
	return errors.Is(err, ErrNotAuthorised) || errors.Is(err, ErrDisabled)
}

// OpenCommandsHint says how to get a report that chronyd refuses to its UDP clients
// (chrony.conf: opencommands, chrony 4.7 and newer). Older versions also refuse selectdata,
// but don't have this directive.
func OpenCommandsHint(report string) string {
	file := "chrony.conf"
	if report == "selectdata" {
		file += " from chrony 4.7 on"
	}
	return `add "` + report + `" to "opencommands" in ` + file + `, or use the Unix socket`
}

// ErrNotAsked means that the deadline passed before a request could be sent, so it says
// nothing about chronyd.
var ErrNotAsked = errors.New("timed out before the request could be sent")

// ErrNoReply means that no reply arrived in time.
var ErrNoReply = errors.New("no reply")

// ProtocolVersion is the protocol version that the plugin speaks: candm.h's
// PROTO_VERSION_NUMBER in chrony 1.29.1 and newer.
const ProtocolVersion = 6

// VersionError means that the only replies in time were in another version of the
// protocol. It wraps [ErrNoReply].
type VersionError struct {
	Version byte // of the datagrams
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("chronyd speaks protocol version %d, but this plugin needs %d", e.Version, ProtocolVersion)
}

func (e *VersionError) Unwrap() error { return ErrNoReply }
