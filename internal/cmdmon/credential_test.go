// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// user owns the directories of these tests that aren't root's.
const user = 12345

// socketOf starts a chronyd that answers on a socket in a directory with this owner and
// mode. The owner also has the socket, which nobody else may use, and the directory is
// in one of root's.
func socketOf(t *testing.T, uid, gid int, mode os.FileMode) (path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	base := chronydtest.ShortTempDir(t)
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "run")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "chronyd.sock")
	chronydtest.NewFakeAt(t, "unixgram", path, chronydtest.Answer(healthy()))
	for _, name := range []string{path, dir} {
		if err := os.Chown(name, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// as returns what credentials returns for a process that has given up root.
func as(uid, gid int) string {
	return fmt.Sprintf("Uid %[1]d %[1]d %[1]d %[1]d, Gid %[2]d %[2]d %[2]d %[2]d, Groups, CapEff 0000000000000000", uid, gid)
}

// Once the socket is used, nothing is left of root in any thread: no user, group,
// supplementary group or capability.
func TestRootIsGivenUp(t *testing.T) {
	for name, tt := range map[string]struct {
		uid, gid int
		mode     os.FileMode
		want     string
	}{
		"as Debian and Fedora have it":  {user, user + 1, 0o750, as(user, user+1)},
		"as chronyd makes it":           {user, user + 1, 0o770, as(user, user+1)},
		"group root is nobody's group":  {user, 0, 0o750, as(user, 65534)},
		"the group has no access":       {user, user + 1, 0o700, as(user, user+1)},
		"not even the group can search": {user, 0, 0o700, as(user, 65534)},
	} {
		for _, codec := range []string{"native", "libchrony"} {
			t.Run(name+", "+codec, func(t *testing.T) {
				if codec == "libchrony" {
					libchronyCodec(t)
				}
				path := socketOf(t, tt.uid, tt.gid, tt.mode)
				result, credential := readInProcess(t, codec, path, answeredTimeout, []uint32{0, 4, 27})
				if result != "answered" || credential != tt.want {
					t.Errorf("got %s by %s, want %s", result, credential, tt.want)
				}
				onlyThis(t, path)
			})
		}
	}
}

// Where there is nobody else to become, root stays root.
func TestRootKeepsWhatIsRoots(t *testing.T) {
	path := socketOf(t, 0, user, 0o750)
	result, credential := readInProcess(t, "native", path, answeredTimeout, []uint32{0, 4})
	if !strings.HasPrefix(credential, "Uid 0 0 0 0, Gid 0 0 0 0, Groups 0 4, CapEff ") || result != "answered" {
		t.Errorf("got %s by %s", result, credential)
	}
}

// What root can't do is an error that says so, and no file is created.
func TestRootThatCantBeGivenUp(t *testing.T) {
	path := socketOf(t, user, user, 0o750)
	for dropped, want := range map[string]string{
		"setuid":                            "operation not permitted",
		"setgid":                            "operation not permitted",
		"dac_override,-dac_read_search":     "answered",
		"chown,-fowner,-sys_admin,-setpcap": "answered",
	} {
		result, _ := readInProcess(t, "native", path, answeredTimeout, nil, "setpriv", "--bounding-set=-"+dropped)
		if result != want {
			t.Errorf("without %s: got %s, want %s", dropped, result, want)
		}
	}
	// A user namespace in which there is no such user.
	if result, _ := readInProcess(t, "native", path, answeredTimeout, nil, "unshare", "-r"); result == "answered" {
		t.Errorf("got %s", result)
	}
	onlyThis(t, path)
}

// The error says as whom the socket couldn't be used.
func TestErrorsNameTheUser(t *testing.T) {
	path := socketOf(t, user, user, 0o750)
	if err := os.Chown(path, 0, 0); err != nil {
		t.Fatal(err)
	}
	result, credential := readInProcess(t, "native", path, answeredTimeout, nil)
	if want := "as user 12345, group 12345: permission denied"; result != want || credential != as(user, user) {
		t.Errorf("got %s by %s, want %s", result, credential, want)
	}
}

// A link below /proc leads elsewhere than its text says. There may be another chronyd.
func TestLinksThatLieAreRefused(t *testing.T) {
	path := socketOf(t, 0, 0, 0o750)
	script := fmt.Sprintf(`cd %[1]s && mount -t tmpfs none %[1]s && : > %[1]s/chronyd.sock && exec "$@"`, filepath.Dir(path))
	result, _ := readInProcess(t, "native", "/proc/self/cwd/chronyd.sock", answeredTimeout, nil, "unshare", "-m", "sh", "-c", script, "sh")
	if want := "root can't follow its links safely: they don't lead to " + path; result != want {
		t.Errorf("got %s, want %s", result, want)
	}
	if result, _ := readInProcess(t, "native", "/proc/self/root"+path, answeredTimeout, nil); result != "answered" {
		t.Errorf("got %s", result)
	}
}
