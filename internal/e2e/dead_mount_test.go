// SPDX-License-Identifier: MIT

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// mountDead mounts a FUSE file system that never answers.
func mountDead(t *testing.T, dir string) {
	t.Helper()
	device, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		chronydtest.Missing(t, err.Error())
	}
	t.Cleanup(func() { device.Close() }) // ends all that wait
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	mount(t, "fuse", dir, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device.Fd()))
}

// A socket on a file system that doesn't respond is given up in time, and doesn't keep
// the addresses before it from being asked.
func TestSocketOnADeadFileSystem(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	mountDead(t, filepath.Dir(defaultSocket))
	if err := os.Symlink(defaultSocket, "/run/link"); err != nil {
		t.Fatal(err)
	}
	const within = 500 * time.Millisecond
	const dead = ": its file system does not respond | time="
	for name, plugin := range map[string]string{"dynamic": plugintest.Shipped(t), "static": plugintest.Static(t)} {
		run := func(user uint32, timeout time.Duration, args ...string) (string, int, time.Duration) {
			cmd := exec.Command(plugin, append(args, "--reader=native", "--unreachable=ok", "-t", timeout.String())...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credentialOf(user)}
			start := time.Now()
			out, _ := cmd.Output()
			return string(out), cmd.ProcessState.ExitCode(), time.Since(start)
		}
		for _, user := range []uint32{0, stranger} {
			for _, path := range []string{defaultSocket, "/run/link"} {
				out, code, took := run(user, within, "-H", path)
				checkOutput(t, name, out, code, 3, "CHRONY UNKNOWN: can't read chronyd at "+path+dead)
				if took < within || took > within+time.Second {
					t.Errorf("%s, user %d: -H %s took %v", name, user, path, took)
				}
			}
			out, code, took := run(user, within)
			checkOutput(t, name, out, code, 3, "CHRONY UNKNOWN: can't read chronyd at 127.0.0.1:323 and [::1]:323: connection refused (")
			if !strings.Contains(out, ", at "+defaultSocket+dead) || took > within+time.Second {
				t.Errorf("%s, user %d: got %q after %v", name, user, out, took)
			}
			udp := chronydtest.NewFakeAt(t, "udp4", "127.0.0.1:323", chronydtest.Answer(chronydtest.Healthy()))
			out, code, took = run(user, 30*time.Second)
			checkOutput(t, name, out, code, 0, "CHRONY OK: offset ")
			if took > 5*time.Second {
				t.Errorf("%s, user %d: took %v, though UDP answers", name, user, took)
			}
			udp.Die()
		}
	}
}
