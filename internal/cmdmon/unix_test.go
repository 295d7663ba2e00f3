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

// patient returns a wait that no signal ends.
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
	const told = Interrupted("SIGTERM")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(told)
	limit := patient()
	limit.Context = func() context.Context { return ctx }
	if _, err := dialUnix(path, limit); !errors.Is(err, told) {
		t.Errorf("got %v, want %v", err, told)
	}
	if _, err := dialUnix(path, Limit{Context: context.Background}); !errors.Is(err, chrony.ErrNotAsked) {
		t.Errorf("got %v, want %v", err, chrony.ErrNotAsked)
	}
	if _, err := dialUnix(dir+"/gone", patient()); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("got %v, want %v", err, syscall.ENOENT)
	}
	if left := clients(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// A silent chronyd isn't blamed on its path if the same one is only spelled differently.
// (Another path to the same directory needs a mount: see TestRealReasonsInContainers.)
func TestSamePathSpelledDifferently(t *testing.T) {
	path, dir := listen(t)
	spellings := []string{path, dir + "//./chronyd.sock"}
	if os.Geteuid() == 0 { // only root's path is read without links
		link := filepath.Join(chronydtest.ShortTempDir(t), "link")
		if err := os.Symlink(dir, link); err != nil {
			t.Fatal(err)
		}
		spellings = append(spellings, link+"/chronyd.sock")
	}
	for _, spelling := range spellings {
		s, err := dialUnix(spelling, patient())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.explainNoReply(chrony.ErrNoReply); err != chrony.ErrNoReply {
			t.Errorf("%s: got %v", spelling, err)
		}
		s.Close()
	}
}

// A call that never returns is given up at the deadline.
func TestBounded(t *testing.T) {
	never := make(chan struct{})
	defer close(never)
	for name, tt := range map[string]struct {
		within time.Duration
		f      func() error
		want   error
	}{
		"returns": {time.Hour, func() error { return nil }, nil},
		"fails":   {time.Hour, func() error { return syscall.ENOSPC }, syscall.ENOSPC},
		"hangs":   {100 * time.Millisecond, func() error { <-never; return nil }, ErrFileSystem},
	} {
		until := time.Now().Add(tt.within)
		if err := bounded(until, tt.f); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
		if late := time.Since(until); (late < 0) != (tt.want != ErrFileSystem) || late > 5*time.Second {
			t.Errorf("%s: returned %v after the deadline", name, late)
		}
	}
}

// The client's socket is removed, too, if the time is up.
func TestRemovedThoughTheTimeIsUp(t *testing.T) {
	chronydtest.Slow(t)
	path, dir := listen(t)
	limit := patient()
	limit.Deadline = time.Now().Add(50 * time.Millisecond)
	s, err := dialUnix(path, limit)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(limit.Deadline.Add(2 * extraTime)))
	s.Close()
	if left := clients(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// Who owns the directory isn't told to become its owner.
func TestDeniedInOnesOwnDirectory(t *testing.T) {
	path, _ := listen(t)
	if err := explainConnect(path, syscall.EACCES); err != syscall.EACCES {
		t.Errorf("got %v, want %v", err, syscall.EACCES)
	}
}

// chronyd may have created its socket by either name of the same directory.
func TestVarRunIsRun(t *testing.T) {
	for path, want := range map[string]string{
		"/run/chrony/chronyd.sock":      "/run/chrony",
		"/var/run/chrony/chronyd.sock":  "/run/chrony",
		"/host/run/chrony/chronyd.sock": "/host/run/chrony",
	} {
		if got := directory(&syscall.SockaddrUnix{Name: path}); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestSocketPathsThatAreTooLong(t *testing.T) {
	for path, want := range map[string]string{
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

// root uses the path without links, which may be too long though the one with links isn't.
func TestLinkToAPathThatIsTooLong(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("others use the path as it is")
	}
	base := chronydtest.ShortTempDir(t)
	long := filepath.Join(base, strings.Repeat("x", 90-len(base)-len("/")))
	link := filepath.Join(base, "link")
	if err := errors.Join(os.Mkdir(long, 0o755), os.Symlink(long, link)); err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenPacket("unixgram", filepath.Join(long, "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	want := long + "/s: its directory has 90 bytes (at most 77 leave room for the plugin's own socket)"
	if _, err := dialUnix(filepath.Join(link, "s"), patient()); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// root uses a socket as whoever could swap what leads there.
func TestWalkPath(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to others")
	}
	base := chronydtest.ShortTempDir(t)
	for _, dir := range []string{"roots", "users", "users/roots", "links", "groups", "groups/s", "sticky", "sticky/s"} {
		if err := os.Mkdir(filepath.Join(base, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"roots", "users", "users/roots", "groups/s", "sticky/s"} {
		conn, err := net.ListenPacket("unixgram", filepath.Join(base, dir, "s"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	for link, target := range map[string]string{
		"links/absolute": base + "/users", "links/relative": "../users/./roots", "links/loop": "loop",
		"links/socket": "../users/s", "links/long": strings.Repeat("../links/", 20) + "socket",
	} {
		if err := os.Symlink(target, filepath.Join(base, link)); err != nil {
			t.Fatal(err)
		}
	}
	for name, id := range map[string]int{"users": 12345, "links/absolute": 12346} {
		if err := os.Lchown(filepath.Join(base, name), id, id); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"groups": 0o775, "groups/s": 0o777, "sticky": 0o777 | os.ModeSticky} {
		if err := os.Chmod(filepath.Join(base, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	user := &credential{12345, 12345}
	shared := base + "/groups is writable by its group or others, who could redirect root (chmod go-w " + base + "/groups)"
	for path, want := range map[string]struct {
		resolved string
		nearest  *credential
		err      string
	}{
		"roots/s":                     {"roots/s", nil, ""},
		"roots":                       {"roots", nil, ""},
		"users/s":                     {"users/s", user, ""},
		"users/roots/s":               {"users/roots/s", user, ""},
		"users/../roots/s":            {"roots/s", user, ""},
		"links/absolute/s":            {"users/s", user, ""},
		"links/absolute/../roots/s":   {"roots/s", user, ""},
		"links/relative/s":            {"users/roots/s", user, ""},
		"links/socket":                {"users/s", user, ""},
		"links/long":                  {"users/s", user, ""},
		"links/loop/s":                {"", nil, "too many levels of symbolic links"},
		"roots//..///roots/missing/s": {"", nil, "no such file or directory"},
		"roots/s/..":                  {"", nil, "not a directory"},
		"sticky/s/s":                  {"sticky/s/s", nil, ""},
		"groups/s/s":                  {"", nil, shared},
		"sticky/../groups/s/s":        {"", nil, shared},
	} {
		resolved, nearest, err := walkPath(base + "/" + path)
		if want.resolved != "" {
			want.resolved = base + "/" + want.resolved
		}
		if resolved != want.resolved || (nearest == nil) != (want.nearest == nil) || nearest != nil && *nearest != *want.nearest ||
			(err == nil) != (want.err == "") || err != nil && err.Error() != want.err {
			t.Errorf("%s: got %s, %v, %v", path, resolved, nearest, err)
		}
	}
}
