// SPDX-License-Identifier: MIT

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// The timeout leaves no socket behind either.
func TestTimeoutOnTheSocket(t *testing.T) {
	t.Parallel()
	d := chronydtest.Start(t)
	d.Signal(syscall.SIGSTOP)
	defer d.Signal(syscall.SIGCONT)
	before := listDir(t, filepath.Dir(d.Socket))
	for _, reader := range plugintest.Readers(t) {
		out, code := plugintest.Run(t, nil, "-H", d.Socket, "-t", "1s", "--reader", reader)
		if code != 2 || !strings.Contains(out, "chronyd.sock: no reply within ") || !strings.Contains(out, "(is chronyd hung, or does it speak another protocol version?)") {
			t.Errorf("%s: got %d, %q", reader, code, out)
		}
		if after := listDir(t, filepath.Dir(d.Socket)); after != before {
			t.Errorf("%s: left behind: %s", reader, after)
		}
	}
}

// The socket is for root and chronyd's own user. Others get UNKNOWN and a hint.
func TestNoPermissionOnTheSocket(t *testing.T) {
	t.Parallel()
	d := chronydtest.Start(t)
	credential := &syscall.Credential{Uid: 65534, Gid: 65534}
	if os.Getuid() != 0 {
		credential = nil // we are the one without permission
		if err := os.Chmod(d.Socket, 0); err != nil {
			t.Fatal(err)
		}
	}
	want := "CHRONY UNKNOWN: can't read chronyd at " + d.Socket + ": permission denied " +
		"(only root and chronyd's own user may use it: become one of them (sudo, runAsUser), or use -H 127.0.0.1 in the host's network) | time="
	for _, reader := range plugintest.Readers(t) {
		out, code := plugintest.Run(t, credential, "-H", d.Socket, "--unreachable=ok", "--reader", reader)
		if code != 3 || !strings.HasPrefix(out, want) {
			t.Errorf("%s: got %d, %q; want %q", reader, code, out, want)
		}
	}
}
