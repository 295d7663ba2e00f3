// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"check_chrony/internal/check"
)

// validateGrace refuses --grace where this host's uptime says nothing of the
// chronyd that is asked.
func (c *cli) validateGrace() error {
	if c.Grace == 0 || c.Hostname == "" || strings.HasPrefix(c.Hostname, "/") || c.Hostname == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(c.Hostname); err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--grace: goes by the uptime of this host, and %+q is another", c.Hostname)
}

// uptime is how long ago this host started (Linux).
func uptime() (time.Duration, error) {
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), " ")
	d, err := check.ParseDuration(first)
	if err != nil {
		return 0, errors.New("/proc/uptime: " + err.Error())
	}
	return d, nil
}
