// SPDX-License-Identifier: MIT

//go:build cgo && linux

package libchrony

import (
	"syscall"
	"testing"
	"time"
)

// The runtime's threads have inherited the timer slack of timer_slack.c.
func TestTimerSlack(t *testing.T) {
	const getTimerSlack = 30 // prctl(2), PR_GET_TIMERSLACK
	slack, _, errno := syscall.Syscall(syscall.SYS_PRCTL, getTimerSlack, 0, 0)
	if errno != 0 || time.Duration(slack) != time.Millisecond {
		t.Errorf("got %v, %v", time.Duration(slack), errno)
	}
}
