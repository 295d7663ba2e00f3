// SPDX-License-Identifier: MIT

//go:build integration

package packaging

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/libchrony"
)

// follower is a chronyd that follows another.
func follower(t *testing.T) *chronydtest.Daemon {
	t.Helper()
	_, chronyd := chronydtest.StartPair(t)
	return chronyd
}

// asUser runs the plugin as monitoring does: as a user without rights, in / and
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

// readableLibrary is the tests' libchrony where any user may read it; empty for the
// system's.
func readableLibrary(t *testing.T) string {
	t.Helper()
	library, err := libchrony.Load(os.Getenv("CHECK_CHRONY_LIBCHRONY"))
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
			asUser(t, plugin, "native", "", chronyd)
		}
	}
}
