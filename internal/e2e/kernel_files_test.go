// SPDX-License-Identifier: MIT

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// The uptime comes from the kernel itself, so --grace works where /proc is empty.
func TestGraceWithoutProc(t *testing.T) {
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	unsynchronised := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chrony.Report{
		Tracking: chrony.Tracking{LeapStatus: chrony.LeapNotSynchronised},
		Sources:  []chrony.Source{{Address: "192.0.2.1"}},
	}))
	well := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	plugin := plugintest.Shipped(t) // the race detector needs /proc
	mount(t, "tmpfs", "/proc", "tmpfs", 0, "")
	for _, reader := range plugintest.Readers(t) {
		for _, tt := range []struct {
			fake  *chronydtest.Fake
			grace string
			code  int
			want  string
		}{
			{well, "5m", 0, "CHRONY OK: offset "},
			{unsynchronised, "36500d", 0, "CHRONY OK: clock not synchronised"},
			{unsynchronised, "1us", 2, "CHRONY CRITICAL: clock not synchronised"},
		} {
			out, state := execute(t, plugin, append(tt.fake.Args(), "--grace="+tt.grace, "--reader="+reader)...)
			checkOutput(t, reader+" --grace="+tt.grace, out, state.ExitCode(), tt.code, tt.want)
		}
	}
}

// The loader also searches where libc lies.
func TestLibraryBesideLibc(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	whole := realLibrary(t)
	plugin := plugintest.Shipped(t)
	t.Setenv("CHECK_CHRONY_LIBCHRONY", "")
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	libc := regexp.MustCompile(`/\S+/libc\.so\.6`).FindString(string(maps))
	if libc == "" {
		chronydtest.Missing(t, "glibc")
	}
	dir := filepath.Dir(libc)
	cover(t, dir)
	file := filepath.Join(dir, soname)
	for _, tt := range []struct {
		place func() error
		want  string
	}{
		{func() error { return os.WriteFile(file, whole, 0o755) }, "OK: "},
		{func() error { return os.Truncate(file, 8192) }, "UNKNOWN: libchrony can't be loaded: libchrony.so.0: the file is truncated (use --reader=native)\n"},
		{func() error { return errors.Join(os.Remove(file), syscall.Mkfifo(file, 0o644)) }, "UNKNOWN: libchrony can't be loaded: libchrony.so.0: timed out (use --reader=native)\n"},
	} {
		if err := tt.place(); err != nil {
			t.Fatal(err)
		}
		out, state := execute(t, plugin, append(fake.Args(), "-vv", short)...)
		checkStart(t, tt.want, out, state.ExitCode(), tt.want)
		if state.Success() && !strings.Contains(out, "\nreader: libchrony ") {
			t.Errorf("libchrony isn't used in\n%s", out)
		}
	}
}

// cover lets the test add files to a directory that only its namespace sees.
func cover(t *testing.T, dir string) {
	t.Helper()
	const upper, work = "/run/upper", "/run/work"
	for _, name := range []string{upper, work} {
		if err := os.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	mount(t, "overlay", dir, "overlay", 0, "lowerdir="+dir+",upperdir="+upper+",workdir="+work)
}

// In a container, root may lack the capabilities to use the socket with its owner's
// rights. The hint must not blame the owner then.
func TestRootWithoutCapabilities(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		chronydtest.Missing(t, "root, to give up capabilities")
	}
	plugin := plugintest.Shipped(t)
	fake := chronydtest.NewFake(t, "unixgram", chronydtest.Answer(chronydtest.Healthy()))
	if err := os.Chown(filepath.Dir(fake.Address), stranger, stranger); err != nil {
		t.Fatal(err)
	}
	for _, dropped := range []string{"setuid", "setgid"} {
		out, state := execute(t, "setpriv", "--bounding-set=-"+dropped, plugin, "-H", fake.Address, "--reader=native", "--unreachable=ok")
		checkOutput(t, dropped, out, state.ExitCode(), 3, "CHRONY UNKNOWN: can't read chronyd at "+fake.Address+
			": operation not permitted (root needs the capabilities SETUID and SETGID to use it as the owner of its directory) | time=")
	}
}

