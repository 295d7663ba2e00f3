// SPDX-License-Identifier: MIT

//go:build integration

package packaging

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// pluginPath is the path of the plugin on Debian and its derivatives.
const pluginPath = "/usr/lib/nagios/plugins/check_chrony"

// lintian reports nothing but what concerns only packages in Debian itself.
func testLintian(t *testing.T, dir string) {
	if _, err := exec.LookPath("lintian"); err != nil {
		chronydtest.Missing(t, "lintian")
	}
	out := shell(t, dir, "lintian --allow-root --display-info --pedantic --fail-on error *.deb")
	for line := range strings.Lines(out) {
		switch {
		case strings.Contains(line, "initial-upload-closes-no-bugs"): // in Debian's bug tracker
		case strings.Contains(line, "unknown-field License"): // nfpm writes it
		case strings.Contains(line, "spare-manual-page"): // plugins aren't in the PATH
		case strings.Contains(line, "binary-has-unneeded-section .comment"): // Go's linker keeps gcc's
		default:
			t.Errorf("lintian: %s", line)
		}
	}
}

// testDeb installs the package below a folder, runs the plugin, and purges the
// package.
func testDeb(t *testing.T, dir string, chronyd *chronydtest.Daemon) {
	deb := onePackage(t, dir, "*.deb")
	files := strings.Fields(shell(t, dir, `dpkg-deb --fsys-tarfile "$1" | tar t | grep -v '/$'`, deb))
	compare(t, "files", files, []string{
		"./etc/nagios-plugins/config/check_chrony.cfg",
		"./usr/lib/nagios/plugins/check_chrony",
		"./usr/share/bash-completion/completions/check_chrony",
		"./usr/share/doc/check-chrony/README.md",
		"./usr/share/doc/check-chrony/changelog.Debian.gz",
		"./usr/share/doc/check-chrony/copyright",
		"./usr/share/doc/check-chrony/docs/README.md",
		"./usr/share/doc/check-chrony/docs/alarms.md",
		"./usr/share/doc/check-chrony/docs/boot.svg",
		"./usr/share/doc/check-chrony/docs/containers.md",
		"./usr/share/doc/check-chrony/docs/detection.md",
		"./usr/share/doc/check-chrony/docs/growth.svg",
		"./usr/share/doc/check-chrony/docs/monitoring.md",
		"./usr/share/doc/check-chrony/docs/nts.md",
		"./usr/share/doc/check-chrony/docs/outage.svg",
		"./usr/share/doc/check-chrony/docs/performance.md",
		"./usr/share/doc/check-chrony/docs/rhel.md",
		"./usr/share/doc/check-chrony/docs/scale.md",
		"./usr/share/doc/check-chrony/examples/apparmor/usr.sbin.chronyd",
		"./usr/share/doc/check-chrony/examples/director/chrony.json",
		"./usr/share/doc/check-chrony/examples/grafana/chrony.json",
		"./usr/share/doc/check-chrony/examples/graphite/chrony.ini",
		"./usr/share/doc/check-chrony/examples/icinga2/authenticated.conf",
		"./usr/share/doc/check-chrony/examples/icinga2/dependencies.conf",
		"./usr/share/doc/check-chrony/examples/icinga2/profiles.conf",
		"./usr/share/doc/check-chrony/examples/icinga2/services.conf",
		"./usr/share/doc/check-chrony/examples/nagios/profiles.cfg",
		"./usr/share/doc/check-chrony/examples/nagios/services.cfg",
		"./usr/share/doc/check-chrony/examples/nrpe/check_chrony.cfg",
		"./usr/share/doc/check-chrony/examples/nrpe/check_chrony_profiles.cfg",
		"./usr/share/doc/check-chrony/examples/sudoers/check_chrony",
		"./usr/share/fish/vendor_completions.d/check_chrony.fish",
		"./usr/share/icinga2/include/plugins-contrib.d/check_chrony.conf",
		"./usr/share/man/man1/check_chrony.1.gz",
		"./usr/share/zsh/vendor-completions/_check_chrony",
	})
	system := newDebian(t)
	system.dpkg("--install", deb)
	if out := system.dpkg("--verify", "check-chrony"); out != "" {
		t.Errorf("dpkg --verify: %s", out)
	}
	if got := system.dpkg("--status", "check-chrony"); strings.Count(got, "\n /") != 1 {
		t.Errorf("got\n%swant one conffile", got)
	}
	plugin := system.path(pluginPath)
	asUser(t, plugin, "libchrony", readableLibrary(t), chronyd)
	asUser(t, plugin, "native", "", chronyd)
	release, _, _ := strings.Cut(strings.Split(filepath.Base(deb), "_")[1], "-")
	want := "check_chrony " + strings.Replace(release, "~", "-", 1) + " (commit " + strings.TrimSpace(shell(t, "../..", "git rev-parse --short=12 HEAD"))
	if got := shell(t, "/", plugin+" -V || [ $? = 3 ]"); !strings.HasPrefix(got, want) {
		t.Errorf("--version: got %q, want %q", got, want)
	}
	system.dpkg("--purge", "check-chrony")
	if left := shell(t, system.root, "find . -path ./var/lib/dpkg -prune -o -name '*chrony*' -print"); left != "" {
		t.Errorf("left after the purge:\n%s", left)
	}
}

// debian is a folder that dpkg takes for a Debian system. Its database has this machine's
// libc6 and nothing else. The machine itself isn't changed.
type debian struct {
	t    *testing.T
	root string
}

func newDebian(t *testing.T) debian {
	t.Helper()
	root := open(t)
	shell(t, root, `mkdir -p var/lib/dpkg/info var/lib/dpkg/updates
		dpkg-query --status libc6 >var/lib/dpkg/status
		dpkg-query --show --showformat='${binary:Package}\n' libc6 | while read -r name; do
			: >"var/lib/dpkg/info/$name.list"
		done`)
	return debian{t, root}
}

func (d debian) path(file string) string { return filepath.Join(d.root, file) }

// dpkg runs dpkg and returns its output. The packages' scripts run outside the folder,
// where there are a shell and dpkg-divert; dpkg tells them the folder's path.
func (d debian) dpkg(arguments ...string) string {
	d.t.Helper()
	out, err := d.tryDpkg(arguments...)
	if err != nil {
		d.t.Fatalf("dpkg %q: %v\n%s", arguments, err, out)
	}
	return out
}

func (d debian) tryDpkg(arguments ...string) (string, error) {
	d.t.Helper()
	arguments = append([]string{"--root=" + d.root, "--log=" + d.path("dpkg.log"), "--force-script-chrootless"}, arguments...)
	out, err := exec.CommandContext(d.t.Context(), "dpkg", arguments...).CombinedOutput()
	return string(out), err
}
