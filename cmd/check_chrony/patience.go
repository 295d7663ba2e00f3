// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// signals is a context that ends when the plugin is told to end: then it still
// removes its socket, and says so.
//
// To listen for signals costs the Go runtime threads, a sixth of a whole check,
// and most checks are answered before one could come. So it listens from when it
// is first asked whether it has ended: by a reader that has waited in vain, when a
// conversation lasts, for a name lookup, and before anything is made that must be
// removed. Until then a signal ends the plugin as it does any process.
type signals struct {
	once sync.Once
	ctx  context.Context
	stop context.CancelFunc
}

func (s *signals) listen() context.Context {
	s.once.Do(func() {
		s.ctx, s.stop = signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	})
	return s.ctx
}

// end stops listening.
func (s *signals) end() {
	if s.stop != nil {
		s.stop()
	}
}

// Value is how [context.Cause] finds the signal.
func (s *signals) Value(key any) any { return s.listen().Value(key) }

func (s *signals) Deadline() (time.Time, bool) { return time.Time{}, false }
func (s *signals) Done() <-chan struct{}       { return s.listen().Done() }
func (s *signals) Err() error                  { return s.listen().Err() }

// patience is its parent with a deadline, like [context.WithDeadline]'s, but
// without a timer for those who only ask whether it has ended: it costs threads,
// too.
type patience struct {
	parent   context.Context
	deadline time.Time

	once   sync.Once
	timed  context.Context
	cancel context.CancelFunc
}

// until is a context that ends at a deadline, if it doesn't end before.
func until(parent context.Context, deadline time.Time) *patience {
	if d, ok := parent.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	return &patience{parent: parent, deadline: deadline}
}

// end gives back the timer.
func (p *patience) end() {
	if p.cancel != nil {
		p.cancel()
	}
}

func (p *patience) Deadline() (time.Time, bool) { return p.deadline, true }
func (p *patience) Value(key any) any           { return p.parent.Value(key) }

func (p *patience) Done() <-chan struct{} {
	p.once.Do(func() { p.timed, p.cancel = context.WithDeadline(p.parent, p.deadline) })
	return p.timed.Done()
}

func (p *patience) Err() error {
	err := p.parent.Err()
	if err == nil && !time.Now().Before(p.deadline) {
		err = context.DeadlineExceeded
	}
	return err
}
