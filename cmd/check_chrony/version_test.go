// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/client"
)

// latest returns the version and date of the release at the top of the changelog.
func latest(t *testing.T) (version string, date time.Time) {
	t.Helper()
	data, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	top := regexp.MustCompile(`(?m)^## \[([^]]+)\] - (\S+)$`).FindSubmatch(data)
	if top == nil {
		t.Fatal("CHANGELOG.md: no release")
	}
	date, err = time.Parse(time.DateOnly, string(top[2]))
	if err != nil {
		t.Fatal(err)
	}
	return string(top[1]), date
}

func TestChangelogHasRelease(t *testing.T) {
	if got, _ := latest(t); got != release {
		t.Errorf("the latest release in CHANGELOG.md is %s, want %s", got, release)
	}
}

// The value of --libchrony is never printed as typed: it could disturb a terminal or a
// parser.
func TestVersionIsClean(t *testing.T) {
	var out strings.Builder
	code := run([]string{"-V", "--libchrony=\x1b[31m|;\n"}, &out, client.OpenCodec)
	if code != 3 || strings.ContainsAny(out.String(), "\x1b|;") || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("got %d, %q", code, out.String())
	}
}
