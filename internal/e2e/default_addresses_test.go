// SPDX-License-Identifier: MIT

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// defaultSocket is the Unix socket that is asked without -H.
const defaultSocket = "/run/chrony/chronyd.sock"

// The users of these tests: chronyd's own, and one with no rights to its files.
const (
	chronydsName = "nobody"
	chronydsUser = 65534
	stranger     = 12345
)

// socketAsChronyd is how -vv says that the socket was used, whoever ran the plugin.
var socketAsChronyd = fmt.Sprintf("%s (as user %d)", defaultSocket, chronydsUser)

// startOnDefaultSocket starts a chronyd as distributions do: as a user of its own, who
// owns the socket's directory. It leaves UDP port 323 to the test.
func startOnDefaultSocket(t *testing.T) *chronydtest.Daemon {
	t.Helper()
	d := chronydtest.Start(t, "user "+chronydsName, "bindcmdaddress "+defaultSocket, "cmdport 0",
		chronydtest.ServerLine(chronydtest.NTPServer{}.Start(t)))
	d.WaitSynchronised()
	return d
}

// credentialOf returns the credential of a user without groups; nil for root.
func credentialOf(uid uint32) *syscall.Credential {
	if uid == 0 {
		return nil
	}
	return &syscall.Credential{Uid: uid, Gid: uid}
}

const udpRefused = `no answer from chronyd at 127.0.0.1:323 and [::1]:323: connection refused (is chronyd running? "cmdport 0" disables this port, -p selects another, and a container needs the host's network)`

// Without -H and with "cmdport 0" the socket answers root and chronyd's user. Others
// see the errors of the addresses that they may ask.
func TestWithoutHostTheSocketComesLast(t *testing.T) {
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	d := startOnDefaultSocket(t)
	for _, reader := range plugintest.Readers(t) {
		for _, tt := range []struct {
			user uint32
			code int
			want string
		}{
			{0, 0, "CHRONY OK: offset "},
			{chronydsUser, 0, "CHRONY OK: offset "},
			{stranger, 1, "CHRONY WARNING: " + udpRefused + "\n"},
		} {
			out, code := plugintest.Run(t, credentialOf(tt.user), "--unreachable=warning", "-vv", "--reader="+reader)
			checkOutput(t, reader, out, code, tt.code, tt.want)
			if at := strings.Contains(out, "\nchronyd: "+socketAsChronyd+"\n"); at != (tt.code == 0) {
				t.Errorf("user %d: got\n%s", tt.user, out)
			}
		}
		// A family or a port means UDP.
		for family, address := range map[string]string{"-4": "127.0.0.1", "-6": "[::1]"} {
			out, code := plugintest.Run(t, nil, family, "--reader="+reader)
			checkOutput(t, family, out, code, 2, "CHRONY CRITICAL: no answer from chronyd at "+address+":323: connection refused")
		}
	}
	if left := listDir(t, filepath.Dir(defaultSocket)); left != "chronyd.sock" {
		t.Errorf("left behind: %s", left)
	}
	d.Stop() // which removes the socket
	out, code := plugintest.Run(t, nil, "--reader=native")
	checkOutput(t, "no socket", out, code, 2, "CHRONY CRITICAL: "+udpRefused+" | time=")
}

// While UDP answers, the state of /run makes no difference.
func TestRunReadOnlyOrFull(t *testing.T) {
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	startOnDefaultSocket(t)
	for name, damage := range map[string]struct {
		do, undo func()
		cause    string
	}{
		"read-only": {
			func() { remount(t, syscall.MS_RDONLY) },
			func() { remount(t, 0) },
			"read-only file system",
		},
		"full": {
			func() { fill(t, "/run/full") },
			func() { os.RemoveAll("/run/full") },
			"no space left on device",
		},
	} {
		damage.do()
		for _, reader := range plugintest.Readers(t) {
			// Only the socket can't be asked: that takes a file of ours beside it.
			out, code := plugintest.Run(t, nil, "--reader="+reader)
			checkOutput(t, name, out, code, 3, "CHRONY UNKNOWN: can't read chronyd at 127.0.0.1:323 and [::1]:323: connection refused (")
			if !strings.Contains(out, ", at "+defaultSocket+": "+damage.cause) {
				t.Errorf("%s: got %q", name, out)
			}
			udp := chronydtest.NewFakeAt(t, "udp6", "[::1]:323", chronydtest.Answer(chronydtest.Healthy()))
			out, code = plugintest.Run(t, nil, "--reader="+reader)
			checkOutput(t, name+", UDP answers", out, code, 0, "CHRONY OK: offset ")
			udp.Die()
		}
		damage.undo()
	}
}

// remount changes the /run of the namespace.
func remount(t *testing.T, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("", "/run", "", syscall.MS_REMOUNT|flags, ""); err != nil {
		t.Fatal(err)
	}
}

// fill creates files until there is no room for another.
func fill(t *testing.T, dir string) {
	t.Helper()
	err := os.Mkdir(dir, 0o755)
	for n := 0; err == nil; n++ {
		err = os.WriteFile(filepath.Join(dir, fmt.Sprint(n)), nil, 0o644)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

// What "opencommands" refuses over UDP is asked for again over the socket, which is
// exempt.
func TestRefusedReportsFallBackToSocket(t *testing.T) {
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	startOnDefaultSocket(t)
	for name, tt := range map[string]struct {
		commands []uint16
		stranger string
	}{
		"sources":  {sourcesRequests, "CHRONY UNKNOWN: sources not read: refused by chronyd (add \"sources\" to \"opencommands\" in chrony.conf, or use the Unix socket), offset "},
		"tracking": {[]uint16{chronydtest.RequestTracking}, "CHRONY UNKNOWN: can't read chronyd at 127.0.0.1:323"},
	} {
		var udp []*chronydtest.Fake
		for network, address := range map[string]string{"udp4": "127.0.0.1:323", "udp6": "[::1]:323"} {
			udp = append(udp, chronydtest.NewFakeAt(t, network, address, refusing(tt.commands...)))
		}
		for _, reader := range plugintest.Readers(t) {
			out, code := plugintest.Run(t, nil, "-vv", "--reader="+reader)
			checkOutput(t, name+", root", out, code, 0, "CHRONY OK: offset ")
			if !strings.Contains(out, "\nchronyd: "+socketAsChronyd+"\n") {
				t.Errorf("%s, root: got\n%s", name, out)
			}
			out, code = plugintest.Run(t, credentialOf(stranger), "--reader="+reader)
			checkOutput(t, name+", a stranger", out, code, 3, tt.stranger)
		}
		for _, fake := range udp {
			if len(fake.Requests()) == 0 {
				t.Errorf("%s: %s was not asked", name, fake.Address)
			}
			fake.Die()
		}
	}
}

// refusing answers like a healthy chronyd whose "opencommands" leaves out some requests.
func refusing(commands ...uint16) chronydtest.Handler {
	const unauthorised = 2 // candm.h's STT_UNAUTH
	return func(request []byte, n int) []chronydtest.Datagram {
		if slices.Contains(commands, chronydtest.Command(request)) {
			return chronydtest.Send(chronydtest.Header(request, chronydtest.ReplyNull, unauthorised))
		}
		return chronydtest.Answer(chronydtest.Healthy())(request, n)
	}
}
