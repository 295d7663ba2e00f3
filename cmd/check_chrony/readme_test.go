// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const readme = "../../README.md"

// TestReadmeOptions holds the README's table of options equal to the command
// line: run it with -u to write the table.
func TestReadmeOptions(t *testing.T) {
	const begin, end = "<!-- options: held equal to --help by a test -->\n", "<!-- end of options -->\n"
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(data), begin)
	table, tail, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatal("no table of options")
	}
	want := optionsTable(t)
	if *update {
		if err := os.WriteFile(readme, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table != want {
		t.Errorf("the table differs from --help; go test -u writes it:\n%s", want)
	}
}

// optionsTable is a row for each option; those for critical share the row of
// their warning.
func optionsTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| option | default | |\n| --- | --- | --- |\n")
	name := func(o option) string {
		if o.short != "" {
			return fmt.Sprintf("`-%s`, `--%s`", o.short, o.name)
		}
		return fmt.Sprintf("`--%s`", o.name)
	}
	value := func(o option) string {
		if o.fallback != "" {
			return "`" + o.fallback + "`"
		}
		return ""
	}
	all := options(t)
	for i := 0; i < len(all); i++ {
		o := all[i]
		names, values := name(o), value(o)
		if i+1 < len(all) && all[i+1].isCritical() {
			i++
			if c := all[i]; c.short != "" {
				names += fmt.Sprintf(", `-%s`, `…-critical`", c.short)
			}
			if values != "" {
				values += ", " + value(all[i])
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", names, values, o.help)
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
