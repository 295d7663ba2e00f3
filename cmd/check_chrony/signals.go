// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os/signal"
	"syscall"
)

// signals listens for the signals that end a check, which then says so and removes
// its socket.
//
// Listening costs the Go runtime threads, a sixth of a whole check, and most checks
// are over before a signal could come. So it begins with the first call of context
// or ended. Until then a signal ends the plugin as it ends any Go program.
type signals struct {
	ctx  context.Context
	stop context.CancelFunc
}

// context is done once a signal has come; its cause names the signal.
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

// restore stops listening: from now on signals end the process again.
func (s *signals) restore() {
	if s.stop != nil {
		s.stop()
		ignoreQuit()
	}
}

// ignoreQuit ignores SIGQUIT where the plugin may wait and nobody listens. Go would
// answer it with a trace and exit code 2, which is CRITICAL without a text. It isn't
// called for a check that doesn't wait: it would cost it a tenth.
func ignoreQuit() { signal.Ignore(syscall.SIGQUIT) }

// interrupted is the error of a check that was told to end; the cause names the
// signal.
type interrupted struct{ cause error }

func (i interrupted) Error() string { return "ended early: " + i.cause.Error() }
