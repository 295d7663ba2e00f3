// SPDX-License-Identifier: MIT

package main

import (
	"runtime/debug"

	"check_chrony/internal/client"
)

// release is the version: X.Y.Z, or X.Y.Z-dev before that release. It is written only
// here: the Makefile and the packages read this line, and a test compares CHANGELOG.md
// with it.
const release = "0.2.0-dev"

// supported says which chronyd the plugin can query: protocol version 6 with these
// reports.
const supported = "chronyd: 1.29.1 and newer (tested with 4.3, and by hand up to 4.9)"

// version returns the lines of --version.
func version(codec client.Codec, err error) []string {
	text := "check_chrony " + release
	if revision := commit(); revision != "" {
		text += " (commit " + revision + ")"
	}
	if err != nil {
		return []string{text, "reader: none, " + err.Error(), supported}
	}
	return []string{text, "reader: " + codec.String(), supported}
}

// commit returns the commit that the plugin was built from, as recorded by Go; empty if
// it wasn't built in a git clone.
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
