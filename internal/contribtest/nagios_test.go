// SPDX-License-Identifier: MIT

package contribtest

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestNagios runs the shipped commands and services in Nagios Core: on this host, over
// the network, and through NRPE.
func TestNagios(t *testing.T) {
	t.Parallel()
	nagios := tool(t, "nagios", "nagios4", "/usr/sbin/nagios4", "/usr/sbin/nagios")
	checkNRPE := tool(t, checkNRPEs...)
	f := newFixture(t)
	r := f.recorder(t)
	// The shipped command asks the default port.
	write(t, filepath.Join(r.plugins, "check_nrpe"), fmt.Sprintf("#!/bin/sh\nexec %s -p %d \"$@\"\n", checkNRPE, f.startNRPE(t, r)))
	dir := f.folder(t)
	services := f.configureNagios(t, dir, r.plugins)

	conf := filepath.Join(dir, "nagios.cfg")
	if out, code := f.run(t, nagios, "-v", conf); code != 0 ||
		!strings.Contains(out, "Total Warnings: 0") || !strings.Contains(out, "Total Errors:   0") {
		t.Fatalf("nagios -v: %d\n%s", code, out)
	}
	d := f.start(t, nagios, conf)
	var status map[string]serviceState
	d.wait(t, "all checks", func() bool {
		status = nagiosStatus(t, filepath.Join(dir, "status.dat"))
		return len(status) == services
	})
	for _, c := range f.cases {
		for _, way := range []string{"local-", "remote-", "nrpe-"} {
			if got, ok := status[way+c.name]; ok {
				r.compare(t, c, got)
			}
		}
	}
	// The shipped services ask the chronyd at port 323. Any state will do.
	for _, name := range shippedHosts {
		if got := status[name]; !strings.HasPrefix(got.line, "CHRONY ") || len(got.perfdata) == 0 {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// shippedHosts are the hosts of the shipped services.
var shippedHosts = []string{"localhost", "nrpe.example.net", "ntp.example.net", "nts.example.net"}

// configureNagios writes the configuration of a Nagios around the shipped files, and
// returns the number of services.
func (f *fixture) configureNagios(t *testing.T, dir, plugins string) (services int) {
	t.Helper()
	services = len(shippedHosts)
	objects := templates + weekdays()
	for _, name := range shippedHosts {
		objects += nagiosHost(name)
	}
	for _, c := range f.cases {
		arguments := strings.Join(c.arguments(), " ")
		commands := map[string]string{
			"local-" + c.name: c.command() + "!" + arguments,
			"nrpe-" + c.name:  "check_chrony_nrpe!" + c.name,
		}
		// This command asks a host, while the case "unknown" asks a socket.
		if c.profile == "" && c.name != "unknown" {
			commands["remote-"+c.name] = "check_chrony_remote!" + arguments
		}
		for name, command := range commands {
			objects += nagiosHost(name) + fmt.Sprintf(`define service {
    use                  generic-service
    host_name            %s
    service_description  chrony
    check_command        %s
}
`, name, command)
			services++
		}
	}
	f.subfolder(t, dir, "results")
	for name, text := range map[string]string{
		"objects.cfg":  objects,
		"commands.cfg": shipped(t, "nagios/commands.cfg"),
		"profiles.cfg": shipped(t, "nagios/profiles.cfg"),
		"services.cfg": shipped(t, "nagios/services.cfg"),
		"resource.cfg": "$USER1$=" + plugins + "\n",
		"nagios.cfg":   strings.NewReplacer("DIR", dir, "USER", f.user.Username, "GROUP", f.group(t)).Replace(nagiosConf),
	} {
		write(t, filepath.Join(dir, name), text)
	}
	return services
}

const nagiosConf = `
cfg_file=DIR/objects.cfg
cfg_file=DIR/commands.cfg
cfg_file=DIR/profiles.cfg
cfg_file=DIR/services.cfg
resource_file=DIR/resource.cfg
log_file=DIR/nagios.log
object_cache_file=DIR/objects.cache
precached_object_file=DIR/objects.precache
status_file=DIR/status.dat
state_retention_file=DIR/retention.dat
temp_file=DIR/nagios.tmp
temp_path=DIR
check_result_path=DIR/results
lock_file=DIR/nagios.pid
query_socket=DIR/nagios.qh
command_file=DIR/nagios.cmd
nagios_user=USER
nagios_group=GROUP
check_external_commands=0
enable_notifications=0
check_for_updates=0
status_update_interval=1
service_inter_check_delay_method=n
host_inter_check_delay_method=n
` + "illegal_macro_output_chars=`~$&|'\"<>\n"

// templates replaces those of Nagios that the shipped services need.
const templates = `define contact {
    contact_name                   nobody
    host_notification_period       always
    service_notification_period    always
    host_notification_commands     true
    service_notification_commands  true
}
define command {
    command_name  true
    command_line  /bin/true
}
define service {
    name                   generic-service
    register               0
    check_interval         60
    retry_interval         60
    notification_interval  60
    max_check_attempts     3
    check_period           always
    notification_period    always
    contacts               nobody
}
`

// weekdays returns the definition of a time period that is always. Nagios wants each day
// spelt out.
func weekdays() string {
	period := "define timeperiod {\n    timeperiod_name  always\n    alias            always\n"
	for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		period += fmt.Sprintf("    %s  00:00-24:00\n", day)
	}
	return period + "}\n"
}

func nagiosHost(name string) string {
	return fmt.Sprintf(`define host {
    host_name            %s
    address              127.0.0.1
    check_command        true
    max_check_attempts   1
    check_period         always
    notification_period  always
    contacts             nobody
}
`, name)
}

// nagiosStatus returns, by host, what status.dat says about the services that were
// checked.
func nagiosStatus(t *testing.T, name string) map[string]serviceState {
	t.Helper()
	status := map[string]serviceState{}
	for _, block := range regexp.MustCompile(`(?s)servicestatus \{\n(.*?)\n\t\}`).FindAllStringSubmatch(readIfThere(t, name), -1) {
		values := map[string]string{}
		for line := range strings.Lines(block[1]) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			values[key] = value
		}
		if values["has_been_checked"] != "1" {
			continue
		}
		code, err := strconv.Atoi(values["current_state"])
		if err != nil {
			t.Fatal(err)
		}
		status[values["host_name"]] = serviceState{
			code, values["plugin_output"],
			strings.TrimSuffix(strings.ReplaceAll(values["long_plugin_output"], `\n`, "\n"), "\n"),
			strings.Fields(values["performance_data"]),
		}
	}
	return status
}
