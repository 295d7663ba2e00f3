// SPDX-License-Identifier: MIT

package main

import (
	"runtime/debug"

	"check_chrony/internal/client"
)

// release is the version: X.Y.Z, or X.Y.Z-dev before that release. It is only here: the
// Makefile and the packages read this line, and a test compares it with CHANGELOG.md.
const release = "0.2.0-dev"

// supported says which versions of chronyd the plugin can query: those with protocol
// version 6.
const supported = "chronyd: 1.29.1 and newer (tested with 4.3, and by hand up to 4.9)"

// versionLines returns the lines of --version.
func versionLines(codec client.Codec, err error) []string {
	text := "check_chrony " + release
	if commit := revision(); commit != "" {
		text += " (commit " + commit + ")"
	}
	if err != nil {
		return []string{text, "reader: none, " + err.Error(), supported}
	}
	return []string{text, "reader: " + codec.String(), supported}
}

// revision returns the commit that the plugin was built from, as recorded by Go; empty if
// it wasn't built in a git clone.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var commit, changes string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changes = " and changes"
		}
	}
	return commit + changes
}
