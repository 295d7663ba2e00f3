// SPDX-License-Identifier: MIT

package e2e

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

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// A situation is what a person on call may meet: a chronyd, and what the plugin says
// about it. Each is read with both readers.
type situation struct {
	daemon *chronydtest.Daemon
	args   []string // in place of the daemon's address, if they have -H
	code   int
	want   string // a pattern for the start of the line, after the state and the colon
	table  string // a pattern for a line of -v; empty if it isn't looked at
}

// say fails unless the plugin says what it should. It tries again until chronyd has settled.
func (s situation) say(t *testing.T) {
	t.Helper()
	state := [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[s.code]
	want := regexp.MustCompile(fmt.Sprintf(`^CHRONY %s: %s`, state, s.want))
	table := regexp.MustCompile(`(?m)^` + s.table)
	args := s.args
	if s.daemon != nil {
		args = append(s.daemon.Args(), s.args...)
	}
	for _, reader := range plugintest.Readers(t) {
		var got string
		var code int
		for end := time.Now().Add(settleTimeout); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
			got, code = plugintest.Run(t, nil, append(args, "-v", "--reader="+reader)...)
			if code == s.code && want.MatchString(got) && table.MatchString(got) {
				break
			}
		}
		if code != s.code || !want.MatchString(got) || !table.MatchString(got) {
			t.Errorf("%s: got %d\n%swant %d\n%s\n%s", reader, code, got, s.code, want, table)
		}
		if err := plugintest.CheckFormat(got, code, strings.Count(got, "\n")-1); err != nil {
			t.Errorf("%s: %v in\n%s", reader, err, got)
		}
	}
}

// settle waits until a line of a report of chronyc, in CSV, matches a pattern. A source of a
// chronyd that has just started is unreachable, and then not selectable, whatever it is later.
func settle(d *chronydtest.Daemon, report, line string) {
	pattern := regexp.MustCompile(`(?m)` + line)
	d.Wait(line+" in "+report, func() bool {
		out, _ := d.Chronyc(report)
		return pattern.MatchString(out)
	})
}

// The numbers at the end of a line of ntpdata: of packets that were sent, that came, that
// were valid, and that were good.
const (
	silence  = `,[1-9][0-9]*,0,0,0$`
	noneGood = `,[1-9][0-9]*,[1-9][0-9]*,[1-9][0-9]*,0$`
)

// deadServer returns the line of chrony.conf for a server that never answers.
func deadServer(t *testing.T, options string) string {
	return fmt.Sprintf("server 127.0.0.99 port %d iburst minpoll 0 maxpoll 0 %s", chronydtest.FreePort(t), options)
}

