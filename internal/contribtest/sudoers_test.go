// SPDX-License-Identifier: MIT

package contribtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
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

// The shipped rule works in a real sudo, for the command line that it names and for no
// other. Even where sudo keeps the variable that names a library, no library is loaded.
func TestSudo(t *testing.T) {
	t.Parallel()
	sudo := tool(t, "sudo")
	owner := chronydsUser(t)
	if !chronydtest.InNamespaces(t, "mode=1777") {
		return
	}
	f := newDaemonFixture(t)
	socket := filepath.Join(chronydsFolder(t, owner), "chronyd.sock")
	chronydtest.Start(t, "user "+owner, "bindcmdaddress "+socket, "cmdport 0", "local stratum 5")

	const attackers, loaded = "/run/attackers.so", "/run/loaded"
	compiler := exec.Command("gcc", "-shared", "-fPIC", "-o", attackers, "-x", "c", "-")
	compiler.Stdin = strings.NewReader(`#include <fcntl.h>
		__attribute__((constructor)) static void run(void) { open("` + loaded + `", O_CREAT, 0644); }`)
	if out, err := compiler.CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	rule := strings.NewReplacer("(_chrony)", "("+owner+")", "nagios ALL", f.user.Username+" ALL", shippedPlugin, f.plugin).Replace(shipped(t, "sudoers/check_chrony"))
	sudoers := "/run/sudoers"
	keeps := "Defaults env_keep += \"CHECK_*\"\n" + f.user.Username + " ALL = (" + owner + ") NOPASSWD: /usr/bin/env\n"
	if err := os.WriteFile(sudoers, []byte(keeps+rule), 0o440); err != nil {
		t.Fatal(err)
	}
	must(t, "mount", "--bind", sudoers, "/etc/sudoers")

	run := func(arguments ...string) (string, int) {
		return f.run(t, "/usr/bin/env", append([]string{"CHECK_CHRONY_LIBCHRONY=" + attackers, sudo, "-n", "-u", owner}, arguments...)...)
	}
	if out, _ := run("/usr/bin/env"); !strings.Contains(out, attackers) {
		t.Fatalf("sudo doesn't keep the variable: %q", out)
	}
	for _, verbose := range [][]string{nil, {"-v"}} {
		arguments := append([]string{f.plugin, "--reader", "native", "--hostname", "/run/chrony/chronyd.sock"}, verbose...)
		if out, code := run(arguments...); code != 1 || !strings.HasPrefix(out, "CHRONY WARNING: ") {
			t.Errorf("%q: got %d, %q", arguments, code, out)
		}
	}
	for system, command := range authenticatedCommands(t) {
		if out, code := run(append([]string{f.plugin}, command...)...); code != 2 || !strings.HasPrefix(out, "CHRONY CRITICAL: authenticated 0 of 0 usable ") {
			t.Errorf("%s: %q: got %d, %q", system, command, code, out)
		}
	}
	for _, arguments := range [][]string{
		{f.plugin, "--hostname", "/run/chrony/chronyd.sock"},
		{f.plugin, "--reader", "native", "--hostname", "/run/chrony/chronyd.sock", "--libchrony", attackers},
	} {
		if out, code := run(arguments...); code != 1 || strings.Contains(out, "CHRONY") {
			t.Errorf("%q: got %d, %q, want sudo's refusal", arguments, code, out)
		}
	}
	if _, err := os.Stat(loaded); err == nil {
		t.Error("the library was loaded")
	}
}

// authenticatedCommands returns the plugin's arguments in the shipped commands that go
// through sudo, by monitoring system.
func authenticatedCommands(t *testing.T) map[string][]string {
	t.Helper()
	commands := map[string][]string{}
	for system, text := range map[string]string{"Icinga": shipped(t, "icinga2/authenticated.conf"), "NRPE": shipped(t, "nrpe/check_chrony.cfg")} {
		_, line, found := strings.Cut(text, map[string]string{"Icinga": "\tcommand = [", "NRPE": "\ncommand[check_chrony_authenticated]="}[system])
		line, _, _ = strings.Cut(line, map[string]string{"Icinga": "]", "NRPE": "\n"}[system])
		words := strings.Fields(strings.NewReplacer(`"`, "", ",", "").Replace(line))
		plugin := slices.IndexFunc(words, func(word string) bool { return strings.HasSuffix(word, "/check_chrony") })
		if !found || plugin < 0 || strings.Join(words[:4], " ") != "/usr/bin/sudo -n -u _chrony" {
			t.Fatalf("%s: no command in\n%s", system, text)
		}
		commands[system] = words[plugin+1:]
	}
	return commands
}
