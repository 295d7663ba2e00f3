// SPDX-License-Identifier: MIT

package chrony

import "errors"

// What chronyd can answer in place of a report, with candm.h's statuses.
// A reader's errors wrap one of these where chronyd did answer.
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
