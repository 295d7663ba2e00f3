// SPDX-License-Identifier: MIT

package e2e

import (
	"os"
	"testing"

	"check_chrony/internal/plugintest"
)

// often returns how often a test repeats something: in full for make test, which sets
// this environment variable, or less often.
func often(full, less int) int {
	if os.Getenv("CHECK_CHRONY_TEST_FULL") != "" {
		return full
	}
	return less
}

// slow skips a test that takes long, with -short: make check is quick.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow")
	}
}

func TestMain(m *testing.M) { os.Exit(plugintest.Main(m)) }
