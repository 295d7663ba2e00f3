// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"os"
	"syscall"
	"time"

	"check_chrony/internal/check"
)

// stdout is standard output with a deadline for writes: the plugin must end even if nobody
// reads its output.
type stdout struct{ until time.Time }

// SetWriteDeadline sets the time at which a blocked write ends the process; each write gets
// at least a second. The error is always nil.
func (s *stdout) SetWriteDeadline(t time.Time) error {
	s.until = t
	return nil
}

// Write implements io.Writer. Nothing tells whether a write to a terminal or a socket will
// block, and a blocked one can't be interrupted. So at the deadline the process exits with
// UNKNOWN's code.
func (s *stdout) Write(p []byte) (written int, err error) {
	timer := time.AfterFunc(max(time.Until(s.until), time.Second), func() { os.Exit(int(check.Unknown)) })
	defer timer.Stop()
	for written < len(p) {
		// Unlike os.Stdout.Write, this doesn't kill the process if the reader is gone.
		n, err := syscall.Write(syscall.Stdout, p[written:])
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN): // the caller made it non-blocking
			time.Sleep(10 * time.Millisecond)
		case err != nil:
			return written, err
		default:
			written += n
		}
	}
	return written, nil
}
