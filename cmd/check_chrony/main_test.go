// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"time"

	"check_chrony/internal/cmdmon"
)

// within returns a limit of this length, which no signal ends.
func within(d time.Duration) cmdmon.Limit {
	return cmdmon.Limit{Deadline: time.Now().Add(d), Context: context.Background}
}

// defaultSocket is the Unix socket that is asked without -H.
const defaultSocket = "/run/chrony/chronyd.sock"
