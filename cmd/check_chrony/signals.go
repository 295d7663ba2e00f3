// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os/signal"
	"syscall"
)

// signals listens for the signals that end a check, so that it can say so and remove
// its socket.
//
// Listening makes the Go runtime start threads, which costs a tenth of a whole check,
// and most checks are over before a signal could come. So it starts at the first call
// of context or ended. Until then a signal ends the plugin as it does any program; for
// SIGQUIT see ignoreQuit.
type signals struct {
	ctx  context.Context
	stop context.CancelFunc
}

// context returns a context that is done once a signal has come. Its cause names the
// signal.
func (s *signals) context() context.Context {
	if s.ctx == nil {
		s.ctx, s.stop = signal.NotifyContext(context.Background(),
			syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	}
	return s.ctx
}

// ended returns an [interrupted] once a signal has come.
func (s *signals) ended() error {
	if cause := context.Cause(s.context()); cause != nil {
		return interrupted{cause}
	}
	return nil
}

// restore stops listening, if it has started. From now on signals end the process again.
func (s *signals) restore() {
	if s.stop != nil {
		ignoreQuit() // first, so that no moment is left to Go's own handler
		s.stop()
	}
}

// ignoreQuit makes the process ignore SIGQUIT while it doesn't listen for signals: Go
// would answer it with a trace and exit code 2, which is CRITICAL with no text.
func ignoreQuit() { signal.Ignore(syscall.SIGQUIT) }

// interrupted is the error of a check that a signal ended; the cause names the signal.
type interrupted struct{ cause error }

func (i interrupted) Error() string { return "ended early: " + i.cause.Error() }
