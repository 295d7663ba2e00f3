// SPDX-License-Identifier: MIT

package native

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
)

// question is a request and the reply that answers it.
type question struct {
	name    string // in the trace
	request uint16 // REQ_*
	reply   uint16 // RPY_*
	length  int    // of the reply's fields, in bytes
}

var (
	numberSources = question{"number of sources", 14, 2, 4} // REQ_N_SOURCES, RPY_N_SOURCES
	source        = question{"sources", 15, 3, 48}          // REQ_SOURCE_DATA, RPY_SOURCE_DATA
	tracking      = question{"tracking", 33, 5, 76}         // REQ_TRACKING, RPY_TRACKING
	activity      = question{"activity", 44, 12, 20}        // REQ_ACTIVITY, RPY_ACTIVITY
	selectData    = question{"selectdata", 69, 23, 48}      // REQ_SELECT_DATA, RPY_SELECT_DATA
)

// headerLength is the length of a reply's header in bytes (CMD_Reply, up to its data).
const headerLength = 28

// exchange sends a request and returns the fields of the reply. index is that of a source;
// 0 in other requests.
func exchange(roundTrip cmdmon.RoundTrip, q question, index uint32) (fields, error) {
	// chronyd requires each request (CMD_Request) to be as long as its reply, to prevent
	// amplification attacks.
	request := make([]byte, headerLength+q.length)
	copy(request, []byte{chrony.ProtocolVersion, 1}) // PKT_TYPE_CMD_REQUEST
	binary.BigEndian.PutUint16(request[4:], q.request)
	rand.Read(request[8:12]) // sequence
	binary.BigEndian.PutUint32(request[20:], index)

	var reply []byte
	err := roundTrip(q.name, request, func(datagram []byte) (bool, error) {
		if !isReplyTo(datagram, request) {
			return false, nil
		}
		reply = slices.Clone(datagram)
		return true, replyError(reply, q)
	})
	if err != nil {
		return nil, err
	}
	return reply[headerLength:], nil
}

// isReplyTo reports whether a datagram is a reply to the request: in our version of the
// protocol, to the same command, with the same sequence number. Anything else isn't an
// error, but ignored.
func isReplyTo(datagram, request []byte) bool {
	return len(datagram) >= headerLength &&
		bytes.Equal(datagram[:4], []byte{chrony.ProtocolVersion, 2, 0, 0}) && // PKT_TYPE_CMD_REPLY
		bytes.Equal(datagram[4:6], request[4:6]) && // command
		bytes.Equal(datagram[16:20], request[8:12]) // sequence
}

// replyError returns why a reply doesn't hold the answer; nil if it does. It checks in
// libchrony's order: the status, the type of reply, the length. Replies may be longer
// than expected.
func replyError(reply []byte, q question) error {
	switch binary.BigEndian.Uint16(reply[8:]) {
	case 0: // STT_SUCCESS
	case 2: // STT_UNAUTH
		return chrony.ErrNotAuthorised
	case 3: // STT_INVALID
		return chrony.ErrServerTooOld
	case 6, 13: // STT_NOTENABLED, STT_NORTC
		return chrony.ErrDisabled
	case 18, 19: // STT_BADPKTVERSION, STT_BADPKTLENGTH
		return chrony.ErrServerTooNew
	default:
		return chrony.ErrUnexpectedStatus
	}
	if binary.BigEndian.Uint16(reply[6:]) != q.reply {
		return chrony.ErrServerTooNew
	}
	if len(reply) < headerLength+q.length {
		return fmt.Errorf("%w: truncated", chrony.ErrInvalidReply)
	}
	return nil
}
