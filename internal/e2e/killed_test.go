// SPDX-License-Identifier: MIT

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// Whenever a check over the Unix socket is killed, and whoever started it, it leaves no
// file behind. Either the signal kills it before it has made one, or it reports that it
// was ended, or it was over already. chronyd answers during one half of the checks and
// hangs during the other.
func TestKilledAtRandomMoments(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	users := map[string]*syscall.Credential{"root": nil, "chronyd's user": credentialOf(chronydsUser), "a stranger": credentialOf(stranger)}
	if os.Geteuid() != 0 {
		chronydtest.Missing(t, "root, to run as other users")
	}
	plugin := plugintest.Shipped(t)
	base := chronydtest.ShortTempDir(t)
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "run")
	d := chronydtest.Start(t, "user "+chronydsName, "bindcmdaddress "+filepath.Join(dir, "chronyd.sock"), "local stratum 5")
	if err := os.Chmod(dir, 0o755); err != nil { // so that a stranger gets as far as the socket
		t.Fatal(err)
	}
	for name, user := range users {
		for _, reader := range plugintest.Readers(t) {
			var seen ends
			for _, hangs := range []bool{false, true} {
				longest := 12 * time.Millisecond
				if hangs {
					d.Signal(syscall.SIGSTOP)
					longest = 120 * time.Millisecond
				}
				manyAtOnce(8, chronydtest.Often(100, 20), func(n int) {
					cmd := exec.Command(plugin, "-H", d.Socket, "--local-reference=ok", "-t", "2", "--reader", reader)
					cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user}
					if wrong := seen.kill(cmd, n, rand.N(longest), user != nil && user.Uid == stranger); wrong != "" {
						t.Errorf("%s, %s, chronyd hangs %t: %s", name, reader, hangs, wrong)
					}
				})
				if hangs {
					d.Signal(syscall.SIGCONT)
				}
			}
			t.Logf("%s, %s: died %d, told so %d, were over %d", name, reader, seen.died.Load(), seen.told.Load(), seen.over.Load())
			if left := listDir(t, dir); left != "chronyd.sock" {
				t.Errorf("%s, %s: left behind: %s", name, reader, left)
			}
		}
	}
}

// SIGQUIT that comes before the check listens for signals doesn't end it: Go would answer
// with a trace and exit code 2.
func TestQuitBeforeTheCheckListens(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	plugin := plugintest.Static(t)
	for range 5 {
		// A new one each time: requests of the check before may still arrive.
		fake := chronydtest.NewFake(t, "udp4", func(request []byte, _ int) []chronydtest.Datagram {
			return chronydtest.Later(150*time.Millisecond, chronydtest.Reply(request, chronydtest.Healthy()))
		})
		cmd := exec.Command(plugin, append(fake.Args(), "-t", "5", "--reader=native")...)
		var out, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		fake.AwaitRequests(t, 1)
		cmd.Process.Signal(syscall.SIGQUIT)
		cmd.Wait()
		ended := cmd.ProcessState.ExitCode() == 3 && strings.HasPrefix(out.String(), "CHRONY UNKNOWN: interrupted by ") // on a slow machine
		if fine := cmd.ProcessState.ExitCode() == 0 && strings.HasPrefix(out.String(), "CHRONY OK: "); !fine && !ended || stderr.Len() > 0 {
			t.Errorf("got %v, %q, stderr %q", cmd.ProcessState, out.String(), stderr.String())
		}
	}
}

// ends counts how killed checks ended.
type ends struct{ died, told, over atomic.Int32 }

