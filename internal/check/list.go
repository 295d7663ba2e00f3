// SPDX-License-Identifier: MIT

package check

import (
	"strconv"
	"strings"
)

// maxListed is how many items List names before it counts the rest.
const maxListed = 3

// List joins items with a word: "a", "a and b", "a, b and c". It shortens a long list to
// "a, b, c and 37 more addresses", so that a cause after it isn't cut off. The argument
// what names the items in the plural.
func List(items []string, word, what string) string {
	if n := len(items) - maxListed; n > 1 {
		items = append(items[:maxListed:maxListed], strconv.Itoa(n)+" more "+what)
	}
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " " + word + " " + items[last]
}
