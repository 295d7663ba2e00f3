// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const contrib = "../../contrib"

// TestIcingaArguments holds the arguments of the CheckCommand equal to the
// command line, both ways: run it with -u to write them.
func TestIcingaArguments(t *testing.T) {
	const begin, end = "\t\t// options: held equal to --help by a test\n", "\t\t// end of options\n"
	name := filepath.Join(contrib, "icinga2", "chrony.conf")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(data), begin)
	arguments, tail, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatal("no arguments")
	}
	want := icingaArguments(t)
	if *update {
		if err := os.WriteFile(name, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if arguments != want {
		t.Errorf("the arguments differ from --help; go test -u writes:\n%s", want)
	}
}

// icingaArguments is an argument for each option. Where Icinga's template library
// has a variable of its ntp commands for the same thing, ours is named like it.
func icingaArguments(t *testing.T) string {
	t.Helper()
	variables := map[string]string{
		"hostname":       "address",
		"offset-warning": "warning", "offset-critical": "critical",
		"stratum-warning": "wstratum", "stratum-critical": "cstratum",
	}
	var b strings.Builder
	for _, o := range options(t) {
		if o.name == "help" || o.name == "version" {
			continue
		}
		variable, ok := variables[o.name]
		if !ok {
			variable = strings.ReplaceAll(o.name, "-", "_")
		}
		description := o.help
		if o.fallback != "" {
			description += " Default: " + o.fallback + "."
		}
		switch {
		case o.counts:
			// Icinga has no count: the variable is the number of v's. It may be a text,
			// as Icinga Director writes it.
			for level, v := range []string{"-v", "-vv", "-vvv"} {
				fmt.Fprintf(&b, "\t\t%q = {\n\t\t\tset_if = {{ String(macro(\"$chrony_%s$\")) == \"%d\" }}\n", v, variable, level+1)
				fmt.Fprintf(&b, "\t\t\tdescription = %q\n\t\t}\n", fmt.Sprintf("chrony_%s = %d. %s", variable, level+1, description))
			}
		case o.operand == "":
			fmt.Fprintf(&b, "\t\t\"--%s\" = {\n\t\t\tset_if = \"$chrony_%s$\"\n\t\t\tdescription = %q\n\t\t}\n", o.name, variable, description)
		default:
			fmt.Fprintf(&b, "\t\t\"--%s\" = {\n\t\t\tvalue = \"$chrony_%s$\"\n\t\t\tdescription = %q\n", o.name, variable, description)
			if o.operand == "LIST" {
				// Of an array Icinga would make one option each, and the last would win without
				// a word. This is an error: the list is a text with commas.
				b.WriteString("\t\t\trepeat_key = false\n")
			}
			b.WriteString("\t\t}\n")
		}
	}
	return b.String()
}

// Every command line in contrib is one that the plugin understands.
func TestContribCommandLines(t *testing.T) {
	for name, pattern := range map[string]string{
		"nagios/commands.cfg":    `/check_chrony (.*)`,
		"nagios/services.cfg":    `check_chrony(?:_remote)?!(-.*)`,
		"nrpe/check_chrony.cfg":  `/check_chrony (.*)`,
		"sensu/check_chrony.yml": `command: check_chrony (.*)`,
		"sudoers/check_chrony":   `/check_chrony (.*?)(?:, .*)?\n`,
	} {
		data, err := os.ReadFile(filepath.Join(contrib, name))
		if err != nil {
			t.Fatal(err)
		}
		lines := regexp.MustCompile(pattern).FindAllStringSubmatch(string(data), -1)
		if lines == nil {
			t.Errorf("%s: no command line", name)
		}
		for _, line := range lines {
			arguments := strings.NewReplacer("$ARG1$", "", "$HOSTADDRESS$", "192.0.2.1").Replace(line[1])
			if _, _, err := parseCLI(strings.Fields(arguments)); err != nil {
				t.Errorf("%s: %s: %v", name, line[1], err)
			}
		}
	}
}
