// SPDX-License-Identifier: MIT

package cmdmon

import (
	"cmp"
	"errors"
	"syscall"
	"time"

	"check_chrony/internal/chrony"
)

// pollInterval is how long a conversation blocks before it checks for a signal.
const pollInterval = 50 * time.Millisecond

// maxDatagram is how many bytes of a datagram are read: more than any reply has. The rest
// is dropped, as in libchrony and chronyc.
const maxDatagram = 2048

// maxLate is how many datagrams are read after the deadline, without waiting.
const maxLate = 256

// conn is a connected datagram socket. Tests can replace it.
type conn interface {
	// send sends a datagram without blocking. The error is EAGAIN if the queue is full.
	send(request []byte) error
	// receive waits for a datagram for at most the given time. It doesn't wait if that is
	// zero or less. The error is EAGAIN if none arrived.
	receive(buffer []byte, atMost time.Duration) (int, error)
}

// conversation is a series of requests to one chronyd.
type conversation struct {
	conn  conn
	limit Limit
	trace Trace
	start time.Time

	// version is the protocol version of datagrams in another version than ours; 0 if
	// there were none.
	version byte
	// interrupted is the error of a conversation that a signal ended.
	interrupted error

	buffer [maxDatagram]byte
}

// roundTrip is a [RoundTrip]. It resends the same bytes after a pause that doubles each
// time. A reply to any of them counts, however late it arrives.
//
// The first pause is a 255th of the time left, so that a request without a reply is sent
// eight times. On a path that is slow and also loses datagrams, there is no time to wait
// for a reply before each resend.
func (c *conversation) roundTrip(name string, request []byte, accept func([]byte) (bool, error)) error {
	if err := c.ended(); err != nil {
		return err
	}
	start := time.Now()
	pause := c.limit.Deadline.Sub(start) / 255
	resend := start
	for now := start; now.Before(c.limit.Deadline); now = time.Now() {
		if !now.Before(resend) {
			if err := c.send(name, request); err != nil {
				return err
			}
			resend = now.Add(pause)
			pause *= 2
		}
		accepted, err := c.receive(name, accept, resend.Sub(now))
		if accepted || err != nil && !errors.Is(err, errNone) {
			return err
		}
	}
	if resend.Equal(start) {
		return chrony.ErrNotAsked
	}
	// If this host was suspended or overloaded, a reply may have arrived in time.
	for range maxLate {
		accepted, err := c.receive(name, accept, 0)
		if errors.Is(err, errNone) {
			break
		}
		if accepted || err != nil {
			return err
		}
	}
	if c.version != 0 {
		return &chrony.VersionError{Version: c.version}
	}
	return chrony.ErrNoReply
}

// send sends the request. It treats a full queue like a lost datagram.
func (c *conversation) send(name string, request []byte) error {
	for {
		switch err := c.conn.send(request); {
		case err == nil:
			c.trace("%s: request sent", name)
			return nil
		case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.ENOBUFS):
			c.trace("%s: request not sent: %v", name, err)
			return nil
		case !errors.Is(err, syscall.EINTR):
			return err
		}
	}
}

// errNone is receive's error if no datagram arrived.
var errNone = errors.New("no datagram")

// receive waits for one datagram, for pollInterval at most, and reports whether it was
// accepted.
func (c *conversation) receive(name string, accept func([]byte) (bool, error), atMost time.Duration) (bool, error) {
	n, err := c.conn.receive(c.buffer[:], min(atMost, pollInterval, time.Until(c.limit.Deadline)))
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return false, cmp.Or(c.ended(), errNone)
	case err != nil:
		return false, err
	}
	datagram := c.buffer[:n]
	accepted, err := accept(datagram)
	switch {
	case err != nil:
		return false, err
	case accepted:
		c.version = 0 // this chronyd speaks ours
		c.trace("%s: reply accepted", name)
		return true, nil
	case n > 0 && datagram[0] != chrony.ProtocolVersion:
		c.version = datagram[0]
		c.trace("%s: datagram ignored (protocol version %d)", name, datagram[0])
	default:
		c.trace("%s: datagram ignored (not a reply to this request)", name)
	}
	return false, c.ended()
}

// ended returns an error if a signal has told the check to end. It listens for signals
// only once the conversation has taken pollInterval.
func (c *conversation) ended() error {
	if time.Since(c.start) >= pollInterval {
		c.interrupted = c.limit.Interrupted()
	}
	return c.interrupted
}
