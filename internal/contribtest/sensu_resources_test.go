// SPDX-License-Identifier: MIT

package contribtest

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sensuctl create takes anything before the first "---", even a comment, for a resource,
// and refuses it as one without a type.
func TestSensuResources(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.yml", "*.yml.in"} {
		found, _ := filepath.Glob("../../contrib/sensu/" + pattern)
		files = append(files, found...)
	}
	if len(files) < 3 {
		t.Fatalf("got %v, want the check, those with profiles, and the asset", files)
	}
	for _, file := range files {
		text := shipped(t, "sensu/"+filepath.Base(file))
		if !strings.HasPrefix(text, "---\n") {
			t.Errorf("%s: something stands before ---", file)
		}
		if line := regexp.MustCompile(`(?m)^ *\w+: [^"#\n].*:$`).FindString(text); line != "" {
			t.Errorf("%s: YAML needs quotes: %s", file, line)
		}
		for i, document := range strings.Split(text, "---\n")[1:] {
			for _, want := range []string{`(?m)^type: (CheckConfig|Asset)$`, `(?m)^api_version: core/v2$`, `(?m)^  name: check_chrony(_\w+)?$`} {
				if len(regexp.MustCompile(want).FindAllString(document, -1)) != 1 {
					t.Errorf("%s: document %d: want %s once", file, i+1, want)
				}
			}
		}
	}
}
