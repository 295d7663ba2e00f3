// SPDX-License-Identifier: MIT

package chrony

import (
	"os"
	"syscall"
	"time"
)

// attempts is how often a request is sent before the time is up.
const attempts = 8

// WaitUntil tells until when a reader waits for an answer before it sends a
// request, first sent at start, again. Each attempt gets twice the time of the
// one before, and the last one half of all: 1, 2, 4 … 128 of 255 parts.
//
// So even a path that loses every fifth datagram costs no alarm, and a chronyd
// that takes half of the time to answer is heard. A new request has a new
// sequence number, which makes answers to the one before it worthless: at short
// fixed intervals a slow chronyd would never be heard.
func WaitUntil(attempt int, start, deadline time.Time) time.Time {
	if attempt >= attempts-1 {
		return deadline
	}
	return start.Add(deadline.Sub(start) / (1<<attempts - 1) * (2<<attempt - 1))
}

// slice is the longest that a reader blocks before it looks whether its context
// has ended.
const slice = 50 * time.Millisecond

// WaitFor tells for how long a reader that waits until the given time may block
// now; os.ErrDeadlineExceeded says that the time has come.
//
// Readers block in the system, by SO_RCVTIMEO, and not in Go's network poller: a
// check asks one socket one thing at a time, and the poller costs it as much as
// the questions.
func WaitFor(now, until time.Time) (syscall.Timeval, error) {
	wait := min(until.Sub(now), slice)
	if wait <= 0 {
		return syscall.Timeval{}, os.ErrDeadlineExceeded
	}
	return syscall.NsecToTimeval(int64(wait)), nil // rounds up: zero would be for ever
}
