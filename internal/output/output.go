// SPDX-License-Identifier: MIT

// Package output turns a judged reading into what a monitoring system reads:
// plugin text, performance data and the exit code. go-nagios supplies the
// states and the form of a metric; what it would do to the rest (labels in
// quotes and out of order, text that isn't cleaned) is done here.
//
// The rules, and the systems that each is for, are those of the Monitoring
// Plugins guidelines ("Plugin Output for Nagios", "Performance data"): ASCII, one line
// unless asked for more, exactly one "|" (Sensu), no ";" in the text (Nagios
// turns it into ":"), performance data last, at most 1,000 bytes (NRPE before
// version 4 cuts at 1,023).
package output

import (
	"io"
	"slices"
	"strings"

	"github.com/atc0005/go-nagios"

	"check_chrony/internal/check"
)

// maxLine is the longest output without long text, in bytes.
const maxLine = 1000

// Write prints the result as one line, or with details as that line, the
// details, and the performance data, and returns the exit code. What can't be
// written can't be known: then the code is UNKNOWN's.
func Write(w io.Writer, r check.Result, details []string) int {
	if _, err := io.WriteString(w, render(r, details)); err != nil {
		return nagios.StateUNKNOWNExitCode
	}
	return int(r.Status)
}

func render(r check.Result, details []string) string {
	line := "CHRONY " + label(r.Status) + ": " + clean(headline(r))
	metrics := perfdata(r.Metrics)
	if len(details) == 0 {
		if metrics != "" {
			metrics = " |" + metrics
		}
		if room := maxLine - len(metrics) - len("\n"); len(line) > room {
			line = line[:max(room-len("..."), 0)] + "..."
		}
		return line + metrics + "\n"
	}
	var b strings.Builder
	b.WriteString(line + "\n")
	for _, d := range details {
		b.WriteString(clean(d) + "\n")
	}
	if metrics != "" {
		b.WriteString("|" + metrics + "\n")
	}
	return b.String()
}

// headline is every reason for the state, the worst first, and then what is
// always worth a look.
func headline(r check.Result) string {
	subchecks := slices.Clone(r.Subchecks)
	rank := []int{
		nagios.StateCRITICALExitCode, nagios.StateWARNINGExitCode,
		nagios.StateUNKNOWNExitCode, nagios.StateOKExitCode,
	}
	slices.SortStableFunc(subchecks, func(a, b check.Subcheck) int {
		return slices.Index(rank, int(a.Status)) - slices.Index(rank, int(b.Status))
	})
	var parts []string
	for _, s := range subchecks {
		if s.Status == check.OK && !s.Headline {
			continue
		}
		text := strings.TrimSpace(s.Name + " " + s.Value)
		var notes []string
		if s.Status != check.OK && s.Status != r.Status {
			notes = append(notes, strings.ToLower(label(s.Status)))
		}
		if s.Reason != "" {
			notes = append(notes, s.Reason)
		}
		if len(notes) > 0 {
			text += " (" + strings.Join(notes, ": ") + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
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
