// SPDX-License-Identifier: MIT

package main

import (
	"slices"
	"testing"

	"check_chrony/internal/options"
)

// The plugin accepts the options of every profile.
func TestProfiles(t *testing.T) {
	for _, p := range profiles {
		if _, err := options.Parse(slices.Clone(p.options)); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}
