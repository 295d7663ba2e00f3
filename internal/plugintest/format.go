// SPDX-License-Identifier: MIT

package plugintest

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	firstLine = regexp.MustCompile(`^CHRONY (OK|WARNING|CRITICAL|UNKNOWN): [ -:<-{}~]+$`) // ASCII without ; and |
	metric    = regexp.MustCompile(`^([a-z_]{1,19})=(-?[0-9]+(?:\.[0-9]+)?)(s?);(` + perfRange + `);(` + perfRange + `);([0-9]*);([0-9]*)$`)
)

const perfRange = `@?(?:(?:~|-?[0-9]+(?:\.[0-9]+)?):)?(?:-?[0-9]+(?:\.[0-9]+)?)?`

// CheckFormat parses the plugin's output as the strictest of its readers do (Sensu's
// nagios_perfdata for the form, pnp4nagios for the numbers, NRPE 2 for the length), and
// returns what one of them would reject.
func CheckFormat(output string, code, verbose int) error {
	if code < 0 || code > 3 {
		return fmt.Errorf("exit code %d", code)
	}
	body, ok := strings.CutSuffix(output, "\n")
	if !ok || strings.HasSuffix(body, "\n") {
		return fmt.Errorf("doesn't end with one newline")
	}
	text, metrics, found := strings.Cut(body, "|")
	lines := strings.Split(strings.TrimRight(text, " \n"), "\n")
	state := [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[code]
	if m := firstLine.FindStringSubmatch(lines[0]); m == nil || m[1] != state {
		return fmt.Errorf("exit code %d and the line %q", code, lines[0])
	}
	if verbose == 0 && (len(lines) > 1 || len(output) > 1000) {
		return fmt.Errorf("%d lines, %d bytes", len(lines), len(output))
	}
	for _, line := range lines[1:] {
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' || r == ';' }) {
			return fmt.Errorf("long text %q", line)
		}
	}
	seen := make(map[string]bool)
	for _, item := range strings.Split(strings.TrimPrefix(metrics, " "), " ") {
		if !found {
			break
		}
		m := metric.FindStringSubmatch(item)
		if m == nil || seen[m[1]] {
			return fmt.Errorf("metric %q", item)
		}
		seen[m[1]] = true
	}
	if found {
		return readByGoNagios(metrics)
	}
	return nil
}
