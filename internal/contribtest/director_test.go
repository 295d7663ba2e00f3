// SPDX-License-Identifier: MIT

//go:build director

package contribtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// TestDirector restores the shipped basket in an Icinga Director, creates services from
// its templates, deploys them to an Icinga 2, and compares the results of their checks.
func TestDirector(t *testing.T) {
	t.Parallel()
	program := tool(t, "icinga2", "/usr/sbin/icinga2")
	f := newFixture(t)
	d := f.startDirector(t)
	master := f.newNode(t, program, "master")
	master.makeCertificates(t)
	// Director deploys to this zone what all nodes share.
	master.zones += "object Zone \"director-global\" { global = true }\n"
	master.configure(t, "", nil)
	master.start(t)

	write(t, filepath.Join(d.modules, "director", "kickstart.ini"), fmt.Sprintf(
		"[config]\nendpoint = master\nhost = 127.0.0.1\nport = %d\nusername = test\npassword = test\n", master.port))
	d.cli(t, "", "kickstart", "run")
	basket := shipped(t, "director/chrony.json")
	d.cli(t, basket, "basket", "restore")
	fields := d.query(t, "SELECT COUNT(*) FROM director_datafield")
	d.cli(t, basket, "basket", "restore")
	if again := d.query(t, "SELECT COUNT(*) FROM director_datafield"); again != fields || fields == "0" {
		t.Errorf("restored twice: %s fields, then %s", fields, again)
	}

	d.create(t, "host", "web1", map[string]any{"object_type": "object", "address": "127.0.0.1", "check_command": "dummy", "zone": "master"})
	for _, c := range f.cases {
		template, vars := "chrony", map[string]any{}
		if c.profile != "" {
			template = "chrony-" + c.profile
		}
		for _, o := range c.options {
			vars[o.icingaVariable()] = o.value
		}
		d.create(t, "service", c.name, map[string]any{"object_type": "object", "host": "web1", "imports": []string{template}, "vars": vars})
	}
	every := map[string]any{"chrony_verbose": 2, "chrony_ipv4": true, "chrony_address": "127.0.0.1"}
	for variable, o := range everyOption {
		// Director's forms give strings: the arguments as they are, or joined by commas.
		every["chrony_"+variable] = o.arguments[1]
		if variable == "expect_reference" {
			every["chrony_"+variable] = []string{o.arguments[1], o.arguments[3]}
		}
	}
	d.create(t, "service", "every option", map[string]any{"object_type": "object", "host": "web1", "imports": []string{"chrony"}, "vars": every})
	// What Director's forms store if somebody changes a service on one host.
	d.create(t, "host", "web2", map[string]any{
		"object_type": "object", "address": "127.0.0.1", "check_command": "dummy", "zone": "master",
		"vars": map[string]any{"_override_servicevars": map[string]any{"own": map[string]any{"chrony_address": "127.0.0.1", "chrony_max_error_warning": "7s"}}},
	})
	d.create(t, "service", "own", map[string]any{"object_type": "apply", "assign_filter": `host.name="web2"`, "imports": []string{"chrony-lan"}})
	d.cli(t, "", "config", "deploy")

	services := len(f.cases) + 2
	results := map[string]checkResult{}
	master.daemon.wait(t, "the deployed services", func() bool {
		var answer struct{ Results []struct{ Name string } }
		return master.call(http.MethodGet, "objects/services?attrs=name", nil, &answer) == nil && len(answer.Results) == services
	})
	master.checkAll(t)
	master.daemon.wait(t, "all checks", func() bool {
		results = master.results(t)
		return len(results) == services
	})
	for _, c := range f.cases {
		master.plugin.compare(t, c, results["web1!"+c.name].parse())
	}
	if got := results["web1!every option"]; got.State != 1 {
		t.Errorf("every option: got %+v, want the state of --unreachable=warning", got)
	}
	compareArguments(t, master, "ipv4", "127.0.0.1")
	checkOwnValues(t, master)
	rejectLines(t, master.daemon.text(), "critical/")
}

// director is an Icinga Director with a database of its own.
type director struct {
	fixture                    *fixture
	query                      func(t *testing.T, sql string) string
	icingacli, config, modules string
}

func (f *fixture) startDirector(t *testing.T) *director {
	t.Helper()
	d := &director{fixture: f, icingacli: tool(t, "icingacli")}
	modules, _ := exec.Command("php", "-m").Output()
	for module, name := range map[string]string{"pdo_mysql": "php-mysql", "curl": "php-curl", "intl": "php-intl"} {
		if !strings.Contains(string(modules), "\n"+module+"\n") {
			chronydtest.Missing(t, name)
		}
	}
	database := f.startMariaDB(t, "director")
	d.query = database.query
	d.config = f.subfolder(t, f.folder(t), "config")
	enabled := f.subfolder(t, d.config, "enabledModules")
	d.modules = f.subfolder(t, d.config, "modules")
	f.subfolder(t, d.modules, "director")
	for _, module := range []string{"reactbundle", "incubator", "director"} {
		path := filepath.Join("/usr/share/icingaweb2/modules", module)
		if _, err := os.Stat(path); err != nil {
			chronydtest.Missing(t, "director")
		}
		if err := os.Symlink(path, filepath.Join(enabled, module)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(d.config, "config.ini"), "[global]\nmodule_path = \"/usr/share/icingaweb2/modules\"\nconfig_resource = director\n[logging]\nlog = none\n")
	write(t, filepath.Join(d.config, "resources.ini"), database.resource())
	write(t, filepath.Join(d.modules, "director", "config.ini"), "[db]\nresource = director\n")
	d.cli(t, "", "migration", "run")
	return d
}

// cli runs icingacli director, which must succeed.
func (d *director) cli(t *testing.T, stdin string, arguments ...string) string {
	t.Helper()
	arguments = append([]string{"ICINGAWEB_CONFIGDIR=" + d.config, d.icingacli, "director"}, arguments...)
	cmd := d.fixture.command(t, "/usr/bin/env", arguments...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(arguments[1:], " "), err, out)
	}
	return string(out)
}

// create creates an object in the Director.
func (d *director) create(t *testing.T, kind, name string, properties map[string]any) {
	t.Helper()
	data, err := json.Marshal(properties)
	if err != nil {
		t.Fatal(err)
	}
	d.cli(t, "", kind, "create", name, "--json", string(data))
}
