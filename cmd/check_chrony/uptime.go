// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"net/netip"
	"syscall"
	"time"

	"check_chrony/internal/cmdmon"
)

// validateGrace rejects --grace if chronyd is on another host: only the uptime of this
// host is known.
func (c *cli) validateGrace() error {
	if c.Grace == 0 || c.Hostname == "" || cmdmon.IsSocketPath(c.Hostname) || c.Hostname == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(c.Hostname); err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--grace: uses the uptime of this host, and %+q is another host", c.Hostname)
}

// uptime returns how long ago this host booted. It uses sysinfo(2), which doesn't need
// /proc.
func uptime() (time.Duration, error) {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return 0, fmt.Errorf("--grace: this host's uptime: %w", err)
	}
	return time.Duration(info.Uptime) * time.Second, nil
}
