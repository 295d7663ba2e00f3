// SPDX-License-Identifier: MIT

package chronydtest

import (
	"os"
	"testing"
)

// Often returns how often a test repeats something: in full with "make test", which sets
// an environment variable, or less often.
func Often(full, less int) int {
	if os.Getenv("CHECK_CHRONY_TEST_FULL") != "" {
		return full
	}
	return less
}

// Slow skips a test that takes seconds, with -short: "make check" is quick.
func Slow(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow")
	}
}