// The default socket is like that of another user to root without these capabilities: it
// doesn't make a dead chronyd UNKNOWN.
func TestDeadChronydForRootWithoutCapabilities(t *testing.T) {
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	plugin := plugintest.Shipped(t)
	if err := os.MkdirAll(filepath.Dir(defaultSocket), 0o755); err != nil {
		t.Fatal(err)
	}
	chronydtest.NewFakeAt(t, "unixgram", defaultSocket, chronydtest.Answer(chronydtest.Healthy())).Die()
	if err := os.Chown(filepath.Dir(defaultSocket), stranger, stranger); err != nil {
		t.Fatal(err)
	}
	out, state := execute(t, "setpriv", "--bounding-set=-setuid", plugin, "--reader=native")
	checkOutput(t, "no setuid", out, state.ExitCode(), 2, "CHRONY CRITICAL: "+udpRefused+", at "+defaultSocket+": operation not permitted (root needs ")

	// A denial, as AppArmor's, doesn't tell whether chronyd is dead.
	if err := os.Chmod(filepath.Dir(defaultSocket), 0); err != nil {
		t.Fatal(err)
	}
	out, state = execute(t, plugin, "--reader=native")
	checkOutput(t, "denied", out, state.ExitCode(), 3, "CHRONY UNKNOWN: "+strings.Replace(udpRefused, "no answer from", "can't read", 1)+", at "+defaultSocket+": permission denied (")
}

// A user namespace may lack the owner of the socket's directory, as a systemd service with
// PrivateUsers does.
func TestRootWhoCantBecomeTheOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		chronydtest.Missing(t, "root, to give files to others")
	}
	fake := chronydtest.NewFake(t, "unixgram", chronydtest.Answer(chronydtest.Healthy()))
	if err := os.Chown(filepath.Dir(fake.Address), stranger, stranger); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(plugintest.Shipped(t), "-H", fake.Address, "--reader=native")
	onlyRoot := []syscall.SysProcIDMap{{Size: 1}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: onlyRoot, GidMappings: onlyRoot, GidMappingsEnableSetgroups: true}
	out, err := cmd.Output()
	if cmd.ProcessState == nil {
		chronydtest.Missing(t, err.Error())
	}
	checkOutput(t, "one user", string(out), cmd.ProcessState.ExitCode(), 3, "CHRONY UNKNOWN: can't read chronyd at "+fake.Address+": root can't become user 65534, group 65534 here | time=")
}

// If root is denied the socket, the hint must not be to become root. AppArmor gives the
// same error as file permissions, so the hint depends on whether AppArmor is enabled.
func TestHintsForRootWhoIsDeniedTheSocket(t *testing.T) {
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	fake := chronydtest.NewFake(t, "unixgram", chronydtest.Answer(chronydtest.Healthy()))
	dir := filepath.Dir(fake.Address)
	// root uses the socket with the rights of this user, who has none.
	if err := os.Chown(dir, stranger, stranger); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	const apparmor = "/sys/module/apparmor/parameters/enabled"
	mount(t, "tmpfs", "/sys/module", "tmpfs", 0, "mode=755")
	const otherwise = "as root, the plugin uses the socket as the owner of its directory, who has no access"
	for enabled, hint := range map[string]string{
		"":    otherwise, // a kernel without AppArmor
		"N\n": otherwise,
		"Y\n": `if AppArmor denies it, chronyd's profile needs the rule "@{run}/chrony/** rw,"`,
	} {
		if enabled != "" {
			write(t, apparmor, enabled)
		}
		for _, unreachable := range []string{"ok", "critical"} {
			out, code := plugintest.Run(t, nil, "-H", fake.Address, "--reader=native", "--unreachable="+unreachable)
			checkOutput(t, "AppArmor "+enabled, out, code, 3, "CHRONY UNKNOWN: can't read chronyd at "+fake.Address+": permission denied ("+hint+") | time=")
		}
		os.Remove(apparmor)
	}
	os.Chmod(dir, 0o755)
}
