// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"strings"
	"testing"
)

const icingaCommand = "../../contrib/icinga2/chrony.conf"

// icingaCommandText returns the file of the CheckCommand with its arguments.
func icingaCommandText(t *testing.T, all []option) string {
	t.Helper()
	const begin, end = "\t\t// options: held equal to --help by a test\n", "\t\t// end of options\n"
	return replaceBetween(t, icingaCommand, begin, end, icingaArguments(all))
}

// icingaArguments is an argument for each option. Where Icinga's template library
// has a variable of its ntp commands for the same thing, ours is named like it.
func icingaArguments(all []option) string {
	variables := map[string]string{
		"hostname":       "address",
		"offset-warning": "warning", "offset-critical": "critical",
		"stratum-warning": "wstratum", "stratum-critical": "cstratum",
	}
	var b strings.Builder
	for _, o := range all {
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
