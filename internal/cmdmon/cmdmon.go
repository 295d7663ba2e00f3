// SPDX-License-Identifier: MIT

// Package cmdmon holds the conversation with chronyd over its command and
// monitoring protocol: addresses, sockets, sending, waiting and resending, and
// what is asked. It leaves the bytes to a [Codec]: of the protocol it knows the
// version number alone. It resolves no names and knows no thresholds.
package cmdmon

import (
	"time"

	"check_chrony/internal/chrony"
)

// Codec turns questions into requests and datagrams into answers. It knows no
// socket and no time: it hands each request to the Ask that it is given. Its
// errors wrap one of package chrony's where chronyd answered.
type Codec interface {
	// Tracking asks for the tracking report.
	Tracking(ask Ask) (chrony.Tracking, error)
	// NumberSources asks how many sources there are.
	NumberSources(ask Ask) (uint32, error)
	// Source asks for one of the sources, counted from 0.
	Source(ask Ask, index uint32) (chrony.Source, error)
}

// Ask sends a request, and the very same bytes again while no answer comes, until
// accept takes a datagram for the reply (true) or finds a refusal in it (an
// error). What names the question in the trace.
//
// The error is accept's, or a [syscall.Errno] where the system says why there is
// no answer, or one that wraps [chrony.ErrNoReply] where none came in time, or
// that of [Wait].Ended.
type Ask func(what string, request []byte, accept func(datagram []byte) (bool, error)) error

// Wait says how long a conversation may take.
type Wait struct {
	// Until is when it is over.
	Until time.Time
	// Ended returns an error once a signal has asked the check to end. The first call
	// starts to listen for signals, which costs threads. So it is called only once the
	// check has taken a while, and before a file is made that must be removed.
	Ended func() error
}

// Trace receives a line for each datagram, for -vvv.
type Trace func(format string, args ...any)
