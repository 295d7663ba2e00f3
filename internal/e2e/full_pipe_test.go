// SPDX-License-Identifier: MIT

package e2e

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// unread returns a pipe, a terminal or a socket that nobody reads. It has room for less
// than the table of -v, or none if full.
func unread(t *testing.T, kind string, full bool) *os.File {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	control := func(call, fd, command, argument uintptr) {
		t.Helper()
		if _, _, errno := syscall.Syscall(call, fd, command, argument); errno != 0 {
			t.Fatal(errno)
		}
	}
	var w, master *os.File
	var err error
	switch kind {
	case "pipe", "non-blocking pipe":
		var fds [2]int
		check(syscall.Pipe2(fds[:], syscall.O_CLOEXEC))
		t.Cleanup(func() { syscall.Close(fds[0]) })
		const setPipeSize, page = 1031, 4096 // F_SETPIPE_SZ isn't in package syscall
		control(syscall.SYS_FCNTL, uintptr(fds[1]), setPipeSize, page)
		w = os.NewFile(uintptr(fds[1]), kind)
	case "terminal":
		master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
		check(err)
		t.Cleanup(func() { master.Close() })
		var number, locked int32
		control(syscall.SYS_IOCTL, master.Fd(), syscall.TIOCSPTLCK, uintptr(unsafe.Pointer(&locked)))
		control(syscall.SYS_IOCTL, master.Fd(), syscall.TIOCGPTN, uintptr(unsafe.Pointer(&number)))
		w, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_WRONLY|syscall.O_NOCTTY, 0)
		check(err)
		if full { // as with Ctrl-S
			const tcxonc, stop = 0x540a, 0 // TCOOFF; not in package syscall
			control(syscall.SYS_IOCTL, w.Fd(), tcxonc, stop)
		}
	case "Unix socket":
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		check(err)
		t.Cleanup(func() { syscall.Close(fds[0]) })
		check(syscall.SetsockoptInt(fds[1], syscall.SOL_SOCKET, syscall.SO_SNDBUF, 1))
		w = os.NewFile(uintptr(fds[1]), kind)
	case "TCP":
		small := func(_, _ string, conn syscall.RawConn) error {
			return conn.Control(func(fd uintptr) {
				syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, 1)
				syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1)
			})
		}
		listener, err := (&net.ListenConfig{Control: small}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		check(err)
		t.Cleanup(func() { listener.Close() })
		conn, err := (&net.Dialer{Control: small}).DialContext(t.Context(), "tcp", listener.Addr().String())
		check(err)
		defer conn.Close()
		w, err = conn.(*net.TCPConn).File()
		check(err)
	}
	t.Cleanup(func() { w.Close() })
	fd := int(w.Fd())
	check(syscall.SetNonblock(fd, true))
	fill := full || kind == "terminal" // its buffer takes more than the table
	enough := 10
	if kind == "TCP" {
		enough = 100 // it takes more whenever it probes the closed window
	}
	for refused := 0; fill && refused < enough; {
		if _, err := syscall.Write(fd, make([]byte, 4096)); errors.Is(err, syscall.EAGAIN) {
			refused++
			time.Sleep(10 * time.Millisecond)
		} else {
			check(err)
		}
	}
	if fill && !full {
		_, err := master.Read(make([]byte, 1000))
		check(err)
	}
	check(syscall.SetNonblock(fd, kind == "non-blocking pipe"))
	return w
}

