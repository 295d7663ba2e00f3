// SPDX-License-Identifier: MIT

package chronydtest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Daemon is a running chronyd. It takes commands on 127.0.0.1, [::1] and a Unix socket,
// and serves NTP on 127.0.0.1.
type Daemon struct {
	// NTPPort serves time, CommandPort answers chronyc.
	NTPPort, CommandPort int
	// Socket is the path of the Unix socket.
	Socket string

	t   testing.TB
	dir string
	cmd *exec.Cmd
	log bytes.Buffer
}

// Missing ends a test that lacks something, with a line that says what it is and how to
// get it. It skips the test or, with CI=true, fails it, so that nothing is skipped
// unseen. Like t.Skip, it must be called from the test's own goroutine.
func Missing(t testing.TB, what string) {
	t.Helper()
	line := fmt.Sprintf(`missing: %s ("make setup" brings chronyd, "make test" all that tests need)`, what)
	if os.Getenv("CI") == "true" {
		t.Fatal(line)
	}
	t.Skip(line)
}

// Without says that a test continues without something, and checks less. With CI=true the
// test fails.
func Without(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		Missing(t, what)
	}
	t.Logf("continues without %s", what)
}

// Start starts chronyd with the given lines of chrony.conf (server …, local …) and stops
// it at the test's end. "user" makes it run as another user than the test, and
// "bindcmdaddress" with a path puts its Unix socket elsewhere.
func Start(t testing.TB, configuration ...string) *Daemon {
	t.Helper()
	return start(t, nil, configuration...)
}

// StartShifted starts chronyd in the belief that the time is later by shift, in whole
// seconds (libfaketime). Unlike a time of day to begin with, a shift is exact however
// long chronyd takes to start.
func StartShifted(t testing.TB, shift time.Duration, configuration ...string) *Daemon {
	t.Helper()
	for _, pattern := range []string{"/usr/lib*/*/faketime", "/usr/lib*/faketime"} {
		if found, _ := filepath.Glob(pattern + "/libfaketime.so.1"); found != nil {
			return start(t, []string{
				"LD_PRELOAD=" + found[0],
				"TZ=UTC", fmt.Sprintf("FAKETIME=%+d", shift/time.Second),
			}, configuration...)
		}
	}
	Missing(t, "libfaketime")
	return nil
}

func start(t testing.TB, environment []string, configuration ...string) *Daemon {
	t.Helper()
	// On Debian it is only in root's PATH.
	chronyd, err := exec.LookPath("chronyd")
	if err != nil {
		if chronyd, err = exec.LookPath("/usr/sbin/chronyd"); err != nil {
			Missing(t, "chronyd")
		}
	}
	if _, err := exec.LookPath("chronyc"); err != nil {
		Missing(t, "chronyc")
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := ShortTempDir(t)
	d := &Daemon{
		NTPPort: FreePort(t), CommandPort: FreePort(t),
		Socket: setting(configuration, "bindcmdaddress /", filepath.Join(dir, "chronyd.sock")),
		t:      t,
		dir:    dir,
	}
	lines := append([]string{
		"bindaddress 127.0.0.1",
		"allow 127.0.0.1",
		fmt.Sprint("port ", d.NTPPort),
		fmt.Sprint("cmdport ", d.CommandPort),
		"bindcmdaddress 127.0.0.1",
		"bindcmdaddress ::1",
		"bindcmdaddress " + d.Socket,
		"pidfile " + filepath.Join(dir, "chronyd.pid"),
	}, configuration...)
	conf := filepath.Join(dir, "chrony.conf")
	if err := os.WriteFile(conf, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// -x: never touch the clock. -U: don't require root.
	d.cmd = exec.Command(chronyd, "-x", "-U", "-d", "-u", setting(configuration, "user ", me.Username), "-f", conf)
	d.cmd.Env = append(os.Environ(), environment...)
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	// It must not outlive a test binary that is killed.
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.Stop()
		if t.Failed() {
			t.Logf("chronyd's log:\n%s", d.log.String())
		}
	})
	d.Wait("an answer", func() bool { _, err := d.Chronyc("tracking"); return err == nil })
	return d
}

// setting returns the value of the first line of configuration with this start, or else
// otherwise. A path keeps its first slash.
func setting(configuration []string, start, otherwise string) string {
	for _, line := range configuration {
		if strings.HasPrefix(line, start) {
			return strings.TrimPrefix(line, strings.TrimRight(start, "/"))
		}
	}
	return otherwise
}

// StartPair starts a server with a local clock and a client that follows it, and
// waits until the client is synchronised.
func StartPair(t testing.TB, client ...string) (*Daemon, *Daemon) {
	t.Helper()
	server := Start(t, "local stratum 5")
	d := Start(t, append(client, server.AsServer())...)
	d.WaitSynchronised()
	return server, d
}

// AsServer returns the line of chrony.conf that makes another chronyd follow this one.
func (d *Daemon) AsServer() string {
	return ServerLine(d.NTPPort)
}

// ServerLine returns the line of chrony.conf for a server on 127.0.0.1, polled as often
// as chronyd can.
func ServerLine(port int) string {
	return fmt.Sprintf("server 127.0.0.1 port %d iburst minpoll 0 maxpoll 2", port)
}

// Stop ends chronyd. It may be called more than once.
func (d *Daemon) Stop() {
	if d.cmd.ProcessState != nil {
		return
	}
	// chronyd misses a signal that comes just before it waits for events, until the next
	// event: a signal is one.
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.cmd.Wait()
	}()
	for {
		d.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Signal sends a signal to chronyd: SIGSTOP makes it hang.
func (d *Daemon) Signal(s os.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		d.t.Fatal(err)
	}
}

// Chronyc runs chronyc against this chronyd over its Unix socket, in CSV.
func (d *Daemon) Chronyc(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "chronyc", append([]string{"-h", d.Socket, "-n", "-c"}, args...)...).Output()
	return strings.TrimSpace(string(out)), err
}

// WaitSynchronised waits until chronyd follows a source and has updated its clock twice:
// after the first update its skew is 1,000,000 ppm.
func (d *Daemon) WaitSynchronised() {
	d.t.Helper()
	const updateInterval = 12
	d.Wait("synchronisation", func() bool {
		out, err := d.Chronyc("tracking")
		fields := strings.Split(out, ",")
		return err == nil && !strings.HasSuffix(out, "Not synchronised") && fields[updateInterval] != "0.0"
	})
}

// Wait waits until isTrue returns true, and fails the test if that takes too long. Its
// message says what it was waiting for.
func (d *Daemon) Wait(what string, isTrue func() bool) {
	d.t.Helper()
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if isTrue() {
			return
		}
	}
	d.Stop() // so that nothing writes to the log any more
	d.t.Fatalf("chronyd: no %s in time; its log:\n%s", what, d.log.String())
}

// Args returns the options with which the plugin queries this chronyd.
func (d *Daemon) Args() []string {
	return []string{"-H", "127.0.0.1", "-p", strconv.Itoa(d.CommandPort)}
}

// Addresses returns all addresses of this chronyd, in libchrony's notation.
func (d *Daemon) Addresses() map[string]string {
	return map[string]string{
		"IPv4":        fmt.Sprintf("127.0.0.1:%d", d.CommandPort),
		"IPv6":        fmt.Sprintf("[::1]:%d", d.CommandPort),
		"Unix socket": d.Socket,
	}
}

// ShortTempDir returns a new folder whose path is short enough for a socket's name after
// it, which t.TempDir's isn't. Others have no access to it, as chronyd requires.
func ShortTempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cc")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
