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

// testCase is a way to run the plugin against one of the chronyds, and the result that
// it must have. Its name begins with the state.
type testCase struct {
	name    string
	profile string // of the shipped ones; empty for none
	options []option
	code    int
	metrics int      // how many
	details []string // each is part of the long text; nil if there must be none
	// profileOptions are those that the profile must have given to the plugin.
	profileOptions []string
}

type option struct{ name, value string }

// The number of metrics of a clock that is synchronised, and of one that isn't.
const allMetrics, fewMetrics = 18, 5

// newCases returns the cases, and starts the chronyds that they need until the test ends:
// a server of its own clock, a client that follows it, and one whose server is missing.
func newCases(t *testing.T) []testCase {
	t.Helper()
	server, client := chronydtest.StartPair(t)
	nobody := chronydtest.FreePort(t)
	unsynchronised := chronydtest.Start(t, chronydtest.ServerLine(nobody))
	port := func(number int) option { return option{"port", strconv.Itoa(number)} }
	cases := []testCase{
		{name: "ok", options: []option{port(client.CommandPort)}, code: 0, metrics: allMetrics},
		{name: "ok-v", options: []option{port(client.CommandPort), {"verbose", "1"}}, code: 0, metrics: allMetrics, details: []string{"\nstratum ", "\n\nsource ", "\n127.0.0.1 "}},
		{name: "ok-vvv", options: []option{port(client.CommandPort), {"verbose", "3"}}, code: 0, metrics: allMetrics, details: []string{"\nreader: ", "\nchronyd: 127.0.0.1:"}},
		{name: "warning", options: []option{port(server.CommandPort)}, code: 1, metrics: allMetrics},
		{name: "critical", options: []option{port(unsynchronised.CommandPort)}, code: 2, metrics: fewMetrics},
		{name: "critical-vv", options: []option{port(unsynchronised.CommandPort), {"verbose", "2"}}, code: 2, metrics: fewMetrics, details: []string{"\nclock ", "\nreader: "}},
		{name: "critical-no-answer", options: []option{port(nobody)}, code: 2, metrics: 1},
		{name: "unknown", options: []option{{"hostname", client.Socket}}, code: 3, metrics: 1},
		{name: "unknown-option", options: []option{{"stratum-warning", "nine"}}, code: 3},
		{name: "profile-lan", profile: "lan", options: []option{port(client.CommandPort)}, code: 1, metrics: allMetrics},
		{name: "profile-internet", profile: "internet", options: []option{port(client.CommandPort)}, code: 1, metrics: allMetrics},
		{name: "profile-pps", profile: "pps", options: []option{port(client.CommandPort)}, code: 1, metrics: allMetrics},
		{name: "profile-isolated", profile: "isolated", options: []option{port(server.CommandPort)}, code: 0, metrics: allMetrics},
	}
	for i, c := range cases {
		if c.profile != "" {
			_, line, _ := strings.Cut(shipped(t, "nrpe/check_chrony_profiles.cfg"), "\ncommand["+c.command()+"]=")
			line, _, _ = strings.Cut(line, "\n")
			if cases[i].profileOptions = strings.Fields(line)[1:]; len(cases[i].profileOptions) == 0 {
				t.Fatalf("no options in %q", line)
			}
		}
	}
	if os.Getuid() != 0 {
		// Without this, the test's user could ask its own chronyd over the socket.
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

// arguments returns the case's options as arguments, without those of its profile.
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

// matches reports whether a run had the arguments of this case, and not those of a case
// that is more or less verbose.
func (c testCase) matches(arguments []string) bool {
	text := regexp.MustCompile(`(?m)^(--[a-z-]+)\n`).ReplaceAllString(strings.Join(arguments, "\n"), "$1=")
	words := strings.Split(text, "\n")
	verbose := slices.ContainsFunc(c.options, func(o option) bool { return o.name == "verbose" })
	for _, a := range append(c.arguments(), c.profileOptions...) {
		if !slices.Contains(words, a) {
			return false
		}
	}
	return verbose == slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "-v") })
}

// command returns the name of the shipped command in Nagios and NRPE, and of the check in
// Sensu.
func (c testCase) command() string {
	if c.profile == "" {
		return "check_chrony"
	}
	return "check_chrony_" + c.profile
}
