// SPDX-License-Identifier: MIT

package plugintest

import (
	"fmt"
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

// folder is the environment variable with the folder of the built plugins. The tests'
// own child processes inherit it.
const folder = "CHECK_CHRONY_TEST_PLUGINS"

// Main runs a package's tests. Its TestMain must call it, and exit with what it returns.
func Main(m *testing.M) int {
	if signal.Ignored(syscall.SIGHUP) {
		// As under nohup. The processes that the tests start would ignore it, too.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	if os.Getenv(folder) == "" {
		dir, err := os.MkdirTemp("", "cc")
		if err != nil {
			fmt.Println(err)
			return 1
		}
		defer os.RemoveAll(dir)
		os.Setenv(folder, dir)
		os.Setenv("GORACE", "atexit_sleep_ms=0") // or each run takes a second more under -race
	}
	return m.Run()
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
	dir := filepath.Join(os.Getenv(folder), kind)
	file := filepath.Join(dir, "check_chrony")
	if _, err := os.Stat(file); err == nil {
		return file
	}
	// A child process may build it at the same time.
	unfinished := file + strconv.Itoa(os.Getpid())
	cmd := exec.Command("go", slices.Concat([]string{"build", "-trimpath", "-o", unfinished}, flags, []string{"check_chrony/cmd/check_chrony"})...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.Rename(unfinished, file); err != nil {
		t.Fatal(err)
	}
	return file
}
