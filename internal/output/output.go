// SPDX-License-Identifier: MIT

// Package output turns a judged reading into what a monitoring system reads:
// plugin text, performance data and the exit code. go-nagios supplies the states and
// the form of a metric. It would quote and sort the labels and leave the text as it
// is, so the order, the labels and the cleaning are done here.
//
// The rules, and the systems that each is for, are those of the Monitoring
// Plugins guidelines ("Plugin Output for Nagios", "Performance data"): ASCII, one line
// unless asked for more, exactly one "|" (Sensu), no ";" in the text (Nagios
// turns it into ":"), performance data last, at most 1,000 bytes (NRPE before
// version 4 cuts at 1,023).
package output

import (
	"io"
	"strings"

	"github.com/atc0005/go-nagios"

	"check_chrony/internal/check"
)

// Write prints the result as one line, or with details as that line, the
// details, and the performance data. It returns the exit code: if writing fails,
// that of UNKNOWN.
func Write(w io.Writer, r check.Result, details []string) int {
	if _, err := io.WriteString(w, render(r, details)); err != nil {
		return nagios.StateUNKNOWNExitCode
	}
	return int(r.Status)
}

// Plain prints lines that are no result, of --help and --version, as clean as a
// result's. It returns UNKNOWN's exit code, whether writing fails or not: a service
// that is set up so must never look OK.
func Plain(w io.Writer, lines []string) int {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(clean(line) + "\n")
	}
	_, _ = io.WriteString(w, b.String())
	return nagios.StateUNKNOWNExitCode
}

func render(r check.Result, details []string) string {
	state := "CHRONY " + label(r.Status) + ": "
	room := maxLine - len(state) - len("\n")
	if len(details) == 0 {
		text, metrics := fit(newHeadline(r), r.Metrics, room)
		return state + text + metrics + "\n"
	}
	var b strings.Builder
	text, _ := newHeadline(r).fit(room)
	b.WriteString(state + text + "\n")
	for _, d := range details {
		b.WriteString(clean(d) + "\n")
	}
	if metrics := perfdata(r.Metrics, withRanges); metrics != "" {
		b.WriteString(strings.TrimPrefix(metrics, " ") + "\n")
	}
	return b.String()
}

// label is the state's word.
func label(s check.Status) string {
	return nagios.ExitCodeToStateLabel(int(s))
}

// clean makes text safe for every reader: printable ASCII without "|" and ";".
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '|' || r == ';' {
			return '?'
		}
		return r
	}, text)
}
