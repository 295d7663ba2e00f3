// SPDX-License-Identifier: MIT

package main

import (
	"runtime/debug"

	"check_chrony/internal/cmdmon"
)

// release is the version, and this the one place where it is written: the
// Makefile and the packages read it here, and a test holds CHANGELOG.md to it.
const release = "0.1.0"

// version is the lines of --version.
func version(load loadFunc, c *cli, wait cmdmon.Wait) []string {
	text := "check_chrony " + release
	if revision := commit(); revision != "" {
		text += " (commit " + revision + ")"
	}
	r, err := load(c.Reader, c.Libchrony, wait)
	if err != nil {
		return []string{text, "reader: none, " + err.Error()}
	}
	return []string{text, "reader: " + r.String()}
}

// commit is the one the plugin was built from, as Go has recorded it; empty if
// it was built elsewhere than in a clone.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var revision, changes string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changes = " and changes"
		}
	}
	return revision + changes
}
