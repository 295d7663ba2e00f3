// SPDX-License-Identifier: MIT

package cmdmon

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	wire "github.com/facebook/time/ntp/chrony"

	"check_chrony/internal/chrony"
)

// session is a conversation with one chronyd over a connected socket.
type session struct {
	socket conn
	trace  chrony.Trace
}

// question is a request and the reply that answers it.
type question struct {
	name    string // in the trace
	request wire.RequestPacket
	reply   wire.ReplyType
	length  int // of the reply's header and fields
}

// ask sends a request until a reply to it was accepted, and returns that reply
// and the datagram that it came in.
func ask[R wire.ResponsePacket](ctx context.Context, s *session, q question) (R, []byte, error) {
	start := time.Now()
	deadline, _ := ctx.Deadline()
	for n := 0; ; n++ {
		packet, datagram, err := s.attempt(ctx, q, chrony.WaitUntil(n, start, deadline))
		if errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(deadline) && ctx.Err() == nil {
			continue
		}
		reply, ok := packet.(R)
		if err == nil && !ok {
			err = fmt.Errorf("%w: decoded as %T", chrony.ErrInvalidReply, packet)
		}
		return reply, datagram, err
	}
}

// attempt sends one request and waits for its reply until the given time:
// os.ErrDeadlineExceeded.
func (s *session) attempt(ctx context.Context, q question, until time.Time) (wire.ResponsePacket, []byte, error) {
	var sequence [4]byte
	rand.Read(sequence[:])
	e := &exchange{session: s, question: q, ctx: ctx, until: until}
	client := wire.Client{Connection: e, Sequence: binary.BigEndian.Uint32(sequence[:])}
	packet, err := client.Communicate(q.request)
	if e.err != nil {
		return nil, nil, e.err // without the client's words around it
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", chrony.ErrInvalidReply, err)
	}
	return packet, e.accepted, nil
}
