// SPDX-License-Identifier: MIT

// Package cmdmon talks to chronyd over its command and monitoring protocol. It handles
// addresses, sockets, sending, waiting and resending, and decides what to request. It
// leaves the encoding to a [Codec]: the only part of the protocol that it knows is the
// version number. It resolves no names and knows no thresholds.
package cmdmon

import (
	"context"
	"time"

	"check_chrony/internal/chrony"
)

// Codec encodes requests and decodes replies. It uses no socket and no clock: it passes
// each request to a RoundTrip. If chronyd answers with an error, the codec's wraps one of
// package chrony's.
type Codec interface {
	// Tracking requests the tracking report.
	Tracking(roundTrip RoundTrip) (chrony.Tracking, error)
	// NumberSources requests the number of sources.
	NumberSources(roundTrip RoundTrip) (uint32, error)
	// Source requests one of the sources, counted from 0.
	Source(roundTrip RoundTrip, index uint32) (chrony.Source, error)
	// Activity requests the activity report.
	Activity(roundTrip RoundTrip) (chrony.Activity, error)
	// SelectData requests the selectdata report's record of a source, counted from 0.
	SelectData(roundTrip RoundTrip, index uint32) (chrony.SelectData, error)
}

// RoundTrip sends a request, and resends the same bytes until a reply arrives. It passes
// each datagram to accept, which returns true if the datagram is the reply, false to ignore
// it, and an error if chronyd refuses. name identifies the request in the trace.
//
// RoundTrip returns accept's error; a [syscall.Errno] if the network reports one; an error
// that wraps [chrony.ErrNoReply] if no reply arrives in time; [chrony.ErrNotAsked]; or an
// [Interrupted].
type RoundTrip func(name string, request []byte, accept func(datagram []byte) (bool, error)) error

// Reports says which reports to read besides tracking and sources.
type Reports struct {
	// SelectData requests the selectdata report. It takes one request per source.
	SelectData bool
}

// Limit says when a conversation must end.
type Limit struct {
	// Deadline is the time at which it must be over.
	Deadline time.Time
	// Context returns a context that is done once a signal has told the check to end.
	// Its cause is an [Interrupted]. The first call starts listening for signals, which
	// costs threads. So it is called only once the check has taken a while, or before
	// creating a file that must be removed.
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
