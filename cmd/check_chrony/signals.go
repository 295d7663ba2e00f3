// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os/signal"
	"syscall"
	"unsafe"
)

// signals listens for the signals that end a check, which then says so and removes
// its socket.
//
// Listening costs the Go runtime threads, a sixth of a whole check, and most checks
// are over before a signal could come. So it begins with the first call of context
// or ended. Until then a signal ends the plugin as it ends any process.
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
		dieOfQuit()
		s.stop()
	}
}

// dieOfQuit makes SIGQUIT end the process, as it ends any, while nobody listens for
// it. Go would print a trace and exit with 2, which is CRITICAL.
func dieOfQuit() {
	signal.Ignore(syscall.SIGQUIT) // Go forgets its handler, and installs it again to listen
	var byDefault [4]uint64        // struct sigaction with SIG_DFL
	const maskSize = 8
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGQUIT), uintptr(unsafe.Pointer(&byDefault)), 0, maskSize, 0, 0)
}

// interrupted is the error of a check that was told to end; the cause names the
// signal.
type interrupted struct{ cause error }

func (i interrupted) Error() string { return "ended early: " + i.cause.Error() }
