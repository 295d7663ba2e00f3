// SPDX-License-Identifier: MIT

//go:build integration

package packaging

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// testRPM installs the package below a folder with a database of its own, so that it can
// be tried on any distribution, and reads it back.
func testRPM(t *testing.T, dir string, chronyd *chronydtest.Daemon) {
	if _, err := exec.LookPath("rpm"); err != nil {
		chronydtest.Missing(t, "rpm")
	}
	query := func(what string) []string { return strings.Fields(shell(t, dir, "rpm -qp "+what+" *.rpm")) }
	compare(t, "files", query("--list"), []string{
		"/usr/lib64/nagios",
		"/usr/lib64/nagios/plugins",
		"/usr/lib64/nagios/plugins/check_chrony",
		"/usr/share/bash-completion/completions/check_chrony",
		"/usr/share/doc/check-chrony",
		"/usr/share/doc/check-chrony/CHANGELOG.md",
		"/usr/share/doc/check-chrony/README.md",
		"/usr/share/doc/check-chrony/docs",
		"/usr/share/doc/check-chrony/docs/README.md",
		"/usr/share/doc/check-chrony/docs/alarms.md",
		"/usr/share/doc/check-chrony/docs/boot.svg",
		"/usr/share/doc/check-chrony/docs/containers.md",
		"/usr/share/doc/check-chrony/docs/detection.md",
		"/usr/share/doc/check-chrony/docs/growth.svg",
		"/usr/share/doc/check-chrony/docs/monitoring.md",
		"/usr/share/doc/check-chrony/docs/nts.md",
		"/usr/share/doc/check-chrony/docs/outage.svg",
		"/usr/share/doc/check-chrony/docs/performance.md",
		"/usr/share/doc/check-chrony/docs/rhel.md",
		"/usr/share/doc/check-chrony/docs/scale.md",
		"/usr/share/doc/check-chrony/examples",
		"/usr/share/doc/check-chrony/examples/apparmor",
		"/usr/share/doc/check-chrony/examples/apparmor/usr.sbin.chronyd",
		"/usr/share/doc/check-chrony/examples/director",
		"/usr/share/doc/check-chrony/examples/director/chrony.json",
		"/usr/share/doc/check-chrony/examples/grafana",
		"/usr/share/doc/check-chrony/examples/grafana/chrony.json",
		"/usr/share/doc/check-chrony/examples/graphite",
		"/usr/share/doc/check-chrony/examples/graphite/chrony.ini",
		"/usr/share/doc/check-chrony/examples/icinga2",
		"/usr/share/doc/check-chrony/examples/icinga2/authenticated.conf",
		"/usr/share/doc/check-chrony/examples/icinga2/dependencies.conf",
		"/usr/share/doc/check-chrony/examples/icinga2/profiles.conf",
		"/usr/share/doc/check-chrony/examples/icinga2/services.conf",
		"/usr/share/doc/check-chrony/examples/nagios",
		"/usr/share/doc/check-chrony/examples/nagios/profiles.cfg",
		"/usr/share/doc/check-chrony/examples/nagios/services.cfg",
		"/usr/share/doc/check-chrony/examples/nagios/check_chrony.cfg",
		"/usr/share/doc/check-chrony/examples/nrpe",
		"/usr/share/doc/check-chrony/examples/nrpe/check_chrony.cfg",
		"/usr/share/doc/check-chrony/examples/nrpe/check_chrony_profiles.cfg",
		"/usr/share/doc/check-chrony/examples/sudoers",
		"/usr/share/doc/check-chrony/examples/sudoers/check_chrony",
		"/usr/share/fish/vendor_completions.d/check_chrony.fish",
		"/usr/share/icinga2",
		"/usr/share/icinga2/include",
		"/usr/share/icinga2/include/plugins-contrib.d",
		"/usr/share/icinga2/include/plugins-contrib.d/check_chrony.conf",
		"/usr/share/licenses/check-chrony",
		"/usr/share/licenses/check-chrony/copyright",
		"/usr/share/man/man1/check_chrony.1.gz",
		"/usr/share/zsh/site-functions/_check_chrony",
	})
	compare(t, "licenses", query("--licensefiles"), []string{
		"/usr/share/licenses/check-chrony/copyright",
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
	testExamples(t, root+"/usr/share/doc/check-chrony/examples/")
	plugin := root + "/usr/lib64/nagios/plugins/check_chrony"
	asUser(t, plugin, "libchrony", readableLibrary(t), chronyd)
	asUser(t, plugin, "native", "", chronyd)
	rpm("--erase", "check-chrony")
	if left := shell(t, root, "find . -name '*chrony*' -o -name nagios -o -name icinga2"); left != "" {
		t.Errorf("left after the removal:\n%s", left)
	}
}

// testExamples reads the examples for NRPE and sudo, which have RHEL's users and folders.
// NRPE's commands are those that sudo allows. Neither NRPE nor its user need be here.
func testExamples(t *testing.T, dir string) {
	const plugin = "/usr/lib64/nagios/plugins/check_chrony"
	commands := text(t, dir+"nrpe/check_chrony.cfg")
	sudoers := text(t, dir+"sudoers/check_chrony")
	for name, example := range map[string]string{
		"nrpe/check_chrony.cfg":          commands,
		"nrpe/check_chrony_profiles.cfg": text(t, dir+"nrpe/check_chrony_profiles.cfg"),
		"sudoers/check_chrony":           sudoers,
	} {
		if found := regexp.MustCompile(`/usr/lib/|[ (]_chrony\b|nagios ALL`).FindString(example); found != "" || !strings.Contains(example, plugin+" -") {
			t.Errorf("%s: got %q, or no %s:\n%s", name, found, plugin, example)
		}
	}
	rule := regexp.MustCompile(`(?m)^nrpe ALL = \((\w+)\) NOPASSWD: CHECK_CHRONY$`).FindStringSubmatch(sudoers)
	command := regexp.MustCompile(`(?m)^#command\[check_chrony\]=/usr/bin/sudo -n -u (\w+) (.*)$`).FindStringSubmatch(commands)
	if rule == nil || command == nil || rule[1] != "chrony" || command[1] != "chrony" || !strings.Contains(sudoers, "= "+command[2]+", \\\n") {
		t.Errorf("sudo's rule %q isn't for NRPE's command %q", rule, command)
	}
	if _, err := exec.LookPath("visudo"); err != nil {
		chronydtest.Missing(t, "visudo")
	}
	shell(t, dir, "install -m 440 sudoers/check_chrony ../rule && visudo -cf ../rule && rm ../rule")
}
