// SPDX-License-Identifier: MIT

package contribtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"check_chrony/internal/chronydtest"
)

// fixture is what the test of a monitoring system starts from: the plugin, the
// cases to run it in, and the user that the daemons run as.
type fixture struct {
	plugin, library string
	cases           []testCase
	user            *user.User
	credential      *syscall.Credential
}

// newFixture starts chronyds of its own, so that tests run side by side. The plugin
// is built once for all.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := newDaemonFixture(t)
	f.cases = newCases(t)
	return f
}

// newDaemonFixture is a fixture without chronyds and cases.
func newDaemonFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{}
	f.findUser(t)
	built := buildPlugin()
	if built.err != nil {
		t.Fatal(built.err)
	}
	f.plugin, f.library = built.plugin, built.library
	return f
}

// buildDir is where the plugin is built for all tests.
var buildDir string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if buildDir, err = os.MkdirTemp("", "cc"); err == nil {
			defer os.RemoveAll(buildDir)
			err = os.Chmod(buildDir, 0o755) // for the daemons' user
		}
		if err != nil {
			fmt.Println(err)
			return 1
		}
		return m.Run()
	}())
}

// built is the path of the plugin and, if one is named in the environment, of
// libchrony.
type built struct {
	plugin, library string
	err             error
}

var buildPlugin = sync.OnceValue(func() (b built) {
	b.plugin = filepath.Join(buildDir, "check_chrony")
	if out, err := exec.Command("go", "build", "-o", b.plugin, "check_chrony/cmd/check_chrony").CombinedOutput(); err != nil {
		b.err = fmt.Errorf("go build: %w\n%s", err, out)
		return b
	}
	if name := os.Getenv("CHECK_CHRONY_LIBCHRONY"); name != "" {
		b.library = filepath.Join(buildDir, filepath.Base(name))
		var data []byte
		if data, b.err = os.ReadFile(name); b.err == nil {
			b.err = os.WriteFile(b.library, data, 0o755)
		}
	}
	return b
})

// findUser finds the user that daemons run as: nagios, or this one if it
// can't become another.
func (f *fixture) findUser(t *testing.T) {
	t.Helper()
	var err error
	if os.Getuid() != 0 {
		if f.user, err = user.Current(); err != nil {
			t.Fatal(err)
		}
		return
	}
	if f.user, err = user.Lookup("nagios"); err != nil {
		chronydtest.Missing(t, "the user nagios")
	}
	uid, errUID := strconv.ParseUint(f.user.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(f.user.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		t.Fatal(err)
	}
	f.credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// group is the name of the daemons' group.
func (f *fixture) group(t *testing.T) string {
	t.Helper()
	group, err := user.LookupGroupId(f.user.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return group.Name
}

// folder is a folder of the daemons' user that others can read.
func (f *fixture) folder(t *testing.T) string {
	t.Helper()
	dir := chronydtest.ShortTempDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f.give(t, dir)
	return dir
}

func (f *fixture) give(t *testing.T, name string) {
	t.Helper()
	if f.credential != nil {
		if err := os.Chown(name, int(f.credential.Uid), int(f.credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

// subfolder makes a folder in one of the daemons' user.
func (f *fixture) subfolder(t *testing.T, dir, name string) string {
	t.Helper()
	dir = filepath.Join(dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f.give(t, dir)
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
