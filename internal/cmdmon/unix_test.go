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

	"check_chrony/internal/chronydtest"
)

// patient returns a limit that no signal ends.
func patient() Limit {
	return Limit{Deadline: time.Now().Add(5 * time.Second), Context: context.Background}
}

// listen makes a socket like chronyd's, and returns its path and directory.
func listen(t *testing.T) (path, dir string) {
	t.Helper()
	dir = chronydtest.ShortTempDir(t)
	path = filepath.Join(dir, "chronyd.sock")
	conn, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return path, dir
}

// clients returns the names of the clients' sockets in a directory.
func clients(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(dir + "/" + clientName + "*")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// chronyd runs as another user, and must be able to answer whatever our umask is.
func TestClientSocketIsReachable(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		path, dir := listen(t)
		before := syscall.Umask(umask)
		s, err := dialUnix(path, patient())
		after := syscall.Umask(before)
		if err != nil {
			t.Fatal(err)
		}
		if after != umask {
			t.Errorf("the umask is %03o, and was %03o", after, umask)
		}
		names := clients(t, dir)
		if len(names) != 1 || len(filepath.Base(names[0])) != len(clientName)+randomLetters {
			t.Fatalf("the client's sockets are %v", names)
		}
		if info, err := os.Lstat(names[0]); err != nil || info.Mode() != os.ModeSocket|0o777 {
			t.Errorf("umask %03o: %v, %v", umask, info.Mode(), err)
		}
		s.Close()
		if left := clients(t, dir); left != nil {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestClientSocketsHaveNewNames(t *testing.T) {
	path, dir := listen(t)
	for range 20 {
		s, err := dialUnix(path, patient())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
	}
	if names := clients(t, dir); len(names) != 20 {
		t.Errorf("%d names in 20 conversations", len(names))
	}
}

// The client's socket has to be removed, so it is made last: not for a check that has
// been told to end, nor beside a socket on which nobody listens.
func TestNoSocketIsMadeInVain(t *testing.T) {
	path, dir := listen(t)
	told := Interrupted("SIGTERM")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(told)
	if _, err := dialUnix(path, Limit{Context: func() context.Context { return ctx }}); !errors.Is(err, told) {
		t.Errorf("got %v, want %v", err, told)
	}
	if _, err := dialUnix(dir+"/gone", patient()); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("got %v, want %v", err, syscall.ENOENT)
	}
	if left := clients(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestSocketPathsThatAreTooLong(t *testing.T) {
	for path, want := range map[string]string{
		"chronyd.sock":                       "the path is not absolute",
		"/" + strings.Repeat("x", 106):       "",
		"/" + strings.Repeat("x", 107):       "the path has 108 bytes (a Unix socket's may have 107)",
		"/" + strings.Repeat("x", 76) + "/s": "",
		"/" + strings.Repeat("x", 77) + "/s": "its directory has 78 bytes (at most 77 leave room for the plugin's own socket)",
	} {
		got := ""
		if _, err := Socket(path); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%d bytes: got %q, want %q", len(path), got, want)
		}
	}
}

// root uses a socket with the rights of whoever could swap what leads there.
func TestRightsAreThoseOfTheNearestOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root uses others' rights")
	}
	base := chronydtest.ShortTempDir(t)
	for _, dir := range []string{"roots", "users", "users/roots", "links"} {
		if err := os.Mkdir(filepath.Join(base, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"links/absolute": base + "/users", "links/relative": "../users/./roots", "links/loop": "loop"} {
		if err := os.Symlink(target, filepath.Join(base, link)); err != nil {
			t.Fatal(err)
		}
	}
	for name, id := range map[string]int{"users": 12345, "links/absolute": 12346} {
		if err := os.Lchown(filepath.Join(base, name), id, id); err != nil {
			t.Fatal(err)
		}
	}
	for socket, want := range map[string]*rights{
		"roots/s":                     nil,
		"users/s":                     {12345, 12345},
		"users/roots/s":               {12345, 12345},
		"users/../roots/s":            {12345, 12345},
		"links/absolute/s":            {12345, 12345},
		"links/absolute/../roots/s":   {12345, 12345},
		"links/relative/s":            {12345, 12345},
		"links/loop/s":                nil,
		"roots//..///roots/missing/s": nil,
	} {
		got := rightsFor(base + "/" + socket)
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: got %v, want %v", socket, got, want)
		}
	}
}

func TestRightsAreUsedAndGivenBack(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root uses others' rights")
	}
	dir := chronydtest.ShortTempDir(t) // root's, and only root may write to it
	file := filepath.Join(dir, "file")
	if err := (&rights{12345, 12345}).run(func() error { return os.WriteFile(file, nil, 0o666) }); !errors.Is(err, syscall.EACCES) {
		t.Errorf("got %v, want %v", err, syscall.EACCES)
	}
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := (&rights{12345, 54321}).run(func() error { return os.WriteFile(file+"2", nil, 0o666) }); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file + "2")
	if err != nil {
		t.Fatal(err)
	}
	if stat := info.Sys().(*syscall.Stat_t); stat.Uid != 12345 || stat.Gid != 54321 {
		t.Errorf("made by %d:%d", stat.Uid, stat.Gid)
	}
}
