// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"time"

	"check_chrony/internal/threshold"
)

// maxTrace limits the lines of -vvv: in a flood, every datagram adds one.
const maxTrace = 200

// trace collects the lines of -vvv: every datagram sent, accepted or ignored.
type trace struct {
	start   time.Time
	enabled bool
	lines   []string
	more    int
}

// add adds a line. It is a [cmdmon.Trace].
func (t *trace) add(format string, args ...any) {
	switch {
	case !t.enabled:
		return
	case len(t.lines) == maxTrace:
		t.more++
		return
	}
	t.lines = append(t.lines, threshold.Seconds.Text(time.Since(t.start).Seconds())+" "+fmt.Sprintf(format, args...))
}

// text returns the collected lines.
func (t *trace) text() []string {
	if t.more == 0 {
		return t.lines
	}
	return append(t.lines, fmt.Sprintf("and %d more", t.more))
}
