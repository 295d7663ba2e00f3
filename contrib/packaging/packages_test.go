// SPDX-License-Identifier: MIT

//go:build integration

// Package packaging holds the description of the packages, and the tests that build them,
// install them and run what they install.
package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// TestPackages makes a release in two folders, and tries each of its packages. It
// installs them below temporary folders, so the machine stays as it is.
func TestPackages(t *testing.T) {
	if os.Getuid() != 0 {
		chronydtest.Missing(t, "root, for dpkg and rpm to install below a folder")
	}
	dir := built(t, "a", "umask 022; LC_ALL=C.UTF-8 TZ=Asia/Kolkata")
	again := built(t, "another place", "chmod -R go= .; umask 077; GOFLAGS= TZ=America/Caracas HOSTNAME=other")
	t.Run("reproducible", func(t *testing.T) {
		if got, want := sums(t, again), sums(t, dir); got != want {
			t.Errorf("built in another folder: got\n%swant\n%s", got, want)
		}
	})
	t.Run("make install", func(t *testing.T) { testMakeInstall(t, filepath.Join(again, "..", "..")) })
	t.Run("source", func(t *testing.T) { testSource(t, dir) })
	t.Run("needs", func(t *testing.T) { testNeeds(t, dir) })
	t.Run("hardened", func(t *testing.T) { testHardened(t, dir) })
	t.Run("sums", func(t *testing.T) { testSums(t, dir) })
	t.Run("SBOM", func(t *testing.T) { testSBOM(t, dir) })
	t.Run("licenses", func(t *testing.T) { testLicenses(t, dir) })
	chronyd := follower(t)
	t.Run("tar", func(t *testing.T) { testTar(t, dir, chronyd) })
	t.Run("Sensu", func(t *testing.T) { testSensu(t, dir, chronyd) })
	t.Run("rpm", func(t *testing.T) { testRPM(t, dir, chronyd) })
	if _, err := os.Stat("/var/lib/dpkg/status"); err == nil { // not Fedora
		t.Run("lintian", func(t *testing.T) { testLintian(t, dir) })
		t.Run("deb", func(t *testing.T) { testDeb(t, dir, chronyd) })
		t.Run("beside monitoring-plugins-contrib", func(t *testing.T) { testBeside(t, dir) })
	}
}

// downloads has a character that sed would replace.
const downloads = "https://example.org/get?a=1&b=2"

// built makes a release from a copy of these sources in a folder of its own, and returns
// the folder with its files.
func built(t *testing.T, folder, environment string) string {
	t.Helper()
	folder = filepath.Join(t.TempDir(), folder)
	// With .git, if there is one: the commit is in the plugin.
	shell(t, "../..", `mkdir "$1" && { git ls-files -z --cached --others --exclude-standard; [ ! -e .git ] || printf '.git\0'; } |
		xargs -0 cp -a --parents -t "$1"`, folder)
	shell(t, folder, environment+` make release DOWNLOADS="$1"`, downloads)
	return filepath.Join(folder, "build", "release")
}

// sums returns the checksums of the files in a folder.
func sums(t *testing.T, dir string) string {
	t.Helper()
	return shell(t, dir, "find . -type f -exec sha256sum {} + | LC_ALL=C sort -k 2")
}

// open returns a temporary folder that other users can read.
func open(t *testing.T) string {
	t.Helper()
	dir := chronydtest.ShortTempDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// shell runs a script with arguments in a folder and returns what it printed.
func shell(t *testing.T, dir, script string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", append([]string{"-ec", script, "sh"}, args...)...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %q: %v\n%s%s", script, args, err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// onePackage returns the only file in a folder whose name matches the pattern.
func onePackage(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v (%v), want one %s", found, err, pattern)
	}
	return found[0]
}
