// SPDX-License-Identifier: MIT

package contribtest

import (
	"os/exec"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// must runs a command that has to succeed, and returns its output without the last newline.
func must(t *testing.T, command ...string) string {
	t.Helper()
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(command, " "), err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// chronydsUser returns the name of the user that chronyd runs as here: Debian's or
// Fedora's.
func chronydsUser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"_chrony", "chrony"} {
		if exec.Command("id", name).Run() == nil {
			return name
		}
	}
	chronydtest.Missing(t, "chronyd's user")
	return ""
}

// chronydsFolder makes /run/chrony as chronyd's unit does.
func chronydsFolder(t *testing.T, owner string) string {
	t.Helper()
	const dir = "/run/chrony"
	must(t, "sh", "-c", `install -d -m 750 -o "$0" -g "$(id -gn "$0")" "$1"`, owner, dir)
	return dir
}
