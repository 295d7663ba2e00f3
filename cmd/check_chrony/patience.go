// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// patience is the context of a check, which ends at a deadline, or when the
// plugin is told to end: then it still removes its socket and says so.
//
// A timer and a handler of signals cost the runtime threads, a fifth of a whole
// check's time, and most checks are answered before they could be of use. So they
// are set up when it is first asked whether it has ended: by a reader that has
// waited in vain, by a name lookup, and before anything is made that must be
// removed. Until then a signal ends the plugin as it does any process.
type patience struct {
	deadline time.Time
	start    func() (context.Context, context.CancelFunc)

	once   sync.Once
	ctx    context.Context
	cancel context.CancelFunc
}

// waitUntil is the patience of a whole check.
func waitUntil(deadline time.Time) *patience {
	return &patience{deadline: deadline, start: func() (context.Context, context.CancelFunc) {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
		ctx, cancel := context.WithDeadline(ctx, deadline)
		return ctx, func() { cancel(); stop() }
	}}
}

// share is a part of another's patience.
func share(ctx context.Context, deadline time.Time) *patience {
	return &patience{deadline: deadline, start: func() (context.Context, context.CancelFunc) {
		return context.WithDeadline(ctx, deadline)
	}}
}

func (p *patience) context() context.Context {
	p.once.Do(func() { p.ctx, p.cancel = p.start() })
	return p.ctx
}

// end gives back what it has set up.
func (p *patience) end() {
	if p.cancel != nil {
		p.cancel()
	}
}

// Deadline implements [context.Context], as all that follow.
func (p *patience) Deadline() (time.Time, bool) { return p.deadline, true }
func (p *patience) Done() <-chan struct{}       { return p.context().Done() }
func (p *patience) Err() error                  { return p.context().Err() }
func (p *patience) Value(key any) any           { return p.context().Value(key) }
