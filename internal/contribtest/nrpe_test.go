// SPDX-License-Identifier: MIT

package contribtest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// checkNRPEs are the names and paths of check_nrpe on Debian and Fedora.
var checkNRPEs = []string{"check_nrpe", "/usr/lib/nagios/plugins/check_nrpe", "/usr/lib64/nagios/plugins/check_nrpe"}

// TestNRPE runs the shipped commands in NRPE and asks it as Nagios does.
func TestNRPE(t *testing.T) {
	t.Parallel()
	checkNRPE := tool(t, checkNRPEs...)
	f := newFixture(t)
	r := f.recorder(t)
	port := fmt.Sprint(f.startNRPE(t, r))
	for _, c := range f.cases {
		for _, packets := range []string{"", "-3", "-2"} {
			arguments := []string{"-H", "127.0.0.1", "-p", port, "-c", c.name}
			if packets != "" {
				if c.details != nil {
					continue // these packets hold 1,023 bytes, which is enough for one line only
				}
				arguments = append(arguments, packets)
			}
			output, code := f.run(t, checkNRPE, arguments...)
			r.compare(t, c, run{output: output, code: code}.parse())
		}
	}
	// The unchanged commands ask the chronyd at port 323. Any state will do.
	for _, name := range []string{"check_chrony", "check_chrony_details", "check_chrony_authenticated"} {
		if output, _ := f.run(t, checkNRPE, "-H", "127.0.0.1", "-p", port, "-c", name); !strings.HasPrefix(output, "CHRONY ") {
			t.Errorf("%s: got %q", name, output)
		}
	}
	// Arguments from the network are refused, whatever the plugin would do with them.
	if output, _ := f.run(t, checkNRPE, "-H", "127.0.0.1", "-p", port, "-c", "check_chrony", "-a", "--unreachable=ok"); strings.Contains(output, "CHRONY ") {
		t.Errorf("with an argument: got %q", output)
	}
}

// startNRPE starts an NRPE with the shipped commands, and with a further command for each
// case, under the name of the case. It returns the port.
func (f *fixture) startNRPE(t *testing.T, r recorder) int {
	t.Helper()
	nrpe := tool(t, "nrpe", "/usr/sbin/nrpe")
	dir := f.folder(t)
	port := chronydtest.FreePort(t)
	commands := strings.ReplaceAll(shipped(t, "nrpe/check_chrony.cfg")+shipped(t, "nrpe/check_chrony_profiles.cfg"), "/usr/lib/nagios/plugins/", r.plugins+"/")
	commands = strings.ReplaceAll(commands, "]=/usr/bin/sudo -n -u _chrony ", "]=") // TestSudo's
	if !strings.Contains(commands, "]="+r.plugins) {
		t.Fatal("the shipped commands are elsewhere")
	}
	for _, c := range f.cases {
		_, line, _ := strings.Cut(commands, "\ncommand["+c.command()+"]=")
		line, _, _ = strings.Cut(line, "\n")
		commands += fmt.Sprintf("command[%s]=%s %s\n", c.name, line, strings.Join(c.arguments(), " "))
	}
	write(t, filepath.Join(dir, "check_chrony.cfg"), commands)
	write(t, filepath.Join(dir, "nrpe.cfg"), fmt.Sprintf(`
server_address=127.0.0.1
server_port=%d
pid_file=%[2]s/nrpe.pid
log_file=%[2]s/nrpe.log
nrpe_user=%[3]s
nrpe_group=%[4]s
allowed_hosts=127.0.0.1
dont_blame_nrpe=0
include=%[2]s/check_chrony.cfg
`, port, dir, f.user.Username, f.group(t)))
	d := f.start(t, nrpe, "-c", filepath.Join(dir, "nrpe.cfg"), "-f")
	d.wait(t, "listening", func() bool {
		return strings.Contains(readIfThere(t, filepath.Join(dir, "nrpe.log")), "Listening for connections")
	})
	return port
}
