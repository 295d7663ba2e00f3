// SPDX-License-Identifier: MIT

package native

import (
	"bytes"
	"encoding/binary"
	"fmt"

	wire "github.com/facebook/time/ntp/chrony"

	"check_chrony/internal/chrony"
)

// headerLength is the length of a reply's header in bytes (candm.h CMD_Reply, up to its
// data).
const headerLength = 28

// isReplyTo reports whether a datagram is a reply to the request: in our version of the
// protocol, to the same command, with the same sequence number. chronyd sends nothing
// else, so anything else is ignored and is not an error.
func isReplyTo(datagram, request []byte) bool {
	const (
		version = chrony.ProtocolVersion
		reply   = 2 // candm.h PKT_TYPE_CMD_REPLY
	)
	return len(datagram) >= headerLength &&
		bytes.Equal(datagram[:4], []byte{version, reply, 0, 0}) &&
		bytes.Equal(datagram[4:6], request[4:6]) && // command
		bytes.Equal(datagram[16:20], request[8:12]) // sequence
}

// replyError returns why a reply doesn't hold the answer; nil if it does. It checks in
// libchrony's order: the status, the type of reply, the length. Replies may be longer
// than expected.
func replyError(reply []byte, q question) error {
	// candm.h STT_*
	switch status := binary.BigEndian.Uint16(reply[8:]); status {
	case 0:
	case 2:
		return chrony.ErrNotAuthorised
	case 3:
		return chrony.ErrServerTooOld
	case 6, 13:
		return chrony.ErrDisabled
	case 18, 19:
		return chrony.ErrServerTooNew
	default:
		return chrony.ErrUnexpectedStatus
	}
	if code := binary.BigEndian.Uint16(reply[6:]); wire.ReplyType(code) != q.reply {
		return chrony.ErrServerTooNew
	}
	if len(reply) < q.length {
		return fmt.Errorf("%w: cut short", chrony.ErrInvalidReply)
	}
	return nil
}
