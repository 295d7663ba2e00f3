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

// scene is a chronyd in some state, how it is asked, and what comes of it.
type scene struct {
	name    string
	options []option
	code    int
	metrics int
	details []string // what the long text holds
}

type option struct{ name, value string }

// newScenes starts the chronyds of all scenes.
func newScenes(t *testing.T) []scene {
	t.Helper()
	server, client := chronydtest.StartPair(t)
	nobody := chronydtest.FreePort(t)
	unsynchronised := chronydtest.Start(t, chronydtest.ServerLine(nobody))
	port := func(number int) option { return option{"port", strconv.Itoa(number)} }
	scenes := []scene{
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
	return scenes
}

func (sc scene) check(t *testing.T, got shown) {
	t.Helper()
	if got.code != sc.code || len(got.perfdata) != sc.metrics {
		t.Errorf("%s: got state %d and %d metrics, want %d and %d: %+v", sc.name, got.code, len(got.perfdata), sc.code, sc.metrics, got)
	}
	for _, want := range sc.details {
		if !strings.Contains("\n"+got.long, want) {
			t.Errorf("%s: no %q in\n%s", sc.name, want, got.long)
		}
	}
	if sc.details == nil && got.long != "" {
		t.Errorf("%s: got long text %q", sc.name, got.long)
	}
}

// arguments are the scene's on a command line.
func (sc scene) arguments() []string {
	var arguments []string
	for _, o := range sc.options {
		if o.name == "verbose" {
			level, _ := strconv.Atoi(o.value)
			arguments = append(arguments, "-"+strings.Repeat("v", level))
		} else {
			arguments = append(arguments, "--"+o.name+"="+o.value)
		}
	}
	return arguments
}

// asked tells whether the arguments of a run are this scene's, and not those of one
// that is more or less verbose.
func (sc scene) asked(arguments []string) bool {
	text := regexp.MustCompile(`(?m)^(--[a-z-]+)\n`).ReplaceAllString(strings.Join(arguments, "\n"), "$1=")
	words := strings.Split(text, "\n")
	verbose := slices.ContainsFunc(sc.options, func(o option) bool { return o.name == "verbose" })
	for _, a := range sc.arguments() {
		if !slices.Contains(words, a) {
			return false
		}
	}
	return verbose == slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "-v") })
}
