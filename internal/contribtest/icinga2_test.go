// SPDX-License-Identifier: MIT

package contribtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestIcinga runs the shipped CheckCommand and services in two Icinga 2 nodes: on a
// master over the network, and on an agent by command_endpoint.
func TestIcinga(t *testing.T) {
	t.Parallel()
	program := tool(t, "icinga2", "/usr/sbin/icinga2")
	f := newFixture(t)
	master := f.newNode(t, program, "master")
	agent := f.newNode(t, program, "agent")
	master.makeCertificates(t, agent)
	graphite := listenAsGraphite(t)

	agent.configure(t, "", nil)
	master.configure(t, fmt.Sprintf(`
object GraphiteWriter "graphite" {
	host = "127.0.0.1"
	port = %d
	enable_send_thresholds = true
}
`, graphite.port), map[string]string{
		"services.conf":     shipped(t, "icinga2/services.conf"),
		"profiles.conf":     shipped(t, "icinga2/profiles.conf"),
		"dependencies.conf": shipped(t, "icinga2/dependencies.conf"),
		"hosts.conf":        hosts(f),
	})
	// The master tries the agent only every ten seconds.
	for _, n := range []*node{agent, master} {
		n.start(t)
	}
	master.daemon.wait(t, "connection to the agent", func() bool { return master.hasConnected("agent") })
	master.daemon.wait(t, "connection to Graphite", func() bool {
		return strings.Contains(master.daemon.text(), "Finished reconnecting to Graphite")
	})

	want := master.checkAll(t)
	results := map[string]checkResult{}
	master.daemon.wait(t, "all checks", func() bool {
		results = master.results(t)
		return len(results) == want
	})

	for _, c := range f.cases {
		for name, n := range map[string]*node{"agent-" + c.name + "!chrony": agent, "remote-" + c.name + "!chrony-remote": master} {
			got, ok := results[name]
			if !ok {
				if c.name != "unknown" { // it asks a socket
					t.Errorf("%s: not there", name)
				}
				continue
			}
			n.plugin.compare(t, c, got.parse())
			if got.CheckSource != n.name {
				t.Errorf("%s: checked by %q, want %q", name, got.CheckSource, n.name)
			}
			graphite.compare(t, master.daemon, name, got)
		}
	}
	// This is the master's own clock, by the chronyd at port 323. Any state will do.
	if got := results["master!chrony"]; !strings.HasPrefix(got.Output, "CHRONY ") || got.CheckSource != "master" {
		t.Errorf("master: got %+v", got)
	}
	// This user has no rule of sudo's here: see TestSudo.
	for name, source := range map[string]string{"master-authenticated": "master", "agent-authenticated": "agent"} {
		if got := results[name+"!chrony-authenticated"]; !strings.HasPrefix(got.Output, "sudo: ") || got.CheckSource != source {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	// A host that can't be asked must not get another host's OK.
	for _, name := range []string{"remote-no-address", "remote-no-address-of-the-family"} {
		if got := results[name+"!chrony-remote"]; got.State != 3 || !strings.HasPrefix(got.Output, "CHRONY UNKNOWN: ") {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	compareOptions(t, master, results)
	checkOwnValues(t, master)
	checkDependency(t, master, "remote-client!chrony-remote")
	checkDependency(t, master, "agent-authenticated!chrony-authenticated")

	for _, n := range []*node{master, agent} {
		rejectLines(t, n.daemon.text(), "warning/", "critical/")
	}
}

// hosts returns the hosts on which the shipped rules put their services.
func hosts(f *fixture) string {
	host := func(name string, lines ...string) string {
		return fmt.Sprintf("object Host %q {\n\tcheck_command = \"dummy\"\n\tenable_active_checks = false\n\t%s\n}\n", name, strings.Join(lines, "\n\t"))
	}
	objects := host("master")
	for _, c := range f.cases {
		var variables []string
		for _, o := range c.options {
			variables = append(variables, fmt.Sprintf("vars.%s = %q", o.icingaVariable(), o.value))
		}
		if c.profile != "" {
			variables = append(variables, fmt.Sprintf("vars.chrony_profile = %q", c.profile))
		}
		objects += host("agent-"+c.name, append(variables, `vars.agent_endpoint = "agent"`)...)
		if c.name != "unknown" {
			objects += host("remote-"+c.name, append(variables, `vars.chrony_remote = true`, `address = "127.0.0.1"`)...)
		}
	}
	objects += host("master-authenticated", "vars.chrony_authenticated = true")
	objects += host("agent-authenticated", "vars.chrony_authenticated = true", `vars.agent_endpoint = "agent"`, `vars.chrony_server = "agent-critical"`)
	objects += host("remote-own-values", `vars.chrony_profile = "lan"`, `vars.chrony_max_error_warning = "7s"`, "vars.chrony_remote = true", `address = "127.0.0.1"`)
	objects += host("remote-client", `vars.chrony_server = "agent-critical"`, "vars.chrony_remote = true", `address = "127.0.0.1"`)
	objects += host("remote-no-address", "vars.chrony_remote = true")
	objects += host("remote-no-address-of-the-family", "vars.chrony_remote = true", `address = "127.0.0.1"`, "vars.chrony_ipv6 = true")
	for family, address := range map[string]string{"ipv4": `address = "127.0.0.1"`, "ipv6": `address6 = "::1"`} {
		lines := []string{"vars.chrony_remote = true", address, fmt.Sprintf("vars.chrony_%s = true", family), "vars.chrony_verbose = 2"}
		for _, variable := range slices.Sorted(maps.Keys(everyOption)) {
			lines = append(lines, fmt.Sprintf("vars.chrony_%s = %s", variable, everyOption[variable].value))
		}
		objects += host("remote-options-"+family, lines...)
	}
	return objects
}

// icingaVariable returns the variable of the CheckCommand for the option.
func (o option) icingaVariable() string {
	switch o.name {
	case "hostname":
		return "chrony_address"
	case "stratum-warning":
		return "chrony_wstratum"
	}
	return "chrony_" + o.name
}

// checkOwnValues checks that the plugin got a host's own value, and the others of its
// profile.
func checkOwnValues(t *testing.T, n *node) {
	t.Helper()
	want := []string{"--hostname", "127.0.0.1", "--max-error-critical", "100ms", "--max-error-warning", "7s", "--reachable-warning", "2:"}
	slices.Sort(want)
	if !slices.ContainsFunc(n.plugin.runs(t), func(r run) bool {
		return slices.Equal(slices.Sorted(slices.Values(r.arguments)), want)
	}) {
		t.Errorf("no run with %q", want)
	}
}

// checkDependency checks that a client is unreachable, and so doesn't notify, once its
// server's state is hard.
func checkDependency(t *testing.T, n *node, client string) {
	t.Helper()
	const server = "agent-critical!chrony"
	if !n.reachable(t, client) {
		t.Errorf("%s: unreachable while the server's state is soft", client)
	}
	for range 3 {
		n.submit(t, server, 2)
	}
	n.submit(t, client, 2)
	if n.reachable(t, client) {
		t.Errorf("%s: reachable while the server is CRITICAL", client)
	}
	n.submit(t, server, 0)
	n.submit(t, client, 2)
	if !n.reachable(t, client) {
		t.Errorf("%s: unreachable while the server is OK", client)
	}
}
