// SPDX-License-Identifier: MIT

package plugintest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/client"
	"check_chrony/internal/cmdmon"
)

// Run runs the plugin as a process, as another user if asked to.
func Run(t testing.TB, user *syscall.Credential, args ...string) (string, int) {
	t.Helper()
	plugin := Path(t)
	if user != nil {
		plugin = Readable(t, plugin)
	}
	cmd := exec.Command(plugin, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if stderr.String() != "" {
		t.Errorf("stderr: %q", stderr.String())
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// Readable copies a file to a folder that every user can read, and returns its new name.
func Readable(t testing.TB, name string) string {
	t.Helper()
	if name == "" {
		return "" // the system's library
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := chronydtest.ShortTempDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, filepath.Base(name))
	if err := os.WriteFile(file, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// Library returns the name of the libchrony to test with; empty for the system's. It
// skips the test if there is none.
func Library(t testing.TB) string {
	t.Helper()
	name, err := openLibrary()
	if err != nil {
		chronydtest.Missing(t, "libchrony")
	}
	return name
}

// FindLibrary is like [Library], but returns false if there is none: the native reader is
// tested alone. With CI=true the test fails.
func FindLibrary(t testing.TB) (string, bool) {
	t.Helper()
	name, err := openLibrary()
	if err != nil {
		chronydtest.Without(t, "libchrony")
		return "", false
	}
	return name, true
}

func openLibrary() (string, error) {
	name := os.Getenv("CHECK_CHRONY_LIBCHRONY")
	_, err := client.OpenCodec("libchrony", name, cmdmon.Limit{Deadline: time.Now().Add(time.Minute), Context: context.Background})
	return name, err
}