// kill starts a check and kills it after a while with one of four signals. It returns
// what is wrong with how the check ended; empty if nothing is.
func (e *ends) kill(cmd *exec.Cmd, n int, after time.Duration, denied bool) string {
	var out, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Start(); err != nil {
		return err.Error()
	}
	time.Sleep(after)
	signal := []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT}[n%4]
	killed := time.Now()
	cmd.Process.Signal(signal)
	cmd.Wait()
	took, state := time.Since(killed), cmd.ProcessState
	ended := strings.HasPrefix(out.String(), "CHRONY UNKNOWN: interrupted by ")
	over := strings.HasPrefix(out.String(), "CHRONY OK: ") && state.ExitCode() == 0 && !denied ||
		strings.Contains(out.String(), ": permission denied (only root and ") && state.ExitCode() == 3 && denied
	switch {
	case state.Sys().(syscall.WaitStatus).Signal() == signal && stderr.Len() == 0 && (out.Len() == 0 || strings.HasSuffix(out.String(), "\n")):
		e.died.Add(1) // before it had made anything, or after it had written its result
	case signal == syscall.SIGQUIT && strings.HasPrefix(stderr.String(), "SIGQUIT: quit\n") && !strings.Contains(stderr.String(), "\nos/signal.loop("):
		e.died.Add(1) // Go's own trace: it came before main ignored it
	case signal == syscall.SIGQUIT && strings.Contains(out.String(), ": no reply within ") && state.ExitCode() == 2 && stderr.Len() == 0:
		e.over.Add(1) // it came before the check listened, and chronyd hangs
	case state.ExitCode() == 3 && ended && stderr.Len() == 0:
		e.told.Add(1)
	case over && stderr.Len() == 0:
		e.over.Add(1)
	default:
		return fmt.Sprintf("%v by %v after %v: %q, stderr %q", state, signal, after, out.String(), stderr.String())
	}
	if took > 10*time.Second {
		return fmt.Sprintf("took %v to end by %v", took, signal)
	}
	return ""
}

// A check that is killed while it waits is UNKNOWN, says so, and leaves no socket behind.
func TestKilled(t *testing.T) {
	t.Parallel()
	d := chronydtest.Start(t)
	d.Signal(syscall.SIGSTOP)
	defer d.Signal(syscall.SIGCONT)
	folder := filepath.Dir(d.Socket)
	before := listDir(t, folder)
	for _, reader := range plugintest.Readers(t) {
		for sig, name := range map[syscall.Signal]string{syscall.SIGTERM: "SIGTERM", syscall.SIGINT: "SIGINT", syscall.SIGHUP: "SIGHUP", syscall.SIGQUIT: "SIGQUIT"} {
			cmd := exec.Command(plugintest.Path(t), "-H", d.Socket, "-t", "30", "--reader", reader)
			var out, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			d.Wait("request", func() bool { return listDir(t, folder) != before })
			cmd.Process.Signal(sig)
			err := cmd.Wait()
			want := fmt.Sprintf("CHRONY UNKNOWN: interrupted by %s | time=", name)
			if cmd.ProcessState.ExitCode() != 3 || !strings.HasPrefix(out.String(), want) || stderr.String() != "" {
				t.Errorf("%s, %v: got %v, %q, stderr %q; want %q", reader, sig, err, out.String(), stderr.String(), want)
			}
			if after := listDir(t, folder); after != before {
				t.Errorf("%s, %v: left behind: %s", reader, sig, after)
			}
		}
	}
}

// So does one whose requests are all answered, but take long together.
func TestKilledWhileAnswered(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	many := chronydtest.Healthy()
	for len(many.Sources) < 4000 {
		many.Sources = append(many.Sources, many.Sources[0])
	}
	for _, network := range []string{"udp4", "unixgram"} {
		for _, reader := range plugintest.Readers(t) {
			fake := chronydtest.NewFake(t, network, func(request []byte, _ int) []chronydtest.Datagram {
				return chronydtest.Later(2*time.Millisecond, chronydtest.Reply(request, many))
			})
			cmd := exec.Command(plugintest.Path(t), append(fake.Args(), "-t", "30", "--reader", reader)...)
			var out strings.Builder
			cmd.Stdout = &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			fake.AwaitRequests(t, 100) // it listens for signals by then
			cmd.Process.Signal(syscall.SIGTERM)
			start := time.Now()
			cmd.Wait()
			if took := time.Since(start); cmd.ProcessState.ExitCode() != 3 || !strings.HasPrefix(out.String(), "CHRONY UNKNOWN: interrupted by SIGTERM") || took > 2*time.Second {
				t.Errorf("%s, %s: got %v after %v, %q", network, reader, cmd.ProcessState, took, out.String())
			}
		}
	}
}
