// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// idlePipe returns a pipe that nobody reads. It has room for one page, or none if full.
func idlePipe(t *testing.T, full bool) *os.File {
	t.Helper()
	var fds [2]int
	if err := syscall.Pipe2(fds[:], syscall.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fds[0]) })
	w := os.NewFile(uintptr(fds[1]), "idle pipe")
	t.Cleanup(func() { w.Close() })
	const setPipeSize, page = 1031, 4096 // F_SETPIPE_SZ isn't in package syscall
	size, _, errno := syscall.Syscall(syscall.SYS_FCNTL, w.Fd(), setPipeSize, page)
	if errno != 0 {
		t.Fatal(errno)
	}
	if full {
		if _, err := w.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// If nobody reads stdout, the plugin gives up at the timeout, or a second after it
// starts to write if that is later. Until then a signal kills it like any process; by
// then it has removed its socket.
func TestStdoutIsAPipeThatNobodyReads(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", library(t))
	plugin := build(t, "1")
	report := healthy()
	report.Sources = slices.Repeat(report.Sources, 200)
	for name, tt := range map[string]struct {
		full bool
		args []string
	}{
		"full":               {true, nil},
		"full, a wrong line": {true, []string{"--wrong"}},
		"full, --help":       {true, []string{"--help"}},
		"more than fits":     {false, []string{"-v"}},
	} {
		for _, reader := range []string{"libchrony", "native"} {
			fake := chronydtest.NewFake(t, "unixgram", chronydtest.Answer(report))
			before := names(t, filepath.Dir(fake.Address))
			run := func(timeout string, sig syscall.Signal) (*os.ProcessState, time.Duration) {
				cmd := exec.Command(plugin, slices.Concat(fake.Args(), tt.args, []string{"--reader=" + reader, "--timeout=" + timeout})...)
				var stderr strings.Builder
				cmd.Stdout, cmd.Stderr = idlePipe(t, tt.full), &stderr
				start := time.Now()
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				if sig != 0 {
					time.Sleep(500 * time.Millisecond) // it's blocked by then
					start = time.Now()
					cmd.Process.Signal(sig)
				}
				cmd.Wait()
				if stderr.Len() > 0 {
					t.Errorf("%s, %s: stderr %q", name, reader, stderr.String())
				}
				return cmd.ProcessState, time.Since(start)
			}
			t.Run(name+", "+reader, func(t *testing.T) {
				t.Parallel()
				for timeout, least := range map[string]time.Duration{"800ms": time.Second, "2": 1900 * time.Millisecond} {
					if strings.HasPrefix(name, "full, ") {
						least = time.Second // there is no check, so no timeout
					}
					if state, took := run(timeout, 0); state.ExitCode() != 3 || took < least || took > least+1500*time.Millisecond {
						t.Errorf("--timeout=%s: got %v after %v, want exit code 3 after %v", timeout, state, took, least)
					}
				}
				if strings.HasPrefix(name, "full, ") {
					return
				}
				for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
					state, took := run("20", sig)
					if state.Sys().(syscall.WaitStatus).Signal() != sig || took > 2*time.Second {
						t.Errorf("%v: got %v after %v", sig, state, took)
					}
				}
				if after := names(t, filepath.Dir(fake.Address)); after != before {
					t.Errorf("left behind: %s", after)
				}
			})
		}
	}
}

// A slow reader still gets everything.
func TestStdoutIsAPipeThatIsReadSlowly(t *testing.T) {
	plugin := build(t, "1")
	report := healthy()
	report.Sources = slices.Repeat(report.Sources, 200)
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(report))
	cmd := exec.Command(plugin, append(fake.Args(), "--reader=native", "-v", "-t", "10")...)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	var out strings.Builder
	for buffer := make([]byte, 500); err == nil; time.Sleep(10 * time.Millisecond) {
		var n int
		n, err = r.Read(buffer)
		out.Write(buffer[:n])
	}
	cmd.Wait()
	if err := checkFormat(out.String(), cmd.ProcessState.ExitCode(), 1); err != nil || out.Len() < 5000 {
		t.Errorf("%v in %d bytes:\n%s", err, out.Len(), out.String())
	}
}

// chronyd may claim any number of sources: the table is bounded.
func TestTableOfThousandsOfSources(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", library(t))
	report := healthy()
	report.Sources = slices.Repeat(report.Sources, 4096)
	for _, reader := range []string{"libchrony", "native"} {
		fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(report))
		out, code := command(t, nil, append(fake.Args(), "-v", "-t", "30", "--reader="+reader)...)
		checkOutput(t, reader, out, code, 0, "CHRONY OK: ")
		if rows := strings.Count(out, "\n192.0.2.1 "); rows != 100 || !strings.Contains(out, "\nand 3,996 more\n") {
			t.Errorf("%s: %d rows in\n%s", reader, rows, out)
		}
		if len(out) > 16<<10 {
			t.Errorf("%s: %d bytes", reader, len(out))
		}
	}
}
