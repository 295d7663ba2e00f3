// SPDX-License-Identifier: MIT

package plugintest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/client"
	"check_chrony/internal/cmdmon"
)

// Run runs the plugin as a process, optionally as another user.
func Run(t testing.TB, user *syscall.Credential, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command(Path(t), args...)
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

// Readers returns the values of --reader to test with: both, or native alone where
// libchrony is missing. With CI=true the test fails there.
func Readers(t testing.TB) []string {
	t.Helper()
	if _, found := FindLibrary(t); !found {
		return []string{"native"}
	}
	return []string{"libchrony", "native"}
}

func openLibrary() (string, error) {
	name := os.Getenv(library)
	_, err := client.OpenCodec("libchrony", name, cmdmon.Limit{Deadline: time.Now().Add(time.Minute), Context: context.Background})
	return name, err
}
