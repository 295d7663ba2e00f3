// SPDX-License-Identifier: MIT

package contribtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// environment is the environment of daemons, which is systemd's.
var environment = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}

// tool returns the path of the first of the programs that is installed. The first name is
// the one by which testdata/setup/need knows it.
func tool(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	chronydtest.Missing(t, names[0])
	return ""
}

// command returns a command that runs as the daemons' user.
func (f *fixture) command(t *testing.T, program string, arguments ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, arguments...)
	cmd.Env, cmd.Dir = environment, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: f.credential}
	return cmd
}

// run runs a program as the daemons' user, and returns its output and exit code.
func (f *fixture) run(t *testing.T, program string, arguments ...string) (string, int) {
	t.Helper()
	cmd := f.command(t, program, arguments...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// daemon is a process that runs until the test ends.
type daemon struct {
	name, log string
	ended     chan struct{}
}

// guard is a shell script that runs a daemon for as long as its standard input is open.
// So the daemon lives no longer than the test binary, however that ends. Icinga has child
// processes that the parent death signal doesn't reach.
const guard = `
exec 3<&0 </dev/null
"$@" 3<&- &
daemon=$!
{ trap "" TERM; read _; kill -TERM 0; sleep 3; kill -KILL 0; } <&3 &
trap 'wait $daemon' TERM
wait $daemon
`

// start starts a daemon, in the foreground, as the daemons' user.
func (f *fixture) start(t *testing.T, program string, arguments ...string) *daemon {
	t.Helper()
	d := &daemon{filepath.Base(program), filepath.Join(f.folder(t), "log"), make(chan struct{})}
	log, err := os.Create(d.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command("sh", append([]string{"-c", guard, "guard", program}, arguments...)...)
	cmd.Env, cmd.Dir = environment, "/"
	cmd.Stdout, cmd.Stderr = log, log
	// A group of its own, so that what the daemon forks ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: f.credential, Setpgid: true}
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		cmd.Wait()
		close(d.ended)
	}()
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-d.ended:
		case <-time.After(5 * time.Second):
		}
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-d.ended
		if t.Failed() {
			t.Logf("%s's log:\n%s", d.name, d.text())
		}
	})
	return d
}

// text returns what the daemon has written so far.
func (d *daemon) text() string {
	data, err := os.ReadFile(d.log)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// wait waits until isTrue returns true, and fails the test if that takes too long or if
// the daemon ends. The message says what it was waiting for.
func (d *daemon) wait(t *testing.T, what string, isTrue func() bool) {
	t.Helper()
	deadline := time.After(40 * time.Second)
	for !isTrue() {
		select {
		case <-d.ended:
			t.Fatalf("%s has ended before %s", d.name, what)
		case <-deadline:
			t.Fatalf("%s: no %s in time", d.name, what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// rejectLines fails the test for each line of a log that contains one of the words.
func rejectLines(t *testing.T, log string, words ...string) {
	t.Helper()
	for line := range strings.Lines(log) {
		for _, word := range words {
			if strings.Contains(line, word) {
				t.Errorf("logged: %s", line)
			}
		}
	}
}
