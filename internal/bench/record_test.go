// SPDX-License-Identifier: MIT

//go:build bench

package bench

import (
	"os"
	"strings"
	"testing"
)

const document = "../../docs/performance.md"

// save writes a result to a file next to what was built, and prints it.
func save(t *testing.T, name, text string) {
	t.Helper()
	os.Stdout.WriteString(text)
	if err := os.WriteFile(built+name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// record writes a result into the document, between the marks with its name. Without -u
// it does nothing.
func record(t *testing.T, name, text string) {
	t.Helper()
	if !*update {
		return
	}
	data, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+": written by make bench -->\n", "<!-- end of "+name+" -->\n"
	head, rest, _ := strings.Cut(string(data), begin)
	_, tail, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s: no marks for %s", document, name)
	}
	if err := os.WriteFile(document, []byte(head+begin+text+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
