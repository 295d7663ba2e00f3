// SPDX-License-Identifier: MIT

// Package packaging holds the packages' description, and the tests that build
// them, install them and run what they install.
package packaging

import (
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// TestPackages builds all packages, in two folders, and tries each.
func TestPackages(t *testing.T) {
	if os.Getuid() != 0 {
		chronydtest.Missing(t, "root, to install packages")
	}
	dir := built(t, "a", "umask 022; LC_ALL=C.UTF-8 TZ=Asia/Kolkata")
	t.Run("reproducible", func(t *testing.T) {
		again := built(t, "another place", "chmod -R go= .; umask 077; GOFLAGS= TZ=America/Caracas HOSTNAME=other")
		if got, want := sums(t, again), sums(t, dir); got != want {
			t.Errorf("built in another folder: got\n%swant\n%s", got, want)
		}
	})
	t.Run("make install", func(t *testing.T) { testMakeInstall(t, filepath.Join(dir, "..", "..")) })
	t.Run("needs", func(t *testing.T) { testNeeds(t, dir) })
	t.Run("licenses", func(t *testing.T) { testLicenses(t, dir) })
	chronyd := follower(t)
	t.Run("tar", func(t *testing.T) { testTar(t, dir, chronyd) })
	t.Run("rpm", func(t *testing.T) { testRPM(t, dir, chronyd) })
	if _, err := os.Stat("/var/lib/dpkg/status"); err == nil { // not Fedora
		t.Run("lintian", func(t *testing.T) { testLintian(t, dir) })
		t.Run("deb", func(t *testing.T) { testDeb(t, dir, chronyd) })
	}
}

// built makes the packages of a copy of these sources in a folder of its own,
// and returns their folder.
func built(t *testing.T, folder, environment string) string {
	t.Helper()
	folder = filepath.Join(t.TempDir(), folder)
	// With .git, if there is one: the commit is in the plugin.
	shell(t, "../..", `mkdir "$1" && { git ls-files -z --cached --others --exclude-standard; [ ! -e .git ] || printf '.git\0'; } |
		xargs -0 cp -a --parents -t "$1"`, folder)
	shell(t, folder, environment+" make package")
	return filepath.Join(folder, "build", "packages")
}

// sums are the check sums of the files in a folder.
func sums(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	names, err := fs.Glob(os.DirFS(dir), "*")
	if err != nil || len(names) != 4 {
		t.Fatalf("packages: %v %v", names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%x %s\n", sha256.Sum256(data), name)
	}
	return b.String()
}

// make uninstall removes what make install brings.
func testMakeInstall(t *testing.T, sources string) {
	root := t.TempDir()
	installed := func(target string) []string {
		shell(t, sources, `make "$1" DESTDIR="$2" PREFIX=/usr PLUGINDIR=/usr/lib64/nagios/plugins`, target, root)
		return strings.Fields(shell(t, root, "find . -type f -o -type l"))
	}
	compare(t, "installed", installed("install"), []string{
		"./usr/lib64/nagios/plugins/check_chrony",
		"./usr/share/bash-completion/completions/check_chrony",
		"./usr/share/fish/vendor_completions.d/check_chrony.fish",
		"./usr/share/man/man1/check_chrony.1",
		"./usr/share/zsh/site-functions/_check_chrony",
	})
	compare(t, "left", installed("uninstall"), nil)
}

// The packages ask for the C library that the plugin needs, and for no newer one.
func testNeeds(t *testing.T, dir string) {
	f, err := elf.Open(filepath.Join(dir, "..", "check_chrony"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	newest := slices.MaxFunc(symbols, func(a, b elf.ImportedSymbol) int {
		return slices.Compare(numbers(a.Version), numbers(b.Version))
	}).Version
	config, err := os.ReadFile("nfpm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("libc6 (>= %s)", strings.TrimPrefix(newest, "GLIBC_")),
		fmt.Sprintf("libc.so.6(%s)(64bit)", newest),
	} {
		if !strings.Contains(string(config), want) {
			t.Errorf("nfpm.yaml: no %q", want)
		}
	}
	if libraries, err := f.ImportedLibraries(); !slices.Equal(libraries, []string{"libc.so.6"}) {
		t.Errorf("got libraries %v (%v), want libc.so.6", libraries, err)
	}
}

// numbers are the numbers in a version, to compare it by.
func numbers(version string) []int {
	var all []int
	for _, digits := range regexp.MustCompile("[0-9]+").FindAllString(version, -1) {
		n := 0
		fmt.Sscan(digits, &n)
		all = append(all, n)
	}
	return all
}

// Whatever is linked into the plugin has its license told.
func testLicenses(t *testing.T, dir string) {
	info, err := buildinfo.ReadFile(filepath.Join(dir, "..", "check_chrony"))
	if err != nil {
		t.Fatal(err)
	}
	copyright, err := os.ReadFile("copyright")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range info.Deps {
		if !strings.Contains(string(copyright), "Files: "+module.Path+"\n") {
			t.Errorf("copyright: no word of %s", module.Path)
		}
	}
}

// testTar runs the static build from where its archive was unpacked.
func testTar(t *testing.T, dir string, chronyd *chronydtest.Daemon) {
	root := open(t)
	for _, arch := range []string{"amd64", "arm64"} {
		archive, err := filepath.Glob(filepath.Join(dir, "check_chrony-*-linux-"+arch+".tar.gz"))
		if err != nil || archive == nil {
			t.Fatalf("no archive for %s", arch)
		}
		shell(t, root, `tar xzf "$1"`, archive[0])
		folder := filepath.Join(root, strings.TrimSuffix(filepath.Base(archive[0]), ".tar.gz"))
		for _, name := range []string{"LICENSE", "README.md", "check_chrony.1", "contrib/icinga2/chrony.conf"} {
			if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
				t.Error(err)
			}
		}
		plugin := filepath.Join(folder, "check_chrony")
		f, err := elf.Open(plugin)
		if err != nil {
			t.Fatal(err)
		}
		if libraries, _ := f.ImportedLibraries(); libraries != nil {
			t.Errorf("%s: got libraries %v, want none", arch, libraries)
		}
		f.Close()
		if arch == runtime.GOARCH {
			asNagios(t, plugin, "native", "", chronyd)
		}
	}
}

// open is a temporary folder that others may look into.
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
