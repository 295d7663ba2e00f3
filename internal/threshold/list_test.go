// SPDX-License-Identifier: MIT

package threshold

import (
	"strings"
	"testing"
)

func TestJoinWords(t *testing.T) {
	for items, want := range map[string]string{
		"":                    "",
		"a":                   "a",
		"a b":                 "a and b",
		"a b c":               "a, b and c",
		"a b c d":             "a, b, c and d",
		"a b c d e":           "a, b, c and 2 more addresses",
		"a b c d e f g h i j": "a, b, c and 7 more addresses",
	} {
		fields := strings.Fields(items)
		if got := JoinWords(fields, "and", "addresses"); got != want {
			t.Errorf("%q: got %q, want %q", items, got, want)
		}
		if got := strings.Join(fields, " "); got != items {
			t.Errorf("%q has become %q", items, got)
		}
	}
}
