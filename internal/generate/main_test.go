// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"testing"
)

// root is the repository's root.
const root = "../../"

// The generated files are up to date.
func TestGenerated(t *testing.T) {
	t.Chdir(root)
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s differs from the command line; make generate writes:\n%s", name, want)
		}
	}
}
