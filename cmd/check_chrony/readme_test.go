// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
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
	name := func(f *kong.Flag) string {
		if f.Short != 0 {
			return fmt.Sprintf("`-%c`, `--%s`", f.Short, f.Name)
		}
		return fmt.Sprintf("`--%s`", f.Name)
	}
	value := func(f *kong.Flag) string {
		if f.HasDefault {
			return "`" + f.Default + "`"
		}
		return ""
	}
	flags := flags(t)
	for i := 0; i < len(flags); i++ {
		f := flags[i]
		names, values := name(f), value(f)
		if i+1 < len(flags) && strings.TrimSuffix(f.Name, "warning")+"critical" == flags[i+1].Name {
			i++
			if c := flags[i]; c.Short != 0 {
				names += fmt.Sprintf(", `-%c`, `…-critical`", c.Short)
			}
			if values != "" {
				values += ", " + value(flags[i])
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", names, values, f.Help)
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
