// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"time"

	"check_chrony/internal/check"
)

// maxEvents bounds what -vvv remembers: a flood of datagrams is a line each.
const maxEvents = 200

// events collects the fate of each datagram.
type events struct {
	start time.Time
	first []string
	more  int
}

// add is a [chrony.Trace].
func (e *events) add(format string, args ...any) {
	if len(e.first) == maxEvents {
		e.more++
		return
	}
	e.first = append(e.first, check.Seconds.Text(time.Since(e.start).Seconds())+" "+fmt.Sprintf(format, args...))
}

func (e *events) lines() []string {
	if e.more == 0 {
		return e.first
	}
	return append(e.first, fmt.Sprintf("and %d more", e.more))
}
