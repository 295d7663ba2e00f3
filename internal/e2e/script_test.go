// SPDX-License-Identifier: MIT

package e2e

import (
	"errors"
	"flag"
	"fmt"
	"net"
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

// TestScripts runs the plugin as an operator does, against chronyds in several states.
// The scripts know them by the variables for their ports, such as $UNSYNCHRONISED.
func TestScripts(t *testing.T) {
	// Here, since Setup runs in another goroutine and can't skip.
	library, plugin := plugintest.Library(t), plugintest.Path(t)
	server, client := chronydtest.StartPair(t)
	nobody := chronydtest.FreePort(t)
	unsynchronised := chronydtest.Start(t, chronydtest.ServerLine(nobody))
	local := chronydtest.Start(t, "local stratum 7")
	silent := chronydtest.FreePort(t)
	for _, address := range []string{"127.0.0.1", "127.0.0.2"} {
		conn, err := net.ListenPacket("udp4", net.JoinHostPort(address, strconv.Itoa(silent)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}

	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			for name, port := range map[string]int{
				"SERVER": server.CommandPort, "CLIENT": client.CommandPort,
				"UNSYNCHRONISED": unsynchronised.CommandPort, "LOCAL": local.CommandPort,
				"NOBODY": nobody, "SILENT": silent,
			} {
				e.Setenv(name, strconv.Itoa(port))
			}
			e.Setenv("SOCKET", client.Socket)
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
