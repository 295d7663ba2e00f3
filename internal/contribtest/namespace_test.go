// SPDX-License-Identifier: MIT

package contribtest

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"check_chrony/internal/chronydtest"
)

// namespaced is the environment variable that names the test to run in this process,
// which has namespaces of its own.
const namespaced = "CONTRIBTEST_NAMESPACED"

// inNamespaces gives a test a network of its own, where port 323 is free, and mounts that
// the machine doesn't see, with an empty /run. It runs the test again in a process with
// new namespaces, and returns true there. In the first process it returns false, once the
// other has ended: the test has nothing left to do.
func inNamespaces(t *testing.T) bool {
	t.Helper()
	if os.Getenv(namespaced) == t.Name() {
		must(t, "mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/run")
		must(t, tool(t, "ip", "/usr/sbin/ip", "/sbin/ip"), "link", "set", "lo", "up")
		return true
	}
	if os.Getuid() != 0 {
		chronydtest.Missing(t, "root, for namespaces")
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), namespaced+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP: "+t.Name()):
		t.Skipf("%s", out)
	default:
		t.Logf("%s", out)
	}
	return false
}

// must runs a command that has to succeed, and returns its output without the last newline.
func must(t *testing.T, command ...string) string {
	t.Helper()
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(command, " "), err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// chronydsUser returns the name of the user that chronyd runs as here: Debian's or
// Fedora's.
func chronydsUser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"_chrony", "chrony"} {
		if exec.Command("id", name).Run() == nil {
			return name
		}
	}
	chronydtest.Missing(t, "chronyd's user")
	return ""
}

// chronydsFolder makes /run/chrony as chronyd's unit does.
func chronydsFolder(t *testing.T, owner string) string {
	t.Helper()
	const dir = "/run/chrony"
	must(t, "sh", "-c", `install -d -m 750 -o "$0" -g "$(id -gn "$0")" "$1"`, owner, dir)
	return dir
}
