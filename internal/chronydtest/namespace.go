// SPDX-License-Identifier: MIT

package chronydtest

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// namespaced is the environment variable that names the test to run in this process,
// which has namespaces of its own.
const namespaced = "CHECK_CHRONY_TEST_NAMESPACED"

// InNamespaces gives a test a network and files of its own: port 323 on loopback, and an
// empty /run, which is a tmpfs with these options. It runs the test again in a process
// with new namespaces, and returns true there. In the first process it returns false,
// once the other has ended and its result is reported: the test has nothing left to do.
func InNamespaces(t *testing.T, options string) bool {
	t.Helper()
	if os.Getenv(namespaced) == t.Name() {
		if err := syscall.Mount("tmpfs", "/run", "tmpfs", 0, options); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Unmount("/run", syscall.MNT_DETACH) })
		if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return true
	}
	if os.Geteuid() != 0 {
		Missing(t, "root, for namespaces")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		Missing(t, "ip (iproute2)")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), namespaced+"="+t.Name())
	// Go makes the mounts of the new namespace private, so the host doesn't see them.
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
