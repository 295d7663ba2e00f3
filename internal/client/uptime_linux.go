// SPDX-License-Identifier: MIT

package client

import (
	"fmt"
	"syscall"
	"time"
)

// Uptime returns how long ago this host booted. It uses sysinfo(2), which doesn't need
// /proc.
func Uptime() (time.Duration, error) {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return 0, fmt.Errorf("--grace: this host's uptime: %w", err)
	}
	return time.Duration(info.Uptime) * time.Second, nil
}
