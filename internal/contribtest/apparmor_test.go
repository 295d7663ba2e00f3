// SPDX-License-Identifier: MIT

package contribtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The addition to chronyd's profile is the one rule that was tried, and AppArmor's parser
// accepts it where the profile includes it.
func TestAppArmor(t *testing.T) {
	addition := shipped(t, "apparmor/usr.sbin.chronyd")
	rules := slices.DeleteFunc(strings.Split(addition, "\n"), func(line string) bool {
		return line == "" || strings.HasPrefix(line, "#")
	})
	if want := []string{"@{run}/chrony/** rw,"}; !slices.Equal(rules, want) {
		t.Errorf("got rules %q, want %q", rules, want)
	}
	if _, err := os.Stat("/var/lib/dpkg/status"); err != nil {
		return // Fedora has SELinux, and no AppArmor parser
	}
	dir := t.TempDir()
	profile := filepath.Join(dir, "profile")
	text := "@{run}=/run/\nprofile chronyd /usr/sbin/chronyd {\n include <local/usr.sbin.chronyd>\n}\n"
	if err := os.WriteFile(profile, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "local"), os.DirFS("../../contrib/apparmor")); err != nil {
		t.Fatal(err)
	}
	parser := exec.Command(tool(t, "apparmor_parser", "/sbin/apparmor_parser"), "--skip-kernel-load", "--skip-cache", "--base", dir, "--names", profile)
	if out, err := parser.CombinedOutput(); err != nil || !strings.Contains(string(out), "chronyd\n") {
		t.Errorf("apparmor_parser: %v\n%s", err, out)
	}
}