// If nobody reads stdout, the plugin gives up at the timeout, or a second after it
// starts to write if that is later. Until then a signal kills it like any process; by
// then it has removed its socket.
func TestUnreadStdout(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	plugin := plugintest.Shipped(t)
	report := chronydtest.Healthy()
	report.Sources = slices.Repeat(report.Sources, 200)
	for _, kind := range []string{"pipe", "non-blocking pipe", "terminal", "TCP", "Unix socket"} {
		for name, tt := range map[string]struct {
			full    bool
			noCheck bool // and so no timeout
			args    []string
		}{
			"full":               {true, false, nil},
			"full, a wrong line": {true, true, []string{"--wrong"}},
			"full, --help":       {true, true, []string{"--help"}},
			"more than fits":     {false, false, []string{"-v"}},
		} {
			readers := plugintest.Readers(t)
			limits := map[string]time.Duration{"800ms": time.Second, "2": 1900 * time.Millisecond}
			signals := []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP}
			if kind != "pipe" { // what differs is only how a write blocks
				if tt.noCheck {
					continue
				}
				readers, signals = []string{"native"}, signals[:1]
				delete(limits, "2")
			}
			for _, reader := range readers {
				t.Run(kind+", "+name+", "+reader, func(t *testing.T) {
					t.Parallel()
					var requests atomic.Int64
					answer := chronydtest.Answer(report)
					fake := chronydtest.NewFake(t, "unixgram", func(request []byte, n int) []chronydtest.Datagram {
						requests.Add(1)
						return answer(request, n)
					})
					before := listDir(t, filepath.Dir(fake.Address))
					run := func(timeout string, sig syscall.Signal) (*os.ProcessState, time.Duration) {
						cmd := exec.Command(plugin, slices.Concat(fake.Args(), tt.args, []string{"--reader=" + reader, "--timeout=" + timeout})...)
						var stderr strings.Builder
						cmd.Stdout, cmd.Stderr = unread(t, kind, tt.full), &stderr
						start, earlier := time.Now(), requests.Load()
						if err := cmd.Start(); err != nil {
							t.Fatal(err)
						}
						if sig != 0 {
							for requests.Load() < earlier+int64(len(report.Sources)) {
								time.Sleep(10 * time.Millisecond)
							}
							time.Sleep(500 * time.Millisecond) // it's blocked by then
							start = time.Now()
							cmd.Process.Signal(sig)
						}
						cmd.Wait()
						if stderr.Len() > 0 {
							t.Errorf("stderr %q", stderr.String())
						}
						return cmd.ProcessState, time.Since(start)
					}
					for timeout, least := range limits {
						if tt.noCheck {
							least = time.Second
						}
						if state, took := run(timeout, 0); state.ExitCode() != 3 || took < least || took > least+1500*time.Millisecond {
							t.Errorf("--timeout=%s: got %v after %v, want exit code 3 after %v", timeout, state, took, least)
						}
					}
					if tt.noCheck {
						return
					}
					for _, sig := range signals {
						state, took := run("20", sig)
						if state.Sys().(syscall.WaitStatus).Signal() != sig || took > 2*time.Second {
							t.Errorf("%v: got %v after %v", sig, state, took)
						}
					}
					if after := listDir(t, filepath.Dir(fake.Address)); after != before {
						t.Errorf("left behind: %s", after)
					}
				})
			}
		}
	}
}

// A slow reader still gets everything.
func TestStdoutIsAPipeThatIsReadSlowly(t *testing.T) {
	t.Parallel()
	plugin := plugintest.Shipped(t)
	report := chronydtest.Healthy()
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
	if err := plugintest.CheckFormat(out.String(), cmd.ProcessState.ExitCode(), 1); err != nil || out.Len() < 5000 {
		t.Errorf("%v in %d bytes:\n%s", err, out.Len(), out.String())
	}
}

// chronyd may claim any number of sources: the table is bounded.
func TestTableOfThousandsOfSources(t *testing.T) {
	t.Parallel()
	report := chronydtest.Healthy()
	report.Sources = slices.Repeat(report.Sources, 4096)
	for _, reader := range plugintest.Readers(t) {
		fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(report))
		out, code := plugintest.Run(t, nil, append(fake.Args(), "-v", "-t", "30", "--reader="+reader)...)
		checkOutput(t, reader, out, code, 0, "CHRONY OK: ")
		if rows := strings.Count(out, "\n192.0.2.1 "); rows != 100 || !strings.Contains(out, "\nand 3,996 more\n") {
			t.Errorf("%s: %d rows in\n%s", reader, rows, out)
		}
		if len(out) > 16<<10 {
			t.Errorf("%s: %d bytes", reader, len(out))
		}
	}
}

func TestStdoutClosedOrFull(t *testing.T) {
	t.Parallel()
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
		cmd := exec.Command(plugintest.Path(t), "-w", "wrong")
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr = stdout, &stderr
		err := cmd.Run()
		if cmd.ProcessState.ExitCode() != 3 || stderr.String() != "" {
			t.Errorf("stdout %s: got %v, stderr %q", name, err, stderr.String())
		}
	}
}
