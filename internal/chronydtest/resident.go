// SPDX-License-Identifier: MIT

package chronydtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Resident runs a command and returns its largest resident memory in KiB and its exit
// code. Linux counts the memory of the process that forked as well, so the command is
// started by GNU time, which is small.
func Resident(t testing.TB, command ...string) (kib, code int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "resident")
	time, err := exec.LookPath("time")
	if err != nil {
		Missing(t, "GNU time")
	}
	cmd := exec.Command(time, append([]string{"-q", "-f", "%M", "-o", file}, command...)...)
	cmd.Run() // the exit code is returned
	out, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(string(out), &kib); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	return kib, cmd.ProcessState.ExitCode()
}
