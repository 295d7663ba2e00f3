// SPDX-License-Identifier: MIT

package contribtest

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// shippedPlugin is the path of the plugin in the shipped files.
const shippedPlugin = "/usr/lib/nagios/plugins/check_chrony"

// fixture is what the test of a monitoring system starts from: the plugin, the cases to
// run, and the user that the daemons run as.
type fixture struct {
	plugin, library string
	cases           []testCase
	user            *user.User
	credential      *syscall.Credential
}

// newFixture starts chronyds of its own, so that tests can run in parallel.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := newDaemonFixture(t)
	f.cases = newCases(t)
	return f
}

// newDaemonFixture returns a fixture without chronyds and cases.
func newDaemonFixture(t *testing.T) *fixture {
	t.Helper()
	chronydtest.Slow(t)
	f := &fixture{}
	f.findUser(t)
	f.plugin, f.library = plugintest.Shipped(t), os.Getenv("CHECK_CHRONY_LIBCHRONY")
	return f
}

func TestMain(m *testing.M) { os.Exit(plugintest.Main(m)) }

// findUser finds the user that the daemons run as: nagios, or the test's own user if that
// isn't root.
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

// group returns the name of the daemons' group.
func (f *fixture) group(t *testing.T) string {
	t.Helper()
	group, err := user.LookupGroupId(f.user.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return group.Name
}

// folder returns a new folder of the daemons' user that others can read.
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

// subfolder creates a folder of the daemons' user in another.
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
	chronydtest.WriteExecutable(t, name, []byte(text))
}

// readIfThere returns the text of a file; empty if a daemon hasn't written it yet.
func readIfThere(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// shipped returns the text of a file in contrib.
func shipped(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "contrib", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
