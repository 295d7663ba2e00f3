// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// typing is a zsh script that starts the shell $1 in a pseudo-terminal, runs the line
// $2, types the line $3 and prints the output.
const typing = `
zmodload zsh/zpty
zpty shell "$1"
zpty -w shell "$2; echo rea''dy"
zpty -r -m shell said '*ready*' || exit 1
zpty -w shell "$3"
zpty -r -m shell said '*<end>*' || exit 1
print -r -- "$said"
`

// echo replaces the plugin with a function that prints its arguments.
const echo = `; check_chrony() { printf "<%s>" "$@" end; }`

// TestShells types options with a tab in them, as a user does.
func TestShells(t *testing.T) {
	for _, shell := range []struct{ name, start, load string }{
		{"bash", "bash --norc --noprofile -i", "source ./check_chrony.bash"},
		{"zsh", "zsh -f -i", `fpath=("$PWD" $fpath); autoload -Uz compinit; compinit -u -D`},
	} {
		t.Run(shell.name, func(t *testing.T) {
			t.Parallel()
			for typed, want := range map[string]string{
				"--read\tn\t":           "--reader native",
				"--reader=l\t":          "--reader=libchrony",
				"--unr\tc\t":            "--unreachable critical",
				"--leap-w\tinsert,de\t": "--leap-warning insert,delete",
				"--leap-critical=no\t":  "--leap-critical=no", // none or normal
				"--libchrony ./_ch\t":   "--libchrony ./_check_chrony",
				"-v --vers\t":           "-v --version",
			} {
				got := sh(t, "zsh", "-f", "-c", typing, "-", shell.start, shell.load+echo, "check_chrony "+typed)
				// After an option bash adds a blank, zsh an "=".
				want := "<" + strings.ReplaceAll(want, " ", "><") + "><end>"
				if !strings.Contains(got, want) && !strings.Contains(strings.ReplaceAll(got, "=", "><"), strings.ReplaceAll(want, "=", "><")) {
					t.Errorf("%q: got\n%s\nwant %s", typed, got, want)
				}
			}
		})
	}
}

func TestFish(t *testing.T) {
	for typed, want := range map[string]string{
		"--read":                 "--reader",
		"--reader=":              "--reader=auto --reader=libchrony --reader=native",
		"--no-sources ":          "critical ok unknown warning",
		"--leap-warning insert,": "insert,delete insert,insert insert,normal insert,unsynchronised",
		"--libchrony ./_":        "./_check_chrony",
		"-v --vers":              "--version",
	} {
		out := sh(t, "fish", "-N", "-c", `source ./check_chrony.fish; complete -C "check_chrony $argv[1]"`, "--", typed)
		var got []string
		for line := range strings.Lines(out) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			got = append(got, word)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

// Each shell parses its completion file without complaint.
func TestShellSyntax(t *testing.T) {
	for shell, file := range map[string]string{"bash": "check_chrony.bash", "zsh": "_check_chrony", "fish": "check_chrony.fish"} {
		if out := sh(t, shell, "-n", file); out != "" {
			t.Errorf("%s -n: %s", shell, out)
		}
	}
}

// sh runs a command in the folder of the completions and returns what it printed.
func sh(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		chronydtest.Missing(t, name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = root + completions
	cmd.Env = append(cmd.Environ(), "TERM=dumb", "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}
