// SPDX-License-Identifier: MIT

package threshold

import (
	"strconv"
	"strings"
)

// maxListed is how many items JoinWords names before it counts the rest.
const maxListed = 3

// JoinWords joins items with a word: "a", "a and b", "a, b and c". It shortens a long list
// to "a, b, c and 37 more addresses", so that the cause after it isn't cut off. plural is
// what the items are called.
func JoinWords(items []string, word, plural string) string {
	if n := len(items) - maxListed; n > 1 {
		items = append(items[:maxListed:maxListed], strconv.Itoa(n)+" more "+plural)
	}
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " " + word + " " + items[last]
}
