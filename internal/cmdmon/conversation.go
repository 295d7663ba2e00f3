// SPDX-License-Identifier: MIT

package cmdmon

import (
	"cmp"
	"errors"
	"syscall"
	"time"

	"check_chrony/internal/chrony"
)

// pollInterval is the longest time that a conversation blocks before it checks whether it
// has been told to end.
const pollInterval = 50 * time.Millisecond

// maxDatagram is the number of bytes that are read of a datagram, more than any reply
// has. The rest is cut off, as it is by libchrony and chronyc.
const maxDatagram = 2048

// maxLate is how many datagrams are read once the time is up, without waiting for them.
const maxLate = 256

// conn is a connected datagram socket. Tests can replace it.
type conn interface {
	// send sends a datagram without blocking. The error is EAGAIN if the queue is full.
	send(request []byte) error
	// receive waits for a datagram for at most the given time, and doesn't wait if that
	// isn't above zero. The error is EAGAIN if none came.
	receive(buffer []byte, atMost time.Duration) (int, error)
}

// conversation is a series of questions to one chronyd.
type conversation struct {
	conn  conn
	limit Limit
	trace Trace
	start time.Time

	// version is the protocol version of datagrams in another version than ours; 0 if
	// none came.
	version byte
	// interrupted is the error of a conversation that a signal ended.
	interrupted error

	buffer [maxDatagram]byte
}

// roundTrip is a [RoundTrip]. It sends the same bytes again after a pause that doubles
// each time. The answer to any of these sends counts, however late it comes.
//
// The first pause is a 255th of the time left, which makes eight sends in all if nothing
// answers. On a slow path several of them are under way at once. That is necessary if
// the path also loses datagrams: there is no time to wait for an answer before each send.
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
		accepted, err := c.receive(name, request[0], accept, resend.Sub(now))
		if accepted || err != nil && !errors.Is(err, errNone) {
			return err
		}
	}
	if resend.Equal(start) {
		return chrony.ErrNotAsked
	}
	// If this host was paused or starved, a reply may have come in time nevertheless.
	for range maxLate {
		accepted, err := c.receive(name, request[0], accept, 0)
		if errors.Is(err, errNone) {
			break
		}
		if accepted || err != nil {
			return err
		}
	}
	return c.noReply()
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

// errNone is receive's error if no datagram came.
var errNone = errors.New("no datagram")

// receive waits for one datagram, for pollInterval at most, and reports whether accept
// took it.
func (c *conversation) receive(name string, version byte, accept func([]byte) (bool, error), atMost time.Duration) (bool, error) {
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
	case n > 0 && datagram[0] != version:
		c.version = datagram[0]
		c.trace("%s: datagram ignored (protocol version %d)", name, datagram[0])
	default:
		c.trace("%s: datagram ignored (not a reply to this request)", name)
	}
	return false, c.ended()
}

// ended returns an error if the check has been told to end. It listens for signals only once the
// conversation has taken pollInterval.
func (c *conversation) ended() error {
	if time.Since(c.start) >= pollInterval {
		c.interrupted = c.limit.Interrupted()
	}
	return c.interrupted
}

// noReply returns the error for a request that nothing answered in time.
func (c *conversation) noReply() error {
	if c.version != 0 {
		return &chrony.VersionError{Version: c.version}
	}
	return chrony.ErrNoReply
}