// Real chronyds are brought into situations in which they don't say why they don't
// follow their sources.
func TestRealReasons(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	const waiting = `clock not synchronised, no usable source of 4: 1 unreachable, 3 waiting for others \(warning\)`
	for name, situate := range map[string]func(*testing.T) situation{
		"a required source is dead": func(t *testing.T) situation {
			d := chronydtest.Start(t, append(servers(t, 0, 0, 0), deadServer(t, "require"))...)
			return situation{d, nil, 2, waiting, `127\.0\.0\.1 +waiting for others `}
		},
		"the NTS of a mixed selection is dead": func(t *testing.T) situation {
			d := chronydtest.Start(t, append(servers(t, 0, 0, 0), deadServer(t, fmt.Sprintf("nts ntsport %d", chronydtest.FreePort(t))))...)
			return situation{d, nil, 2, waiting, `127\.0\.0\.99 +unreachable `}
		},
		"fewer than minsources": func(t *testing.T) situation {
			d := chronydtest.Start(t, append(servers(t, 0, 0), "minsources 3")...)
			return situation{d, nil, 2, `clock not synchronised, no usable source of 2: all waiting for others `, `127\.0\.0\.1 +waiting for others `}
		},
		"all offline": func(t *testing.T) situation {
			d := chronydtest.Start(t, servers(t, 0, 0)...)
			d.WaitSynchronised()
			d.Chronyc("offline")
			return situation{d, []string{"--no-sources-after=0"}, 1, `no usable source of 2: all offline, offset `, `127\.0\.0\.2 +(selected, )?offline `}
		},
		"one offline, one dead": func(t *testing.T) situation {
			d := chronydtest.Start(t, "server 127.0.0.1 offline", deadServer(t, ""))
			return situation{d, nil, 2, `clock not synchronised, no usable source of 2: 1 offline, 1 unreachable `, `127\.0\.0\.1 +unreachable `}
		},
		"a server that isn't synchronised": func(t *testing.T) situation {
			d := chronydtest.Start(t, chronydtest.ServerLine(chronydtest.NTPServer{Leap: 3}.Start(t)))
			settle(d, "ntpdata", noneGood)
			return situation{d, nil, 2, `clock not synchronised, no usable source of 1: unreachable `, `127\.0\.0\.1 +unreachable `}
		},
		"silence": func(t *testing.T) situation {
			d := chronydtest.Start(t, deadServer(t, ""))
			settle(d, "ntpdata", silence)
			return situation{d, nil, 2, `clock not synchronised, no usable source of 1: unreachable `, `127\.0\.0\.99 +unreachable `}
		},
		"a wrong key": func(t *testing.T) situation {
			keys := func(key string) string {
				file := filepath.Join(chronydtest.ShortTempDir(t), "keys")
				write(t, file, "1 SHA1 HEX:"+strings.Repeat(key, 20)+"\n")
				return "keyfile " + file
			}
			server := chronydtest.Start(t, "local stratum 2", keys("11"))
			d := chronydtest.Start(t, server.AsServer()+" key 1", keys("22"))
			settle(d, "ntpdata", silence)
			return situation{d, nil, 2, `clock not synchronised, no usable source of 1: unreachable `, `127\.0\.0\.1 +unreachable `}
		},
		"another is trusted": func(t *testing.T) situation {
			clock := chronydtest.NewReferenceClock(t)
			trusted := chronydtest.ServerLine(chronydtest.NTPServer{}.Start(t)) + " trust"
			d := chronydtest.Start(t, trusted, clock.Line("FAR")+" delay 1", "minsources 2")
			clock.Feed(t)
			settle(d, "selectdata", "^T,")
			return situation{d, nil, 2, `clock not synchronised, no usable source of 2: 1 not selectable, 1 waiting for others `, `FAR +not selectable `}
		},
		"just started": func(t *testing.T) situation {
			port := chronydtest.NTPServer{}.Start(t)
			d := chronydtest.Start(t, fmt.Sprintf("server 127.0.0.1 port %d minpoll 6", port))
			settle(d, "selectdata", "^M,")
			return situation{d, nil, 2, `clock not synchronised, no usable source of 1: not selectable `, `127\.0\.0\.1 +not selectable .* ago, `}
		},
		"too far away": func(t *testing.T) situation {
			d := chronydtest.Start(t, append(servers(t, 0, 0), "maxdistance 0.0001")...)
			settle(d, "selectdata", "^d,.*\nd,")
			return situation{d, nil, 2, `clock not synchronised, no usable source of 2: all not selectable `, `127\.0\.0\.1 +not selectable `}
		},
		"noselect": func(t *testing.T) situation {
			d := chronydtest.Start(t, chronydtest.ServerLine(chronydtest.NTPServer{}.Start(t))+" noselect")
			settle(d, "selectdata", "^N,")
			return situation{d, nil, 2, `clock not synchronised, no usable source of 1: not selectable `, `127\.0\.0\.1 +not selectable `}
		},
		"killed, and its socket stays": func(t *testing.T) situation {
			d := chronydtest.Start(t)
			d.Signal(syscall.SIGKILL)
			return situation{nil, []string{"-H", d.Socket}, 2, `no answer from chronyd at ` + d.Socket + `: connection refused \(is chronyd running\? nothing is listening on it\)`, ""}
		},
		"a driver of ntpd": func(t *testing.T) situation {
			d := chronydtest.Start(t, "server 127.127.1.0")
			return situation{d, nil, 2, `clock not synchronised, no usable source of 1: unreachable \(warning, 127\.127\.x\.y is a driver of ntpd: chronyd needs "refclock"\)`, ""}
		},
		"no name is resolved": func(t *testing.T) situation {
			d := chronydtest.Start(t, "pool nosuch.invalid iburst")
			return situation{d, nil, 2, `clock not synchronised, no usable source \(warning, all unresolved\)`, `\(unresolved\) +unresolved `}
		},
		"the expected clock is a falseticker": func(t *testing.T) situation {
			gps, pps := chronydtest.NewReferenceClock(t), chronydtest.NewReferenceClock(t)
			d := chronydtest.Start(t, append(servers(t, 0, 0, 0), gps.Line("GPS")+" offset 0.435", pps.Line("PPS"))...)
			gps.Feed(t)
			return situation{
				d,
				[]string{"--expect-reference=GPS,PPS", "--disagreeing-warning=~:"},
				1,
				`reference 127\.0\.0\.[123] \(expected GPS or PPS, GPS is a falseticker by 43[0-9](\.[0-9])?ms, PPS has no samples\), `,
				`GPS +falseticker .* ago, 43[0-9](\.[0-9])?ms slow \+/- `,
			}
		},
		"local mode, and its servers are dead": func(t *testing.T) situation {
			d := chronydtest.Start(t, "local stratum 8", deadServer(t, ""), "server 127.0.0.98")
			return situation{d, []string{"--local-reference=ok"}, 0, `offset (.*), stratum 8, leap normal, reference local \(chronyd follows no source, 2 configured: all unreachable\), `, ""}
		},
		"local mode at boot": func(t *testing.T) situation {
			d := chronydtest.Start(t, "local", deadServer(t, ""))
			return situation{d, []string{"--grace=36500d"}, 0, `.*, reference local \(chronyd follows no source, 1 configured: unreachable, start-up grace, [0-9]+d left\), `, ""}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			situate(t).say(t)
		})
	}
}

