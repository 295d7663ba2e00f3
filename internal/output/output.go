// SPDX-License-Identifier: MIT

// Package output turns a result into what a monitoring system reads: plugin text,
// performance data and the exit code. go-nagios supplies the words for the states and the
// format of a metric. It would quote and sort the labels, and doesn't clean the text, so
// the order, the labels and the cleaning are done here.
//
// The rules are those of the Monitoring Plugins guidelines ("Plugin Output for Nagios",
// "Performance data") and of the systems in brackets: ASCII, one line without -v, exactly
// one "|" (Sensu), no ";" in the text (Nagios turns it into ":"), performance data last, at
// most 1,000 bytes (NRPE before version 4 truncates at 1,023).
package output

import (
	"io"
	"strings"

	"github.com/atc0005/go-nagios"

	"check_chrony/internal/check"
)

// Write prints the result as one line or, if there are details, as that line, the
// details, and then the performance data. It returns the exit code, which is UNKNOWN's
// if writing fails.
func Write(w io.Writer, r check.Result, details []string) int {
	if _, err := io.WriteString(w, render(r, details)); err != nil {
		return nagios.StateUNKNOWNExitCode
	}
	return int(r.Status)
}

// WriteText prints --help and --version, with the same character filter as results. It
// always returns UNKNOWN's exit code: a service that runs these by mistake must never
// look OK.
func WriteText(w io.Writer, lines []string) int {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(clean(line) + "\n")
	}
	_, _ = io.WriteString(w, b.String())
	return nagios.StateUNKNOWNExitCode
}

func render(r check.Result, details []string) string {
	state := "CHRONY " + label(r.Status) + ": "
	limit := maxLine - len(state) - len("\n")
	if len(details) == 0 {
		text, data := newHeadline(r).fit(r.Metrics, limit)
		return state + text + data + "\n"
	}
	var b strings.Builder
	b.WriteString(state + newHeadline(r).shorten(limit) + "\n")
	for _, d := range details {
		b.WriteString(clean(d) + "\n")
	}
	if data := perfdata(r.Metrics, withRanges); data != "" {
		b.WriteString(strings.TrimPrefix(data, " ") + "\n")
	}
	return b.String()
}

// label returns the word for a state.
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
