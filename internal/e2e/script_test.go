// SPDX-License-Identifier: MIT

package e2e

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

var update = flag.Bool("u", false, "update the expected output in the scripts")

// TestScripts runs the plugin as an operator does, where no chronyd is needed.
func TestScripts(t *testing.T) {
	t.Parallel()
	runScripts(t, "../../testdata/script", nil)
}

// TestScriptsWithChronyd does so against chronyds in several states. The scripts know
// them by the variables for their ports, such as $UNSYNCHRONISED.
func TestScriptsWithChronyd(t *testing.T) {
	t.Parallel()
	server, client := chronydtest.StartPair(t)
	nobody := chronydtest.FreePort(t)
	unsynchronised := chronydtest.Start(t, chronydtest.ServerLine(nobody))
	local := chronydtest.Start(t, "local stratum 7")
	silence := func([]byte, int) []chronydtest.Datagram { return nil }
	silent := netip.MustParseAddrPort(chronydtest.NewFake(t, "udp4", silence).Address).Port()
	chronydtest.NewFakeAt(t, "udp4", fmt.Sprintf("127.0.0.2:%d", silent), silence)
	variables := map[string]string{"SOCKET": client.Socket}
	for name, port := range map[string]int{
		"SERVER": server.CommandPort, "CLIENT": client.CommandPort,
		"UNSYNCHRONISED": unsynchronised.CommandPort, "LOCAL": local.CommandPort,
		"NOBODY": nobody, "SILENT": int(silent),
	} {
		variables[name] = strconv.Itoa(port)
	}
	runScripts(t, "../../testdata/script/chronyd", variables)
}

// runScripts runs the scripts of a directory with these environment variables. The
// condition [libchrony] is true where libchrony is found; elsewhere the native reader
// does the work.
func runScripts(t *testing.T, dir string, variables map[string]string) {
	t.Helper()
	plugin := plugintest.Path(t)
	library, found := plugintest.FindLibrary(t)
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Condition: func(condition string) (bool, error) {
			if condition != "libchrony" {
				return false, fmt.Errorf("unknown condition %s", condition)
			}
			return found, nil
		},
		Setup: func(e *testscript.Env) error {
			for name, value := range variables {
				e.Setenv(name, value)
			}
			e.Setenv("CHECK_CHRONY_LIBCHRONY", library)
			e.Setenv("PATH", filepath.Dir(plugin)+":"+e.Getenv("PATH"))
			return nil
		},
	})
}

// exits is the script command "exits CODE PROGRAM ARGUMENT…". It also checks what is
// true of every run: stdout ends with a newline and has at most one "|", and stderr is
// empty.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
	if stderr := ts.ReadFile("stderr"); stderr != "" {
		ts.Fatalf("stderr: %q", stderr)
	}
	if stdout := ts.ReadFile("stdout"); !strings.HasSuffix(stdout, "\n") || strings.Count(stdout, "|") > 1 {
		ts.Fatalf("stdout: %q", stdout)
	}
}
