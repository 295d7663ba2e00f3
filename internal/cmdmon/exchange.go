// SPDX-License-Identifier: MIT

package cmdmon

import (
	"os"
	"slices"
)

// exchange is the connection that the facebook package's client writes one
// request to and reads its reply from. That client takes the first datagram
// that comes for the reply; so what it reads here was checked before.
type exchange struct {
	*session
	question
	expired  func() bool
	sent     []byte // the request
	accepted []byte // the reply
	err      error  // why there is none
}

// Write sends the request. chronyd wants it as long as its reply, lest it be
// used to amplify an attack; the client pads each to the longest of all replies.
func (e *exchange) Write(request []byte) (int, error) {
	e.sent = slices.Clone(request[:min(len(request), e.length)])
	if _, err := e.socket.Write(e.sent); err != nil {
		// A full queue of chronyd's Unix socket ends in a timeout: as good as lost.
		e.trace("%s: request not sent: %v", e.name, plain(err))
		return 0, e.fail(plain(err))
	}
	e.trace("%s: request sent", e.name)
	return len(request), nil
}

// Read waits for a datagram that answers the request.
func (e *exchange) Read(buffer []byte) (int, error) {
	for {
		n, err := e.socket.Read(buffer)
		if err != nil {
			return 0, e.fail(plain(err))
		}
		if datagram := buffer[:n]; answers(datagram, e.sent) {
			if err := verdict(datagram, e.question); err != nil {
				return 0, e.fail(err)
			}
			e.trace("%s: reply accepted", e.name)
			e.accepted = slices.Clone(datagram)
			return n, nil
		}
		e.trace("%s: datagram ignored (not a reply to the last request, or of another protocol version)", e.name)
		// Datagrams that come without a pause must not stretch the wait.
		if e.expired() {
			return 0, e.fail(os.ErrDeadlineExceeded)
		}
	}
}

func (e *exchange) fail(err error) error {
	e.err = err
	return err
}
