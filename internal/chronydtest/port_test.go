// SPDX-License-Identifier: MIT

package chronydtest

import "testing"

func TestFreePort(t *testing.T) {
	seen := make(map[int]bool)
	for range 500 {
		port := FreePort(t)
		if seen[port] {
			t.Fatalf("port %d twice", port)
		}
		seen[port] = true
	}
}
