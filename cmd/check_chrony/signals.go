// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"check_chrony/internal/cmdmon"
)

// ending are the signals that end a check.
var ending = map[os.Signal]cmdmon.Interrupted{
	syscall.SIGTERM: "SIGTERM",
	syscall.SIGINT:  "SIGINT",
	syscall.SIGHUP:  "SIGHUP",
	syscall.SIGQUIT: "SIGQUIT",
}

// signals listens for the signals that end a check, so that it can say so and remove
// its socket.
//
// Listening makes the Go runtime start threads, which costs a tenth of a whole check,
// and most checks are over before a signal could come. So it starts at the first call
// of context. Until then a signal ends the plugin as it does any program; for SIGQUIT
// see ignoreQuit.
type signals struct{ ctx context.Context }

// context returns a context that is done once a signal has come. Its cause is a
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

// restore stops listening, if it has started. From now on signals end the process again.
func (s *signals) restore() {
	if s.ctx != nil {
		ignoreQuit() // first, so that no moment is left to Go's own handler
		signal.Reset(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	}
}

// ignoreQuit makes the process ignore SIGQUIT while it doesn't listen for signals: Go
// would answer it with a trace and exit code 2, which is CRITICAL with no text.
func ignoreQuit() { signal.Ignore(syscall.SIGQUIT) }
