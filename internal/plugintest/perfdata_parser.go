// SPDX-License-Identifier: MIT

package plugintest

import (
	"fmt"
	"strings"

	"github.com/atc0005/go-nagios"
)

// readByGoNagios parses performance data with go-nagios's parser and rules, which know
// nothing of ours, and returns the first error.
func readByGoNagios(metrics string) error {
	parsed, err := nagios.ParsePerfData(strings.TrimSpace(metrics))
	if err != nil {
		return fmt.Errorf("go-nagios can't read %q: %w", metrics, err)
	}
	for _, m := range parsed {
		if err := m.Validate(); err != nil {
			return fmt.Errorf("go-nagios refuses %+v: %w", m, err)
		}
	}
	if want := strings.Count(metrics, "="); len(parsed) != want {
		return fmt.Errorf("go-nagios reads %d of %d metrics", len(parsed), want)
	}
	return nil
}
