// SPDX-License-Identifier: MIT

package native

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"

	wire "github.com/facebook/time/ntp/chrony"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
)

// question is a request and the reply that answers it.
type question struct {
	name    string // in the trace
	request wire.RequestPacket
	reply   wire.ReplyType
	length  int // of the reply's header and fields
}

// exchange asks a question and returns the decoded reply, and the bytes of its fields.
func exchange[R wire.ResponsePacket](ask cmdmon.Ask, q question) (R, []byte, error) {
	var none R
	var sequence [4]byte
	rand.Read(sequence[:])
	c := &connection{ask: ask, question: q}
	client := wire.Client{Connection: c, Sequence: binary.BigEndian.Uint32(sequence[:])}
	packet, err := client.Communicate(q.request)
	if c.err != nil {
		return none, nil, c.err // without the text that the client puts around it
	}
	if err != nil {
		return none, nil, fmt.Errorf("%w: %w", chrony.ErrInvalidReply, err)
	}
	reply, ok := packet.(R)
	if !ok {
		return none, nil, fmt.Errorf("%w: decoded as %T", chrony.ErrInvalidReply, packet)
	}
	return reply, c.reply[headerLength:], nil
}

// connection is what the facebook package's client writes its request to and reads the
// reply from. That client takes the first datagram for the reply, so it only gets one
// that has been checked.
type connection struct {
	ask cmdmon.Ask
	question
	sent  []byte // the request
	reply []byte // the datagram that was accepted
	err   error  // why there is none
}

// Write stores the request. chronyd wants each request to be as long as its reply, to
// prevent amplification attacks. The client pads every request to the length of the
// longest, so Write cuts it.
func (c *connection) Write(request []byte) (int, error) {
	c.sent = slices.Clone(request[:min(len(request), c.length)])
	return len(request), nil
}

// Read asks the question and returns the reply.
func (c *connection) Read(buffer []byte) (int, error) {
	c.err = c.ask(c.name, c.sent, func(datagram []byte) (bool, error) {
		if !isReplyTo(datagram, c.sent) {
			return false, nil
		}
		c.reply = slices.Clone(datagram)
		return true, replyError(datagram, c.question)
	})
	if c.err != nil {
		return 0, c.err
	}
	return copy(buffer, c.reply), nil
}
