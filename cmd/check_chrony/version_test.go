// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"check_chrony/internal/client"
)

// The changelog begins with the release, or before a release with what isn't released yet.
func TestChangelogHasRelease(t *testing.T) {
	data, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := regexp.MustCompile(`(?m)^## \[([^]]+)\]`).FindAllStringSubmatch(string(data), -1)
	if len(sections) == 0 {
		t.Fatal("CHANGELOG.md has no sections")
	}
	next, development := strings.CutSuffix(release, "-dev")
	want := next
	if development {
		want = "Unreleased"
	}
	if got := sections[0][1]; got != want {
		t.Errorf("CHANGELOG.md begins with %s, want %s for version %s", got, want, release)
	}
	for _, section := range sections {
		if development && section[1] == next {
			t.Errorf("CHANGELOG.md has %s, which is released; the version is still %s", next, release)
		}
	}
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(next) {
		t.Errorf("%s: want X.Y.Z or X.Y.Z-dev", release)
	}
}

// The value of --libchrony is never printed as typed: it could disturb a terminal or a
// parser.
func TestVersionIsClean(t *testing.T) {
	var out strings.Builder
	code := run([]string{"-V", "--libchrony=\x1b[31m|;\n"}, &out, client.OpenCodec)
	if code != 3 || strings.ContainsAny(out.String(), "\x1b|;") || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("got %d, %q", code, out.String())
	}
}
