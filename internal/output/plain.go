// SPDX-License-Identifier: MIT

package output

import (
	"io"
	"strings"

	"github.com/atc0005/go-nagios"
)

// Plain prints lines that are no result, --help's and --version's, and returns the
// exit code for them: UNKNOWN's (guidelines, "Plugin Options").
func Plain(w io.Writer, text string) int {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(clean(strings.TrimSuffix(line, "\n")) + "\n")
	}
	_, _ = io.WriteString(w, b.String()) // UNKNOWN, whether it was written or not
	return nagios.StateUNKNOWNExitCode
}
