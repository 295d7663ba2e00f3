// SPDX-License-Identifier: MIT

package contribtest

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// testCase is how the plugin is run against one of the chronyds, and what must
// come of it. Its name begins with the state.
type testCase struct {
	name    string
	options []option
	code    int
	metrics int
	details []string // each is part of the long text; nil if there must be none
}

type option struct{ name, value string }

// newCases starts the chronyds that the cases need until the test ends: a server
// of its own clock, a client that follows it, and one whose server is not there.
func newCases(t *testing.T) []testCase {
	t.Helper()
	server, client := chronydtest.StartPair(t)
	nobody := chronydtest.FreePort(t)
	unsynchronised := chronydtest.Start(t, chronydtest.ServerLine(nobody))
	port := func(number int) option { return option{"port", strconv.Itoa(number)} }
	cases := []testCase{
		{"ok", []option{port(client.CommandPort)}, 0, 15, nil},
		{"ok-v", []option{port(client.CommandPort), {"verbose", "1"}}, 0, 15, []string{"\nstratum ", "\n\nsource ", "\n127.0.0.1 "}},
		{"ok-vvv", []option{port(client.CommandPort), {"verbose", "3"}}, 0, 15, []string{"\nreader: ", "\nchronyd: 127.0.0.1:"}},
		{"warning", []option{port(server.CommandPort)}, 1, 15, nil},
		{"critical", []option{port(unsynchronised.CommandPort)}, 2, 3, nil},
		{"critical-vv", []option{port(unsynchronised.CommandPort), {"verbose", "2"}}, 2, 3, []string{"\nclock ", "\nreader: "}},
		{"critical-no-answer", []option{port(nobody)}, 2, 1, nil},
		{"unknown", []option{{"hostname", client.Socket}}, 3, 1, nil},
		{"unknown-option", []option{{"stratum-warning", "nine"}}, 3, 0, nil},
	}
	if os.Getuid() != 0 {
		// This user may ask its own chronyd over the socket.
		if err := os.Chmod(client.Socket, 0); err != nil {
			t.Fatal(err)
		}
	}
	return cases
}

func (c testCase) check(t *testing.T, got serviceState) {
	t.Helper()
	if got.code != c.code || len(got.perfdata) != c.metrics {
		t.Errorf("%s: got state %d and %d metrics, want %d and %d: %+v", c.name, got.code, len(got.perfdata), c.code, c.metrics, got)
	}
	for _, want := range c.details {
		if !strings.Contains("\n"+got.long, want) {
			t.Errorf("%s: no %q in\n%s", c.name, want, got.long)
		}
	}
	if c.details == nil && got.long != "" {
		t.Errorf("%s: got long text %q", c.name, got.long)
	}
}

// arguments are the case's options on a command line.
func (c testCase) arguments() []string {
	var arguments []string
	for _, o := range c.options {
		if o.name == "verbose" {
			level, _ := strconv.Atoi(o.value)
			arguments = append(arguments, "-"+strings.Repeat("v", level))
		} else {
			arguments = append(arguments, "--"+o.name+"="+o.value)
		}
	}
	return arguments
}

// matches reports whether a run had the arguments of this case, and not those of
// one that is more or less verbose.
func (c testCase) matches(arguments []string) bool {
	text := regexp.MustCompile(`(?m)^(--[a-z-]+)\n`).ReplaceAllString(strings.Join(arguments, "\n"), "$1=")
	words := strings.Split(text, "\n")
	verbose := slices.ContainsFunc(c.options, func(o option) bool { return o.name == "verbose" })
	for _, a := range c.arguments() {
		if !slices.Contains(words, a) {
			return false
		}
	}
	return verbose == slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "-v") })
}
