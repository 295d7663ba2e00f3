// SPDX-License-Identifier: MIT

package contribtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSudoers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "check_chrony")
	text := shipped(t, "sudoers/check_chrony")
	if err := os.WriteFile(file, []byte(text), 0o440); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool(t, "visudo", "/usr/sbin/visudo"), "-cf", file).CombinedOutput(); err != nil || strings.Contains(string(out), "warning") {
		t.Errorf("visudo: %v\n%s", err, out)
	}
	// A pattern would let any option follow, and --libchrony=FILE runs FILE's code.
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") && strings.ContainsAny(line, "*?[") {
			t.Errorf("a pattern in %q", line)
		}
	}
}
