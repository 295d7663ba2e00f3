// SPDX-License-Identifier: MIT

package main

import (
	"strings"
	"testing"
	"time"
)

// A flood of datagrams doesn't make -vvv endless.
func TestTraceIsBounded(t *testing.T) {
	datagrams := trace{start: time.Now(), enabled: true}
	for n := range maxTrace + 5 {
		datagrams.add("datagram %d", n)
	}
	lines := datagrams.text()
	if len(lines) != maxTrace+1 || !strings.HasSuffix(lines[maxTrace-1], " datagram 199") || lines[maxTrace] != "and 5 more" {
		t.Errorf("got %d lines: %q", len(lines), lines)
	}
}
