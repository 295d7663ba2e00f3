// SPDX-License-Identifier: MIT

package plugintest

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// folder is the environment variable with the folder of the built plugins, which every
// user can read. The tests' own child processes inherit it.
const folder = "CHECK_CHRONY_TEST_PLUGINS"

// library is the environment variable that names the libchrony to test with. Without it,
// the loader searches for one.
const library = "CHECK_CHRONY_LIBCHRONY"

// Main runs a package's tests. Its TestMain must call it, and exit with what it returns.
func Main(m *testing.M) int {
	if signal.Ignored(syscall.SIGHUP) {
		// As under nohup. The processes that the tests start would ignore it, too.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	if os.Getenv(folder) == "" {
		dir, err := prepare()
		defer os.RemoveAll(dir)
		if err != nil {
			fmt.Println(err)
			return 1
		}
	}
	// Most tests wait, so more of them run side by side than there are processors.
	flag.Parse()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "test.parallel" })
	if !set {
		flag.Set("test.parallel", "24")
	}
	return m.Run()
}

// prepare creates the folder of the plugins. It also copies libchrony there, so that
// every user can load it, and makes the tests use the copy.
func prepare() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "cc"); err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return dir, err
	}
	if name := os.Getenv(library); name != "" {
		data, err := os.ReadFile(name)
		if err != nil {
			return dir, err
		}
		copied := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(copied, data, 0o755); err != nil {
			return dir, err
		}
		os.Setenv(library, copied)
	}
	os.Setenv(folder, dir)
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or each run takes a second more under -race
	return dir, nil
}

// Path returns the plugin's file. It is built with the race detector if the tests are.
func Path(t testing.TB) string {
	t.Helper()
	if info, _ := debug.ReadBuildInfo(); info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return build(t, "race", "1", "-race")
	}
	return Shipped(t)
}

// Shipped returns the file of the plugin as it is shipped, without the tests' race
// detector.
func Shipped(t testing.TB) string {
	t.Helper()
	return build(t, "shipped", "1")
}

// Static returns the file of the plugin that is built without cgo.
func Static(t testing.TB) string {
	t.Helper()
	return build(t, "static", "0")
}

var building sync.Mutex

// build builds the plugin once for all tests of a package.
func build(t testing.TB, kind, cgo string, flags ...string) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	if err := lookAtSources(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(os.Getenv(folder), kind)
	file := filepath.Join(dir, "check_chrony")
	if _, err := os.Stat(file); err == nil {
		return file
	}
	// A child process may build it at the same time.
	unfinished := file + strconv.Itoa(os.Getpid())
	cmd := exec.Command("go", slices.Concat([]string{"build", "-o", unfinished}, flags, []string{"check_chrony/cmd/check_chrony"})...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.Rename(unfinished, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// lookAtSources looks at all files that the plugin may be made of. The go command sees
// that, and doesn't return a result from its cache if one of them has changed.
func lookAtSources() error {
	const root = "../../"
	for _, name := range []string{"go.mod", "cmd", "internal"} {
		err := filepath.WalkDir(root+name, func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
