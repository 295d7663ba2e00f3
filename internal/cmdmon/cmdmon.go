// SPDX-License-Identifier: MIT

// Package cmdmon talks to chronyd over its command and monitoring protocol. It
// handles addresses, sockets, sending, waiting and resending, and decides what to ask.
// It leaves the encoding to a [Codec]: of the protocol itself it knows only the
// version number. It resolves no names and knows no thresholds.
package cmdmon

import (
	"context"
	"time"

	"check_chrony/internal/chrony"
)

// Codec encodes requests and decodes replies. It knows no socket and no time: it
// passes each request to the RoundTrip that it is given. If chronyd did answer, its errors
// wrap one of package chrony's.
type Codec interface {
	// Tracking asks for the tracking report.
	Tracking(roundTrip RoundTrip) (chrony.Tracking, error)
	// NumberSources asks how many sources there are.
	NumberSources(roundTrip RoundTrip) (uint32, error)
	// Source asks for one of the sources, counted from 0.
	Source(roundTrip RoundTrip, index uint32) (chrony.Source, error)
	// Activity asks for the activity report.
	Activity(roundTrip RoundTrip) (chrony.Activity, error)
	// SelectData asks for the selectdata report's record of a source, counted as in
	// Source.
	SelectData(roundTrip RoundTrip, index uint32) (chrony.SelectData, error)
}

// RoundTrip sends a request, and sends the same bytes again while no answer comes. It passes
// each datagram that comes to accept, which returns true if the datagram is the reply,
// false if it is to be ignored, and an error if chronyd refuses. The name is the
// request's in the trace.
//
// RoundTrip returns accept's error; a [syscall.Errno] if the system says why there is no
// answer; an error that wraps [chrony.ErrNoReply] if none came in time, or
// [chrony.ErrNotAsked]; or an [Interrupted].
type RoundTrip func(name string, request []byte, accept func(datagram []byte) (bool, error)) error

// Reports says which reports are read besides tracking and sources.
type Reports struct {
	// SelectData asks for the selectdata report. It takes one request a source.
	SelectData bool
}

// Limit says when a conversation must end.
type Limit struct {
	// Deadline is the time at which it must be over.
	Deadline time.Time
	// Context returns a context that is done once a signal has told the check to end.
	// Its cause is an [Interrupted]. The first call starts to listen for signals, which
	// costs threads. So it is only called once the check has taken a while, and before a
	// file is made that must be removed.
	Context func() context.Context
}

// Interrupted returns an error once a signal has told the check to end: an
// [Interrupted]. It starts to listen for signals: see Context.
func (l Limit) Interrupted() error { return context.Cause(l.Context()) }

// Interrupted is the error of a check that a signal ended. It is the signal's name:
// SIGTERM.
type Interrupted string

func (i Interrupted) Error() string { return "interrupted by " + string(i) }

// Trace receives a line for each datagram, for -vvv.
type Trace func(format string, args ...any)
