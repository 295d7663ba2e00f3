// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/client"
	"check_chrony/internal/cmdmon"
)

// answering is a reader that returns a fixed report or error, without a chronyd.
type answering struct {
	report chrony.Report
	err    error
}

func (a answering) String() string { return "the test's reader" }

func (a answering) Tracking(cmdmon.RoundTrip) (chrony.Tracking, error) {
	return a.report.Tracking, a.err
}

func (a answering) NumberSources(cmdmon.RoundTrip) (uint32, error) {
	return uint32(len(a.report.Sources)), a.report.SourcesErr
}

func (a answering) Source(_ cmdmon.RoundTrip, index uint32) (chrony.Source, error) {
	return a.report.Sources[index], nil
}

// panicking panics in the middle of a check.
type panicking struct{ answering }

func (panicking) Tracking(cmdmon.RoundTrip) (chrony.Tracking, error) { panic("index | out of range") }

// runWith runs the plugin in this process with the given reader.
func runWith(codec client.Codec, args ...string) (string, int) {
	var out strings.Builder
	code := run(args, &out, func(string, string, cmdmon.Limit) (client.Codec, error) { return codec, nil })
	return out.String(), code
}

func TestAPanicIsUnknown(t *testing.T) {
	out, code := runWith(panicking{})
	if want := "CHRONY UNKNOWN: internal error: index ? out of range\n"; out != want || code != 3 {
		t.Errorf("got %d, %q; want %q", code, out, want)
	}
}

// The state for each error: that of --unreachable if no chronyd answers, and UNKNOWN if
// the plugin couldn't ask or couldn't understand the answer.
func TestStatesOfErrors(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
		text string
	}{
		{chrony.ErrNoReply, 1, "no answer from chronyd at 127.0.0.1:323: no reply within 5s (does chronyd hang, or speak another version of its protocol?)"},
		{&chrony.VersionError{Version: 5}, 1, "no answer from chronyd at 127.0.0.1:323: chronyd speaks protocol version 5, but this plugin needs 6"},
		{syscall.ECONNREFUSED, 1, "no answer from chronyd at 127.0.0.1:323: connection refused ("},
		{syscall.EHOSTUNREACH, 1, "no answer from chronyd at 127.0.0.1:323: no route to host"},
		{syscall.EACCES, 1, "no answer from chronyd at 127.0.0.1:323: permission denied (a route or a firewall prohibits it)"},
		{syscall.EPROTO, 1, "no answer from chronyd at 127.0.0.1:323: protocol error"},
		{syscall.EINVAL, 1, "no answer from chronyd at 127.0.0.1:323: invalid argument | "},
		{chrony.ErrNotAuthorised, 3, `can't read chronyd at 127.0.0.1:323: tracking report: refused by chronyd (add "tracking" to "opencommands" in chrony.conf, or`},
		{fmt.Errorf("%w: stratum 200", chrony.ErrInvalidReply), 3, "can't read chronyd at 127.0.0.1:323: tracking report: invalid reply: stratum 200"},
		{chrony.ErrServerTooNew, 3, "can't read chronyd at 127.0.0.1:323: tracking report: chronyd is too new to be understood"},
		{syscall.EPERM, 3, "can't read chronyd at 127.0.0.1:323: operation not permitted"},
		{syscall.EMFILE, 3, "can't read chronyd at 127.0.0.1:323: too many open files"},
		{errors.New("libchrony: Failed to allocate memory"), 3, "can't read chronyd at 127.0.0.1:323: tracking report: libchrony: Failed to allocate memory"},
	} {
		out, code := runWith(answering{err: tt.err}, "-H", "127.0.0.1", "--unreachable=warning")
		text := regexp.MustCompile(`within [45][0-9.]*s`).ReplaceAllString(out, "within 5s")
		state := map[int]string{1: "WARNING", 3: "UNKNOWN"}[tt.code]
		if code != tt.code || !strings.HasPrefix(text, "CHRONY "+state+": "+tt.text) {
			t.Errorf("%v: got %d, %q", tt.err, code, out)
		}
	}
}

// A check that is killed while it waits is UNKNOWN, says so, and leaves no socket behind.
func TestKilled(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", library(t))
	d := chronydtest.Start(t)
	d.Signal(syscall.SIGSTOP)
	defer d.Signal(syscall.SIGCONT)
	folder := filepath.Dir(d.Socket)
	before := names(t, folder)
	for _, reader := range []string{"libchrony", "native"} {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
			cmd := exec.Command("check_chrony", "-H", d.Socket, "-t", "30", "--reader", reader)
			var out, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			d.Wait("request", func() bool { return names(t, folder) != before })
			cmd.Process.Signal(sig)
			err := cmd.Wait()
			want := fmt.Sprintf("CHRONY UNKNOWN: interrupted by %s | time=", string(ending[sig]))
			if cmd.ProcessState.ExitCode() != 3 || !strings.HasPrefix(out.String(), want) || stderr.String() != "" {
				t.Errorf("%s, %v: got %v, %q, stderr %q; want %q", reader, sig, err, out.String(), stderr.String(), want)
			}
			if after := names(t, folder); after != before {
				t.Errorf("%s, %v: left behind: %s", reader, sig, after)
			}
		}
	}
}