// A name to expect is looked up by the plugin, each time. chronyd did that at start.
func TestRealReasonsOfNames(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	hosts := filepath.Join(chronydtest.ShortTempDir(t), "hosts")
	write(t, hosts, "127.0.0.2 time.example.net\n127.0.0.3 pool.example.net\n")
	mount(t, hosts, "/etc/hosts", "", syscall.MS_BIND, "")
	port := chronydtest.NTPServer{}.StartAt(t, "127.0.0.2")
	d := chronydtest.Start(t, fmt.Sprintf("server time.example.net port %d iburst minpoll 0 maxpoll 0", port))
	d.WaitSynchronised()
	situation{d, []string{"--expect-reference=time.example.net"}, 0, `.*, reference 127\.0\.0\.2, `, ""}.say(t)
	write(t, hosts, "192.0.2.7 time.example.net\n127.0.0.3 pool.example.net\n")
	situation{d, []string{"--expect-reference=time.example.net"}, 1, `reference 127\.0\.0\.2 \(expected time\.example\.net, which is 192\.0\.2\.7 now\), `, ""}.say(t)
	situation{d, []string{"--expect-reference=GPS,time.example.net"}, 1, `reference 127\.0\.0\.2 \(expected GPS or time\.example\.net, GPS is not among the sources, time\.example\.net is 192\.0\.2\.7 now\), `, ""}.say(t)

	// A pool has more sources than its name has addresses.
	d = chronydtest.Start(t, fmt.Sprintf("pool pool.example.net port %d iburst minpoll 0 maxpoll 0 maxsources 2", chronydtest.FreePort(t)))
	situation{d, nil, 2, `clock not synchronised, no usable source of 1: unreachable \(warning, [1-9] more unresolved\)`, `127\.0\.0\.3 +unreachable `}.say(t)
}

// Seen from another host, chronyd may limit its answers.
func TestRealRateLimit(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	must(t, "ip", "address", "add", "192.0.2.1/32", "dev", "lo")
	lines := []string{"bindcmdaddress 0.0.0.0", "cmdallow 192.0.2.1", "cmdratelimit interval 6 burst 1"}
	for i := range 16 {
		lines = append(lines, fmt.Sprintf("server 127.0.0.%d offline", 10+i))
	}
	d := chronydtest.Start(t, lines...)
	situation{
		nil,
		[]string{"-H", "192.0.2.1", "-p", fmt.Sprint(d.CommandPort), "-t", "1s"},
		2,
		`clock not synchronised, sources not read: no reply( after [0-9]+ of 16 sources)? \(unknown, does "cmdratelimit" limit this host\? if the path is slow, a longer --timeout helps\)`, "",
	}.say(t)
}

