// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"regexp"
	"testing"
	"time"
)

// latest is the release at the top of the changelog.
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
