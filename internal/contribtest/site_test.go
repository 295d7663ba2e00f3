// SPDX-License-Identifier: MIT

package contribtest

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"check_chrony/internal/chronydtest"
)

// site is what all monitoring systems share: the plugin, the chronyds, and the
// user that they run as.
type site struct {
	plugin, library string
	scenes          []scene
	user            *user.User
	credential      *syscall.Credential
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{}
	s.becomeNagios(t)

	folder := s.folder(t)
	s.plugin = filepath.Join(folder, "check_chrony")
	if out, err := exec.Command("go", "build", "-o", s.plugin, "check_chrony/cmd/check_chrony").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if name := os.Getenv("CHECK_CHRONY_LIBCHRONY"); name != "" {
		s.library = filepath.Join(folder, filepath.Base(name))
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, s.library, string(data))
	}

	s.scenes = newScenes(t)
	return s
}

// becomeNagios finds the user that daemons run as: nagios, or this one if it
// can't become another.
func (s *site) becomeNagios(t *testing.T) {
	t.Helper()
	var err error
	if os.Getuid() != 0 {
		if s.user, err = user.Current(); err != nil {
			t.Fatal(err)
		}
		return
	}
	if s.user, err = user.Lookup("nagios"); err != nil {
		chronydtest.Missing(t, "user nagios")
	}
	uid, errUID := strconv.ParseUint(s.user.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(s.user.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		t.Fatal(err)
	}
	s.credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// group is the name of the daemons' group.
func (s *site) group(t *testing.T) string {
	t.Helper()
	group, err := user.LookupGroupId(s.user.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return group.Name
}

// folder is a folder of the daemons' user that others can read.
func (s *site) folder(t *testing.T) string {
	t.Helper()
	dir := chronydtest.ShortTempDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.give(t, dir)
	return dir
}

func (s *site) give(t *testing.T, name string) {
	t.Helper()
	if s.credential != nil {
		if err := os.Chown(name, int(s.credential.Uid), int(s.credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

// subfolder makes a folder in one of the daemons' user.
func (s *site) subfolder(t *testing.T, dir, name string) string {
	t.Helper()
	dir = filepath.Join(dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.give(t, dir)
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// readIfThere is the text of a file that a daemon may not have written yet.
func readIfThere(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// shipped is the text of a file of contrib.
func shipped(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "contrib", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
