// SPDX-License-Identifier: MIT

package cmdmon

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

func read(t *testing.T, address string) (chrony.Report, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return Read(ctx, address, t.Logf)
}

func TestAddressesMayHaveZones(t *testing.T) {
	f := chronydtest.NewFake(t, "udp6", chronydtest.Answer(chrony.Report{}))
	if _, err := read(t, strings.Replace(f.Address, "]", "%lo]", 1)); err != nil {
		t.Error(err)
	}
}

func TestAddressesNeedAPort(t *testing.T) {
	for _, address := range []string{"", "localhost", "localhost:323", "127.0.0.1", "::1", "[::1]", "127.0.0.1:65536", "127.0.0.1:323x", "chronyd.sock"} {
		if _, err := read(t, address); err == nil {
			t.Errorf("%q is read", address)
		}
	}
}

func listen(t *testing.T) (server *net.UnixAddr, dir string) {
	t.Helper()
	dir = chronydtest.ShortTempDir(t)
	server = &net.UnixAddr{Name: filepath.Join(dir, "chronyd.sock"), Net: "unixgram"}
	conn, err := net.ListenUnixgram(server.Net, server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return server, dir
}

// path is that of the client's own socket.
func path(t *testing.T, c conn) string {
	t.Helper()
	name, err := syscall.Getsockname(int(c.(*hiddenConn).socket))
	if err != nil {
		t.Fatal(err)
	}
	return name.(*syscall.SockaddrUnix).Name
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// chronyd runs as another user, who must reach the socket and find no other way
// to it. No umask may change that.
func TestClientSocketIsHiddenAndReachable(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		server, dir := listen(t)
		old := syscall.Umask(umask)
		conn, err := dialUnix(server.Name)
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		client := path(t, conn)
		parts := strings.Split(strings.TrimPrefix(client, dir+"/"), "/")
		if len(parts) != 3 || !strings.HasPrefix(parts[0], "check_chrony.") || len(parts[1]) != 16 || parts[2] != "sock" {
			t.Errorf("the client's socket is %s", client)
		}
		for path, want := range map[string]os.FileMode{
			client:                             os.ModeSocket | 0o666,
			filepath.Dir(client):               os.ModeDir | 0o711,
			filepath.Dir(filepath.Dir(client)): os.ModeDir | 0o711,
		} {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode(); got != want {
				t.Errorf("umask %03o: %s is %v, want %v", umask, path, got, want)
			}
		}
		conn.Close()
		if found := entries(t, dir); len(found) != 1 {
			t.Errorf("left behind: %v", found)
		}
	}
}

func TestClientSocketsHaveNewNames(t *testing.T) {
	server, _ := listen(t)
	seen := make(map[string]bool)
	for range 20 {
		conn, err := dialUnix(server.Name)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, part := range strings.Split(path(t, conn), "/")[3:5] {
			if seen[part] {
				t.Errorf("%s again", part)
			}
			seen[part] = true
		}
	}
}

// chronyd may die after it was found to listen.
func TestFailureHalfwayLeavesNothingBehind(t *testing.T) {
	_, dir := listen(t)
	for name, want := range map[string]error{
		"gone":                     syscall.ENOENT,
		strings.Repeat("gone", 20): syscall.ENOENT,
	} {
		s, err := newSocket(syscall.AF_UNIX)
		if err != nil {
			t.Fatal(err)
		}
		c := &hiddenConn{socket: s}
		err = c.connect(dir + "/" + name)
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		if len(c.made) != 3 {
			t.Errorf("made %v before it failed", c.made)
		}
		c.Close()
		if found := entries(t, dir); len(found) != 1 {
			t.Errorf("left behind: %v", found)
		}
	}
}

func TestNothingIsMadeWhereItMayNotBe(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	server, dir := listen(t)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	if _, err := read(t, server.Name); !errors.Is(err, syscall.EACCES) {
		t.Errorf("got %v, want %v", err, syscall.EACCES)
	}
}

func TestForeignDirectoryIsRefused(t *testing.T) {
	for _, mode := range []os.FileMode{0o755, 0o731, 0o713} {
		path := t.TempDir()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		dir, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkOwn(int(dir.Fd())); !errors.Is(err, syscall.EPROTO) {
			t.Errorf("%v: got %v, want %v", mode, err, syscall.EPROTO)
		}
		dir.Close()
	}
}

// Errors carry the system's reason alone: the caller names the address.
func TestErrorsArePlain(t *testing.T) {
	f := chronydtest.NewFake(t, "udp4", nil)
	f.Die()
	_, err := read(t, f.Address)
	if want := "tracking report: connection refused"; err == nil || err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestReadingsKeepNoDescriptor(t *testing.T) {
	fakes := []*chronydtest.Fake{
		chronydtest.NewFake(t, "udp4", chronydtest.Answer(chrony.Report{})),
		chronydtest.NewFake(t, "unixgram", chronydtest.Answer(chrony.Report{})),
	}
	count := func() int { return len(entries(t, "/proc/self/fd")) }
	before := count()
	for range 20 {
		for _, f := range fakes {
			if _, err := read(t, f.Address); err != nil {
				t.Fatal(err)
			}
		}
	}
	if after := count(); after > before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}