// In containers, chronyd's Unix socket and its network may be elsewhere than they seem.
func TestRealReasonsInContainers(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	startOnDefaultSocket(t)
	folder := filepath.Dir(defaultSocket)
	// So that others get as far as the socket, which is chronyd's user's.
	if err := errors.Join(os.Chmod(folder, 0o755), os.Chmod(defaultSocket, 0o700)); err != nil {
		t.Fatal(err)
	}
	host := chronydtest.ShortTempDir(t)
	if err := os.Chmod(host, 0o755); err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(host, "chronyd.sock")
	for name, tt := range map[string]struct {
		setup string // the container's, for a shell
		user  uint32
		args  []string
		code  int
		want  string
	}{
		"the host's files below /host": {
			"mount --bind " + folder + " " + host, 0,
			[]string{"-H", elsewhere, "-t", "500ms"},
			2,
			"CHRONY CRITICAL: no answer from chronyd at " + elsewhere + ": no reply within N (chronyd created it as " + defaultSocket + " and can't reply elsewhere: mount its directory at that path) | ",
		},
		"at the same path": {"mount --bind " + folder + " " + folder, 0, []string{"-H", defaultSocket}, 0, "CHRONY OK: "},
		"read-only": {
			"mount --bind " + folder + " " + folder + " && mount -o remount,bind,ro " + folder, 0,
			[]string{"-H", defaultSocket},
			3,
			"CHRONY UNKNOWN: can't read chronyd at " + defaultSocket + ": read-only file system (the plugin creates a socket of its own beside chronyd's: mount the directory writable) | ",
		},
		"another user": {
			"true", stranger,
			[]string{"-H", defaultSocket},
			3,
			fmt.Sprintf("CHRONY UNKNOWN: can't read chronyd at %s: permission denied "+
				"(only root and user %d, who owns its directory, may use it: become one of them (sudo, runAsUser), or use -H 127.0.0.1 in the host's network) | ", defaultSocket, chronydsUser),
		},
		"a network of its own": {
			"ip link set lo up", 0,
			[]string{"-4"},
			2,
			"CHRONY CRITICAL: no answer from chronyd at 127.0.0.1:323: connection refused " +
				`(is chronyd running? "cmdport 0" disables this port, -p selects another, and a container needs the host's network) | `,
		},
	} {
		for _, reader := range plugintest.Readers(t) {
			script := fmt.Sprintf(`%s && exec setpriv --reuid=%d --clear-groups "$@"`, tt.setup, tt.user)
			cmd := exec.Command("sh", append([]string{"-c", script, "sh", plugintest.Path(t), "--reader=" + reader}, tt.args...)...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
			out, _ := cmd.CombinedOutput()
			// The time differs.
			text := regexp.MustCompile(`within [0-9.]+ms`).ReplaceAllString(string(out), "within N")
			checkOutput(t, name+", "+reader, text, cmd.ProcessState.ExitCode(), tt.code, tt.want)
		}
	}
}

// A chronyd that answers everything but activity costs half of the time, and the names
// are still looked up.
func TestSilenceOnActivityLosesNothing(t *testing.T) {
	t.Parallel()
	report := chronydtest.Healthy()
	for i := range report.Sources {
		report.Sources[i].Reachability = 0
	}
	fake := chronydtest.NewFake(t, "udp4", func(request []byte, n int) []chronydtest.Datagram {
		if chronydtest.Command(request) == chronydtest.RequestActivity {
			return nil
		}
		return chronydtest.Answer(report)(request, n)
	})
	for _, reader := range plugintest.Readers(t) {
		out, code := plugintest.Run(t, nil, append(fake.Args(), "-t", "2s", "--no-sources-after=0", "--expect-reference=localhost", "--reader="+reader)...)
		checkOutput(t, reader, out, code, 1, "CHRONY WARNING: reference 192.0.2.1 (expected localhost, which is ")
		if !strings.Contains(out, ", no usable source of 1: unreachable, offset ") || !regexp.MustCompile(` time=1\.[0-9]+s`).MatchString(out) {
			t.Errorf("%s: got %q", reader, out)
		}
	}
}
