// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"slices"
	"strings"
)

const (
	icingaCommand = "contrib/icinga2/chrony.conf"
	icingaDoc     = "contrib/icinga2/itl.md"
)

// icingaCommandText returns the CheckCommand's file with these options as arguments.
func icingaCommandText(all []option) (string, error) {
	return replaceBetween(icingaCommand, "\targuments = {\n", "\n\t}\n", strings.TrimSuffix(icingaArguments(all), "\n"))
}

// icingaOptions returns the options that have a variable in Icinga.
func icingaOptions(all []option) []option {
	return slices.DeleteFunc(slices.Clone(all), func(o option) bool {
		return o.Name == "help" || o.Name == "version"
	})
}

// icingaVariable returns the variable for an option. It has the name that the ntp commands
// in Icinga's template library use for the same thing, if they have one.
func icingaVariable(option string) string {
	variables := map[string]string{
		"hostname":       "address",
		"offset-warning": "warning", "offset-critical": "critical",
		"stratum-warning": "wstratum", "stratum-critical": "cstratum",
	}
	if name, ok := variables[option]; ok {
		return "chrony_" + name
	}
	return "chrony_" + strings.ReplaceAll(option, "-", "_")
}

func icingaDescription(o option) string {
	text := o.Help
	if o.Value == "LIST" {
		text += " A string, with commas."
	}
	if o.Default != "" {
		text += " Default: " + o.Default + "."
	}
	return text
}

func icingaArguments(all []option) string {
	var b strings.Builder
	for _, o := range icingaOptions(all) {
		variable, description := icingaVariable(o.Name), icingaDescription(o)
		switch {
		case o.Counts:
			// Icinga can't repeat an option: the variable is the number of v's. It may be a
			// string: Icinga Director writes it as one.
			for level, v := range []string{"-v", "-vv", "-vvv"} {
				fmt.Fprintf(&b, "\t\t%q = {\n\t\t\tset_if = {{ String(macro(\"$%s$\")) == \"%d\" }}\n", v, variable, level+1)
				fmt.Fprintf(&b, "\t\t\tdescription = %q\n\t\t}\n", fmt.Sprintf("%s = %d. %s", variable, level+1, description))
			}
		case o.Value == "":
			fmt.Fprintf(&b, "\t\t\"--%s\" = {\n\t\t\tset_if = \"$%s$\"\n\t\t\tdescription = %q\n\t\t}\n", o.Name, variable, description)
		default:
			fmt.Fprintf(&b, "\t\t\"--%s\" = {\n\t\t\tvalue = \"$%s$\"\n\t\t\tdescription = %q\n", o.Name, variable, description)
			if o.Value == "LIST" {
				// Icinga would turn each element of an array into a separate option, and the
				// last would silently win. With this, an array is an error: the list must be a
				// string with commas.
				b.WriteString("\t\t\trepeat_key = false\n")
			}
			b.WriteString("\t\t}\n")
		}
	}
	return b.String()
}

// icingaDocText returns this plugin's section for Icinga's documentation of its
// template library.
func icingaDocText(all []option) string {
	var b strings.Builder
	b.WriteString(`### chrony <a id="plugin-contrib-command-chrony"></a>

The check_chrony plugin queries a host's chronyd to check its clock: offset, stratum, leap status, age of
the last update, and sources. Without chrony_address it checks the host that it runs on.

Custom variables passed as [command parameters](03-monitoring-basics.md#command-passing-parameters):

Name | Description
-----|------------
`)
	for _, o := range icingaOptions(all) {
		description := icingaDescription(o)
		if o.Counts {
			description = "1 to 3. " + description
		}
		fmt.Fprintf(&b, "%s | **Optional.** %s\n", icingaVariable(o.Name), strings.ReplaceAll(description, "|", `\|`))
	}
	return b.String()
}