// So does one whose requests are all answered, but take long together.
func TestKilledWhileAnswered(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", library(t))
	many := healthy()
	for len(many.Sources) < 4000 {
		many.Sources = append(many.Sources, many.Sources[0])
	}
	for _, network := range []string{"udp4", "unixgram"} {
		for _, reader := range []string{"libchrony", "native"} {
			fake := chronydtest.NewFake(t, network, func(request []byte, _ int) []chronydtest.Datagram {
				return chronydtest.Later(2*time.Millisecond, chronydtest.Reply(request, many))
			})
			cmd := exec.Command("check_chrony", append(fake.Args(), "-t", "30", "--reader", reader)...)
			var out strings.Builder
			cmd.Stdout = &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(500 * time.Millisecond)
			cmd.Process.Signal(syscall.SIGTERM)
			start := time.Now()
			cmd.Wait()
			if took := time.Since(start); cmd.ProcessState.ExitCode() != 3 || !strings.HasPrefix(out.String(), "CHRONY UNKNOWN: interrupted by SIGTERM") || took > 2*time.Second {
				t.Errorf("%s, %s: got %v after %v, %q", network, reader, cmd.ProcessState, took, out.String())
			}
		}
	}
}

// The timeout leaves no socket behind either.
func TestTimeoutOnTheSocket(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", library(t))
	d := chronydtest.Start(t)
	d.Signal(syscall.SIGSTOP)
	defer d.Signal(syscall.SIGCONT)
	before := names(t, filepath.Dir(d.Socket))
	for _, reader := range []string{"libchrony", "native"} {
		out, code := command(t, nil, "-H", d.Socket, "-t", "300ms", "--reader", reader)
		if code != 2 || !strings.Contains(out, "chronyd.sock: no reply within ") || !strings.Contains(out, "(does chronyd hang, or speak another version of its protocol?)") {
			t.Errorf("%s: got %d, %q", reader, code, out)
		}
		if after := names(t, filepath.Dir(d.Socket)); after != before {
			t.Errorf("%s: left behind: %s", reader, after)
		}
	}
}

// The socket is for root and chronyd's own user. Others get UNKNOWN and a hint.
func TestNoPermissionOnTheSocket(t *testing.T) {
	d := chronydtest.Start(t)
	t.Setenv("CHECK_CHRONY_LIBCHRONY", readable(t, library(t)))
	credential := &syscall.Credential{Uid: 65534, Gid: 65534}
	if os.Getuid() != 0 {
		credential = nil // we are the one without permission
		if err := os.Chmod(d.Socket, 0); err != nil {
			t.Fatal(err)
		}
	}
	want := "CHRONY UNKNOWN: can't read chronyd at " + d.Socket + ": permission denied " +
		"(only root and chronyd's own user may use this socket: use -H 127.0.0.1, or sudo) | time="
	for _, reader := range []string{"libchrony", "native"} {
		out, code := command(t, credential, "-H", d.Socket, "--unreachable=ok", "--reader", reader)
		if code != 3 || !strings.HasPrefix(out, want) {
			t.Errorf("%s: got %d, %q; want %q", reader, code, out, want)
		}
	}
}

// command runs the plugin as a process, as another user if asked to.
func command(t *testing.T, user *syscall.Credential, args ...string) (string, int) {
	t.Helper()
	plugin, err := exec.LookPath("check_chrony")
	if err != nil {
		t.Fatal(err)
	}
	if user != nil {
		plugin = readable(t, plugin)
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

// readable copies a file to a folder that every user can read, and returns its new name.
func readable(t *testing.T, name string) string {
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

func names(t *testing.T, folder string) string {
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

func TestLostDatagramsCostNoAlarm(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", library(t))
	_, d := chronydtest.StartPair(t)
	for lost := 1; lost <= 3; lost++ {
		left := lost
		args := startRelay(t, d, 0, func() bool { left--; return left >= 0 })
		out, code := command(t, nil, append(args, "-t", "1500ms")...)
		if code != 0 {
			t.Errorf("%d lost: got %d, %q", lost, code, out)
		}
	}
}

func TestStdoutClosedOrFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer w.Close()
	for name, stdout := range map[string]*os.File{"full": full, "closed": w} {
		cmd := exec.Command("check_chrony", "-w", "wrong")
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr = stdout, &stderr
		err := cmd.Run()
		if cmd.ProcessState.ExitCode() != 3 || stderr.String() != "" {
			t.Errorf("stdout %s: got %v, stderr %q", name, err, stderr.String())
		}
	}
}
