// SPDX-License-Identifier: MIT

package cmdmon

import (
	"context"
	"os"
	"slices"
	"syscall"
	"time"
)

// exchange is the connection that the facebook package's client writes one
// request to and reads its reply from. That client takes the first datagram
// that comes for the reply; so what it reads here was checked before.
type exchange struct {
	*session
	question
	ctx      context.Context
	until    time.Time
	sent     []byte // the request
	accepted []byte // the reply
	err      error  // why there is none
}

// Write sends the request. chronyd wants it as long as its reply, lest it be
// used to amplify an attack; the client pads each to the longest of all replies.
func (e *exchange) Write(request []byte) (int, error) {
	e.sent = slices.Clone(request[:min(len(request), e.length)])
	for {
		if err := e.socket.mayBlock(syscall.SO_SNDTIMEO, e.until); err != nil {
			return 0, e.fail(err)
		}
		_, err := e.socket.Write(e.sent)
		switch {
		case err == nil:
			e.trace("%s: request sent", e.name)
			return len(request), nil
		case !again(err):
			return 0, e.fail(err)
		}
		// The queue of chronyd's Unix socket is full.
		e.trace("%s: request not sent: %v", e.name, err)
		if e.ctx.Err() != nil {
			return 0, e.fail(os.ErrDeadlineExceeded)
		}
	}
}

// Read waits for a datagram that answers the request.
func (e *exchange) Read(buffer []byte) (int, error) {
	for {
		if err := e.socket.mayBlock(syscall.SO_RCVTIMEO, e.until); err != nil {
			return 0, e.fail(err)
		}
		n, err := e.socket.Read(buffer)
		switch {
		case again(err):
		case err != nil:
			return 0, e.fail(err)
		case answers(buffer[:n], e.sent):
			if err := verdict(buffer[:n], e.question); err != nil {
				return 0, e.fail(err)
			}
			e.trace("%s: reply accepted", e.name)
			e.accepted = slices.Clone(buffer[:n])
			return n, nil
		default:
			e.trace("%s: datagram ignored (not a reply to the last request, or of another protocol version)", e.name)
		}
		if e.ctx.Err() != nil {
			return 0, e.fail(os.ErrDeadlineExceeded)
		}
	}
}

func (e *exchange) fail(err error) error {
	e.err = err
	return err
}
