// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"slices"
	"strings"
)

const readme = "README.md"

// readmeText returns the README with its table of options.
func readmeText(all []option) (string, error) {
	const begin, end = "<!-- options: held equal to --help by a test -->\n", "<!-- end of options -->\n"
	return replaceBetween(readme, begin, end, readmeOptions(all))
}

// rare are the options that README leaves to --help and the man page.
var rare = []string{"libchrony", "unexpected-reference", "root-dispersion-warning", "root-delay-warning", "skew-warning", "frequency-warning", "last-offset-warning", "rms-offset-warning"}

// readmeOptions returns a table with a row for each option but -h, -v, -V and the rare
// ones. The two thresholds of a figure share a row.
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
		if o.isCritical() || o.Group.Key == "general" || slices.Contains(rare, o.Name) {
			continue // in the row of its warning; README's text has -v
		}
		var names []string
		if o.Short != "" {
			names = append(names, cell("-"+o.Short))
		}
		name, critical := o.Name, ""
		if i+1 < len(all) && all[i+1].isCritical() {
			name = strings.TrimSuffix(name, "warning") + "…"
			critical = all[i+1].Default
			if short := all[i+1].Short; short != "" {
				names = append(names, cell("-"+short))
			}
		}
		names = append(names, cell("--"+name))
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", strings.Join(names, " "), cell(o.Default), cell(critical), o.Help)
	}
	return b.String()
}
