// SPDX-License-Identifier: MIT

package packaging

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/libchrony"
)

// follower is a chronyd that follows another.
func follower(t *testing.T) *chronydtest.Daemon {
	t.Helper()
	_, chronyd := chronydtest.StartPair(t)
	return chronyd
}

// asNagios runs the plugin as its monitoring does: as user nagios, in / and with
// next to no environment.
func asNagios(t *testing.T, plugin, reader, library string, chronyd *chronydtest.Daemon) {
	t.Helper()
	nagios := nagiosUser(t)
	args := append(chronyd.Args(), "-vv", "--reader", reader)
	if library != "" {
		args = append(args, "--libchrony", library)
	}
	cmd := exec.CommandContext(t.Context(), plugin, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: nagios}
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

// nagiosUser is the user nagios, who is made for the test if there is none.
func nagiosUser(t *testing.T) *syscall.Credential {
	t.Helper()
	nagios, err := user.Lookup("nagios")
	var unknown user.UnknownUserError
	if errors.As(err, &unknown) {
		shell(t, "/", "useradd --system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin nagios")
		t.Cleanup(func() { exec.Command("userdel", "nagios").Run() })
		nagios, err = user.Lookup("nagios")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(nagios.Uid, 10, 32)
	gid, _ := strconv.ParseUint(nagios.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// readableLibrary is the tests' libchrony where nagios may read it; empty for the
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

func testLintian(t *testing.T, dir string) {
	if _, err := exec.LookPath("lintian"); err != nil {
		chronydtest.Missing(t, "lintian")
	}
	out := shell(t, dir, "lintian --allow-root --fail-on error *.deb")
	// Debian's own packages close a bug report, and don't name their license so.
	for line := range strings.Lines(out) {
		if !strings.Contains(line, "initial-upload-closes-no-bugs") && !strings.Contains(line, "unknown-field License") {
			t.Errorf("lintian: %s", line)
		}
	}
}

// testDeb installs the package on this very machine, runs the plugin, and purges
// the package.
func testDeb(t *testing.T, dir string, chronyd *chronydtest.Daemon) {
	const name = "check-chrony"
	if out, err := exec.Command("dpkg-query", "-W", "-f", "${db:Status-Status}", name).Output(); err == nil && string(out) != "not-installed" {
		t.Fatalf("%s is %s on this machine: not ours to purge", name, out)
	}
	files := strings.Fields(shell(t, dir, "dpkg-deb --fsys-tarfile *.deb | tar t"))
	got := slices.DeleteFunc(slices.Clone(files), func(f string) bool { return strings.HasSuffix(f, "/") })
	compare(t, "files", got, []string{
		"./etc/nagios-plugins/config/check_chrony.cfg",
		"./usr/lib/nagios/plugins/check_chrony",
		"./usr/share/bash-completion/completions/check_chrony",
		"./usr/share/doc/check-chrony/README.md",
		"./usr/share/doc/check-chrony/changelog.Debian.gz",
		"./usr/share/doc/check-chrony/copyright",
		"./usr/share/doc/check-chrony/examples/nrpe/check_chrony.cfg",
		"./usr/share/fish/vendor_completions.d/check_chrony.fish",
		"./usr/share/icinga2/include/plugins-contrib.d/check_chrony.conf",
		"./usr/share/man/man1/check_chrony.1.gz",
		"./usr/share/zsh/vendor-completions/_check_chrony",
	})
	before := existing(files)
	t.Cleanup(func() {
		dpkg(t, "--purge", name)
		compare(t, "left after the purge", existing(files), before)
	})
	deb, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(deb) != 1 {
		t.Fatal(deb, err)
	}
	dpkg(t, "--install", deb[0])
	if out := shell(t, "/", "dpkg --verify check-chrony"); out != "" {
		t.Errorf("dpkg --verify: %s", out)
	}
	if got := shell(t, "/", "dpkg-query -W -f '${Conffiles}' check-chrony"); strings.Count(got, "/") != 4 {
		t.Errorf("got conffiles %q, want one", got)
	}
	const plugin = "/usr/lib/nagios/plugins/check_chrony"
	asNagios(t, plugin, "libchrony", readableLibrary(t), chronyd)
	asNagios(t, plugin, "native", "", chronyd)
	release, _, _ := strings.Cut(strings.Split(filepath.Base(deb[0]), "_")[1], "-")
	want := "check_chrony " + release + " (commit " + strings.TrimSpace(shell(t, "../..", "git rev-parse --short=12 HEAD"))
	if got := shell(t, "/", plugin+" -V || [ $? = 3 ]"); !strings.HasPrefix(got, want) {
		t.Errorf("--version: got %q, want %q", got, want)
	}
}

// dpkg runs dpkg, and waits while another one runs.
func dpkg(t *testing.T, args ...string) {
	t.Helper()
	for range 60 {
		out, err := exec.Command("dpkg", args...).CombinedOutput()
		switch {
		case err == nil:
			return
		case !bytes.Contains(out, []byte("lock")):
			t.Fatalf("dpkg %q: %v\n%s", args, err, out)
		}
		time.Sleep(time.Second)
	}
	t.Fatalf("dpkg %q: another one has run for a minute", args)
}

// existing are those of the files of a package that there are.
func existing(files []string) []string {
	return slices.DeleteFunc(slices.Clone(files), func(f string) bool {
		_, err := os.Lstat("/" + f)
		return errors.Is(err, fs.ErrNotExist)
	})
}

// testRPM installs the package under a folder with a database of its own, so
// that it can be tried on any distribution, and reads it back.
func testRPM(t *testing.T, dir string, chronyd *chronydtest.Daemon) {
	if _, err := exec.LookPath("rpm"); err != nil {
		chronydtest.Missing(t, "rpm")
	}
	query := func(what string) []string { return strings.Fields(shell(t, dir, "rpm -qp "+what+" *.rpm")) }
	compare(t, "files", query("--list"), []string{
		"/usr/lib64/nagios/plugins/check_chrony",
		"/usr/share/bash-completion/completions/check_chrony",
		"/usr/share/doc/check-chrony",
		"/usr/share/doc/check-chrony/CHANGELOG.md",
		"/usr/share/doc/check-chrony/README.md",
		"/usr/share/doc/check-chrony/examples",
		"/usr/share/doc/check-chrony/examples/nagios",
		"/usr/share/doc/check-chrony/examples/nagios/check_chrony.cfg",
		"/usr/share/doc/check-chrony/examples/nrpe",
		"/usr/share/doc/check-chrony/examples/nrpe/check_chrony.cfg",
		"/usr/share/fish/vendor_completions.d/check_chrony.fish",
		"/usr/share/icinga2/include/plugins-contrib.d/check_chrony.conf",
		"/usr/share/licenses/check-chrony",
		"/usr/share/licenses/check-chrony/Apache-2.0",
		"/usr/share/licenses/check-chrony/copyright",
		"/usr/share/man/man1/check_chrony.1.gz",
		"/usr/share/zsh/site-functions/_check_chrony",
	})
	compare(t, "licenses", query("--licensefiles"), []string{
		"/usr/share/licenses/check-chrony/Apache-2.0", "/usr/share/licenses/check-chrony/copyright",
	})
	compare(t, "requirements", query("--requires"), []string{"libc.so.6(GLIBC_2.34)(64bit)"})
	compare(t, "recommendations", query("--recommends"), []string{"libchrony"})
	compare(t, "scripts", query("--scripts"), nil)

	root := open(t)
	rpm := func(args ...string) string {
		return shell(t, dir, `rpm --root "$@"`, append([]string{root, "--dbpath", "/rpmdb"}, args...)...)
	}
	packages, _ := filepath.Glob(filepath.Join(dir, "*.rpm"))
	rpm("--nodeps", "--install", packages[0])
	rpm("--nodeps", "--verify", "check-chrony")
	plugin := root + "/usr/lib64/nagios/plugins/check_chrony"
	asNagios(t, plugin, "libchrony", readableLibrary(t), chronyd)
	asNagios(t, plugin, "native", "", chronyd)
	rpm("--erase", "check-chrony")
	if left := shell(t, root, "find . -name '*chrony*'"); left != "" {
		t.Errorf("left after the removal:\n%s", left)
	}
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
