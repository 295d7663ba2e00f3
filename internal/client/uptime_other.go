// SPDX-License-Identifier: MIT

//go:build !linux

package client

import (
	"errors"
	"time"
)

// Uptime always fails.
func Uptime() (time.Duration, error) {
	return 0, errors.New("--grace: the uptime of this host can only be read on Linux")
}
