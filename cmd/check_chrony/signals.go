// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"check_chrony/internal/cmdmon"
)

// ending has the signals that end a check.
var ending = map[os.Signal]cmdmon.Interrupted{
	syscall.SIGTERM: "SIGTERM",
	syscall.SIGINT:  "SIGINT",
	syscall.SIGHUP:  "SIGHUP",
	syscall.SIGQUIT: "SIGQUIT",
}

// signals listens for the signals that end a check, so that the check can say so and
// remove its socket.
//
// It starts at the first call of context, since the Go runtime starts threads for it,
// which most checks don't need. Until then a signal ends the plugin as it does any program;
// for SIGQUIT see ignoreQuit.
type signals struct{ ctx context.Context }

// context returns a context that is done once a signal arrives. Its cause is a
// [cmdmon.Interrupted].
func (s *signals) context() context.Context {
	if s.ctx == nil {
		ctx, cancel := context.WithCancelCause(context.Background())
		received := make(chan os.Signal, 1)
		for sig := range ending {
			signal.Notify(received, sig)
		}
		go func() { cancel(ending[<-received]) }()
		s.ctx = ctx
	}
	return s.ctx
}

// restore stops listening, if it has started. After that, signals end the process; SIGQUIT
// still has no effect.
func (s *signals) restore() {
	if s.ctx != nil {
		signal.Reset(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	}
}

// ignoreQuit makes the process ignore SIGQUIT while it doesn't listen for signals: Go
// would print a trace and exit with 2, which is CRITICAL with no text.
func ignoreQuit() { signal.Ignore(syscall.SIGQUIT) }
