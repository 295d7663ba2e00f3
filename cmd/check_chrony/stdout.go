// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// stdout is standard output, with a deadline for writes: the plugin must end even if
// the pipe is full and nobody reads it any more.
type stdout struct{ until time.Time }

// SetWriteDeadline sets the time at which writes give up; each write gets at least a
// second. The error is always nil.
func (s *stdout) SetWriteDeadline(t time.Time) error {
	s.until = t
	return nil
}

// Write implements io.Writer.
func (s *stdout) Write(p []byte) (written int, err error) {
	until := time.Now().Add(time.Second)
	if s.until.After(until) {
		until = s.until
	}
	for written < len(p) {
		if err := awaitWritable(syscall.Stdout, until); err != nil {
			return written, err
		}
		// A pipe that is writable takes this much without blocking (pipe(7), PIPE_BUF).
		const chunk = 4096
		n, err := syscall.Write(syscall.Stdout, p[written:min(written+chunk, len(p))])
		switch {
		case errors.Is(err, syscall.EINTR), errors.Is(err, syscall.EAGAIN):
		case err != nil:
			return written, err
		default:
			written += n
		}
	}
	return written, nil
}

// awaitWritable waits until a write to the descriptor would not block. If that takes
// too long, it returns [os.ErrDeadlineExceeded].
func awaitWritable(fd int, until time.Time) error {
	for {
		left := time.Until(until)
		if left < 0 {
			return os.ErrDeadlineExceeded
		}
		var set syscall.FdSet
		set.Bits[0] = 1 << fd // the first word holds descriptors 0 to 31 at least
		timeout := syscall.NsecToTimeval(left.Nanoseconds())
		n, err := syscall.Select(fd+1, nil, &set, nil, &timeout)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return err
		case n > 0:
			return nil
		}
	}
}
