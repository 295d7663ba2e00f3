// SPDX-License-Identifier: MIT

package chronydtest

import (
	"os"
	"syscall"
	"testing"
)

// WriteExecutable writes a file that the test runs. Meanwhile no process is forked: a
// child would hold the file open for writing until its exec, and the kernel refuses to run
// such a file ("text file busy", golang.org/issue/22315).
func WriteExecutable(t testing.TB, name string, data []byte) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(name, data, 0o755); err != nil {
		t.Fatal(err)
	}
}
