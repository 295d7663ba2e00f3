// SPDX-License-Identifier: MIT

package chrony

import (
	"errors"
	"fmt"
)

// What chronyd can answer in place of a report, with candm.h's statuses.
// The error of a reading wraps one of these where chronyd did answer.
var (
	// ErrNotAuthorised is STT_UNAUTH: the report is closed to this client.
	ErrNotAuthorised = errors.New("refused by chronyd")
	// ErrDisabled is STT_NOTENABLED: the report is turned off in chronyd.
	ErrDisabled = errors.New("disabled in chronyd")
	// ErrServerTooOld is STT_INVALID: chronyd doesn't know the request.
	ErrServerTooOld = errors.New("chronyd is too old to know it")
	// ErrServerTooNew is STT_BADPKTVERSION, STT_BADPKTLENGTH or a reply of an
	// unknown type.
	ErrServerTooNew = errors.New("chronyd is too new to be understood")
	// ErrUnexpectedStatus is any other status, STT_FAILED for one.
	ErrUnexpectedStatus = errors.New("chronyd answers with a failure")
	// ErrInvalidReply is a reply whose fields are missing, cut short, or hold
	// values that no chronyd sends.
	ErrInvalidReply = errors.New("invalid reply")
)

// Refused reports whether chronyd answered that the report is closed to this client,
// or turned off: [ErrNotAuthorised] or [ErrDisabled].
func Refused(err error) bool {
	return errors.Is(err, ErrNotAuthorised) || errors.Is(err, ErrDisabled)
}

// ErrNoReply says that nothing came in time that answers the question.
var ErrNoReply = errors.New("no reply")

// ProtocolVersion is candm.h's PROTO_VERSION_NUMBER, the one spoken here: that of
// chrony 1.29.1 and newer.
const ProtocolVersion = 6

// VersionError says that nothing came in time but datagrams of another version of
// the protocol. It wraps [ErrNoReply].
type VersionError struct {
	Version byte // theirs
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("chronyd there speaks protocol version %d, this plugin %d", e.Version, ProtocolVersion)
}

func (e *VersionError) Unwrap() error { return ErrNoReply }
