// SPDX-License-Identifier: MIT

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// inNamespaces is [chronydtest.InNamespaces] with a /run that has room for 100 files.
func inNamespaces(t *testing.T) bool {
	t.Helper()
	return chronydtest.InNamespaces(t, "mode=755,nr_inodes=100")
}

// must runs a command that has to succeed.
func must(t *testing.T, command ...string) {
	t.Helper()
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(command, " "), err, out)
	}
}

// mount mounts a file system for the rest of the test.
func mount(t *testing.T, source, at, kind string, flags uintptr, data string) {
	t.Helper()
	if err := syscall.Mount(source, at, kind, flags, data); err != nil {
		t.Fatalf("mount %s at %s: %v", source, at, err)
	}
	t.Cleanup(func() { syscall.Unmount(at, syscall.MNT_DETACH) })
}

// write writes a file, and creates its directory.
func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// listDir returns the names of the files in a folder, separated by spaces.
func listDir(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

// checkOutput fails the test unless a run of the plugin gave this exit code and well-formed
// output that begins with want.
func checkOutput(t *testing.T, what, out string, code, wantCode int, want string) {
	t.Helper()
	if code != wantCode || !strings.HasPrefix(out, want) {
		t.Errorf("%s: got %d, %q; want %d, %q", what, code, out, wantCode, want)
	}
	if err := plugintest.CheckFormat(out, code, strings.Count(out, "\n")-1); err != nil {
		t.Errorf("%s: %v in\n%s", what, err, out)
	}
}
