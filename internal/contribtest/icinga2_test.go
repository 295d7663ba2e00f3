// SPDX-License-Identifier: MIT

package contribtest

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// testIcinga runs the shipped CheckCommand and services in two Icinga 2, a master
// and an agent: on the master over the network, and on the agent by
// command_endpoint.
func testIcinga(t *testing.T, s *site) {
	program := tool(t, "icinga2", "/usr/sbin/icinga2")
	master := s.newNode(t, program, "master")
	agent := s.newNode(t, program, "agent")
	master.connect(t, agent)
	graphite := listenAsGraphite(t)

	agent.configure(t, "", nil)
	master.configure(t, fmt.Sprintf(`
object GraphiteWriter "graphite" {
	host = "127.0.0.1"
	port = %d
	enable_send_thresholds = true
}
`, graphite.port), map[string]string{"services.conf": shipped(t, "icinga2/services.conf"), "hosts.conf": hosts(s)})
	// The master tries the agent only every ten seconds.
	for _, n := range []*node{agent, master} {
		n.daemon = s.start(t, program, append([]string{"daemon", "-c", filepath.Join(n.dir, "icinga2.conf")}, n.defines...)...)
		n.daemon.wait(t, "listening", func() bool { return strings.Contains(n.daemon.text(), "Started new listener") })
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

	for _, sc := range s.scenes {
		for name, n := range map[string]*node{"agent-" + sc.name + "!chrony": agent, "remote-" + sc.name + "!chrony-remote": master} {
			got, ok := results[name]
			if !ok {
				if sc.name != "unknown" { // it asks a socket
					t.Errorf("%s: not there", name)
				}
				continue
			}
			n.plugin.compare(t, sc, got.understand())
			if got.CheckSource != n.name {
				t.Errorf("%s: checked by %q, want %q", name, got.CheckSource, n.name)
			}
			graphite.compare(t, master.daemon, name, got)
		}
	}
	// The master's own clock, at port 323, which may be anything.
	if got := results["master!chrony"]; !strings.HasPrefix(got.Output, "CHRONY ") || got.CheckSource != "master" {
		t.Errorf("master: got %+v", got)
	}
	// What isn't asked at all is no other host's OK.
	for _, name := range []string{"remote-no-address", "remote-no-address-of-the-family"} {
		if got := results[name+"!chrony-remote"]; got.State != 3 || !strings.HasPrefix(got.Output, "CHRONY UNKNOWN: ") {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	compareOptions(t, master, results)

	for _, n := range []*node{master, agent} {
		hasNot(t, n.daemon.text(), "warning/", "critical/")
	}
}

// hosts are those on which the shipped rules put their services.
func hosts(s *site) string {
	host := func(name string, lines ...string) string {
		return fmt.Sprintf("object Host %q {\n\tcheck_command = \"dummy\"\n\tenable_active_checks = false\n\t%s\n}\n", name, strings.Join(lines, "\n\t"))
	}
	objects := host("master")
	for _, sc := range s.scenes {
		var variables []string
		for _, o := range sc.options {
			name := map[string]string{"hostname": "address", "stratum-warning": "wstratum"}[o.name]
			if name == "" {
				name = o.name
			}
			variables = append(variables, fmt.Sprintf("vars.chrony_%s = %q", name, o.value))
		}
		objects += host("agent-"+sc.name, append(variables, `vars.agent_endpoint = "agent"`)...)
		if sc.name != "unknown" {
			objects += host("remote-"+sc.name, append(variables, `vars.chrony_remote = true`, `address = "127.0.0.1"`)...)
		}
	}
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
