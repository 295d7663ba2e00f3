// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const readme = "../../README.md"

// readmeText returns the README with its table of options.
func readmeText(t *testing.T, all []option) string {
	t.Helper()
	const begin, end = "<!-- options: held equal to --help by a test -->\n", "<!-- end of options -->\n"
	return replaceBetween(t, readme, begin, end, readmeOptions(all))
}

// readmeOptions returns a table with a row for each option but -h, -v and -V. The two
// thresholds of a figure share a row.
func readmeOptions(all []option) string {
	var b strings.Builder
	b.WriteString("| option | default | default, critical | meaning |\n| --- | --- | --- | --- |\n")
	cell := func(text string) string {
		if text == "" {
			return ""
		}
		return "`" + text + "`"
	}
	for i, o := range all {
		if o.isCritical() || o.group == "general" {
			continue // in the row of its warning; README's text has -v
		}
		var names []string
		if o.short != "" {
			names = append(names, cell("-"+o.short))
		}
		name, critical := o.name, ""
		if i+1 < len(all) && all[i+1].isCritical() {
			name = strings.TrimSuffix(name, "warning") + "…"
			critical = all[i+1].fallback
			if short := all[i+1].short; short != "" {
				names = append(names, cell("-"+short))
			}
		}
		names = append(names, cell("--"+name))
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", strings.Join(names, " "), cell(o.fallback), cell(critical), o.help)
	}
	return b.String()
}

func TestReadmeIsShort(t *testing.T) {
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(data), "\n"); lines > 150 {
		t.Errorf("README.md has %d lines, want at most 150", lines)
	}
}
