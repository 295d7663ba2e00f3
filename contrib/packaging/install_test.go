// SPDX-License-Identifier: MIT

//go:build integration

package packaging

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/libchrony"
)

// follower starts a chronyd that follows another.
func follower(t *testing.T) *chronydtest.Daemon {
	t.Helper()
	_, chronyd := chronydtest.StartPair(t)
	return chronyd
}

// asUser runs the plugin as a monitoring system does: as a user without rights, in / and
// with next to no environment.
func asUser(t *testing.T, plugin, reader, library string, chronyd *chronydtest.Daemon) {
	t.Helper()
	const nobody = 65534
	args := append(chronyd.Args(), "-vv", "--reader", reader)
	if library != "" {
		args = append(args, "--libchrony", library)
	}
	cmd := exec.CommandContext(t.Context(), plugin, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || !strings.HasPrefix(string(out), "CHRONY OK: ") || stderr.Len() > 0 {
		t.Errorf("%s %q: %v\n%s%s", plugin, args, err, out, stderr.String())
	}
	if want := "\nreader: " + reader; !strings.Contains(string(out), want) {
		t.Errorf("%s %q: got\n%swant %q", plugin, args, out, want)
	}
}

// readableLibrary returns a copy of the tests' libchrony that any user may read; empty
// for the system's.
func readableLibrary(t *testing.T) string {
	t.Helper()
	library, err := libchrony.Load(os.Getenv("CHECK_CHRONY_LIBCHRONY"), time.Now().Add(time.Minute))
	if err != nil {
		chronydtest.Missing(t, "libchrony")
	}
	if os.Getenv("CHECK_CHRONY_LIBCHRONY") == "" {
		return ""
	}
	readable := filepath.Join(open(t), libchrony.Soname)
	shell(t, "/", `install -m 644 "$1" "$2"`, library.File, readable)
	return readable
}

// make uninstall removes what make install installs.
func testMakeInstall(t *testing.T, sources string) {
	root := filepath.Join(t.TempDir(), "a folder") // with a blank
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

// testTar unpacks the archive of the static build and runs it there. The archive has the
// files that README links to, and not the sources of the packages.
func testTar(t *testing.T, dir string, chronyd *chronydtest.Daemon) {
	root := open(t)
	links := regexp.MustCompile(`\]\(((?:docs|contrib)/[^)#]*)`).FindAllStringSubmatch(text(t, "../../README.md"), -1)
	for _, arch := range []string{"amd64", "arm64"} {
		archive := onePackage(t, dir, "check_chrony-*-linux-"+arch+".tar.gz")
		shell(t, root, `tar xzf "$1"`, archive)
		folder := filepath.Join(root, strings.TrimSuffix(filepath.Base(archive), ".tar.gz"))
		names := []string{"LICENSE", "README.md", "check_chrony.1", "contrib/icinga2/chrony.conf"}
		for _, link := range links {
			names = append(names, link[1])
		}
		for _, name := range names {
			if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
				t.Error(err)
			}
		}
		if got := shell(t, folder, "find . -path ./contrib/packaging -o -name '*.in' -o -name '*.tmpl' -o -name '*.go'"); got != "" {
			t.Errorf("got %swant none of these", got)
		}
		runsHere(t, filepath.Join(folder, "check_chrony"), arch, chronyd)
	}
}

// runsHere checks a static build, and runs it if it is for this machine.
func runsHere(t *testing.T, plugin, arch string, chronyd *chronydtest.Daemon) {
	t.Helper()
	f, err := elf.Open(plugin)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if libraries, _ := f.ImportedLibraries(); libraries != nil {
		t.Errorf("%s: got libraries %v, want none", arch, libraries)
	}
	if want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[arch]; f.Machine != want {
		t.Errorf("%s: got %v, want %v", plugin, f.Machine, want)
	}
	if arch == runtime.GOARCH {
		asUser(t, plugin, "native", "", chronyd)
	}
}
