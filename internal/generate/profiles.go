// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// profile is a set of options for a kind of host: see docs/detection.md.
type profile struct {
	name    string
	options []string // each --name=value
	about   []string // lines of a comment
}

var profiles = []profile{
	{
		"lan",
		[]string{"--max-error-warning=20ms", "--max-error-critical=100ms", "--reachable-warning=2:"},
		[]string{
			"A host with servers in its own network, where max error is 5 to 7 ms. Without updates",
			"it exceeds 20 ms after 4 hours. With one server left, the next failure is an outage:",
			"leave --reachable-warning out for hosts that have a single server.",
		},
	},
	{
		"internet",
		[]string{"--max-error-warning=100ms", "--max-error-critical=500ms", "--reachable-warning=2:"},
		[]string{
			"A host with servers on its continent, where max error is 17 to 35 ms, or up to 100 ms",
			"over LTE, which needs 150ms. Without updates it exceeds 100 ms after a day. Servers",
			"250 ms away need 300ms and 1s, those behind a satellite 600ms and 2s. It is the set for",
			"a LAN on WiFi, too.",
		},
	},
	{
		"single",
		[]string{"--max-error-warning=100ms", "--max-error-critical=500ms"},
		[]string{
			"A host with one server. If that is wrong, the clock is: a second one with noselect is a",
			"witness. See docs/detection.md.",
		},
	},
	{
		"cloud",
		[]string{"--max-error-warning=20ms", "--max-error-critical=100ms"},
		[]string{
			"A host that follows the one link-local or metadata server of its cloud, where max error",
			"is 0.2 ms.",
		},
	},
	{
		"pps",
		[]string{"--max-error-warning=1ms", "--max-error-critical=100ms", "--stratum-warning=1", "--expect-reference=PPS,GPS"},
		[]string{
			"A host with a PPS, where max error is about 20 us. Another stratum or reference means",
			"that network servers have taken over. Replace PPS,GPS with the IDs of your reference",
			"clocks: chronyc sources shows them.",
		},
	},
	{
		"nmea",
		[]string{"--max-error-warning=250ms", "--max-error-critical=500ms", "--stratum-warning=1", "--expect-reference=NMEA,GPS"},
		[]string{
			"A host with a GPS receiver but no PPS, where max error is 105 to 123 ms. Replace NMEA,GPS",
			"with the IDs of your reference clocks.",
		},
	},
	{
		"phc",
		[]string{"--max-error-warning=1ms", "--max-error-critical=100ms", "--stratum-warning=3", "--expect-reference=PHC0"},
		[]string{
			"A host with a PTP hardware clock. Its stratum is one more than that on the refclock line:",
			`3 for Azure's "stratum 2", and 1 if there is none.`,
		},
	},
	{
		"isolated",
		[]string{"--stratum-warning=1:15", "--local-reference=ok"},
		[]string{
			`A cluster without other servers, with "local stratum 10 orphan" in each chrony.conf:`,
			"one host follows nothing, and the others follow it. Offset, lost sources and age are",
			"judged as everywhere.",
		},
	},
}

const (
	icingaProfiles = "contrib/icinga2/profiles.conf"
	nagiosProfiles = "contrib/nagios/profiles.cfg"
	nrpeProfiles   = "contrib/nrpe/check_chrony_profiles.cfg"
	sensuProfiles  = "contrib/sensu/profiles.yml"
)

// comment returns the profile's comment with mark before each line.
func (p profile) comment(mark string) string {
	return mark + " " + strings.Join(p.about, "\n"+mark+" ") + "\n"
}

func (p profile) icingaName() string {
	return "chrony-" + p.name
}

// variables returns the profile's options as Icinga variables.
func (p profile) variables() map[string]string {
	variables := make(map[string]string)
	for _, o := range p.options {
		name, value, _ := strings.Cut(strings.TrimPrefix(o, "--"), "=")
		variables[icingaVariable(name)] = value
	}
	return variables
}

func icingaProfilesText() string {
	var b strings.Builder
	b.WriteString(`// SPDX-License-Identifier: MIT
//
// Thresholds for kinds of hosts. The services of services.conf import the profile that a
// host names, vars.chrony_profile = "lan"; your own services can import it themselves. Set
// other values on the host: vars.chrony_reachable_warning = "1:" for a single server.
`)
	for _, p := range profiles {
		fmt.Fprintf(&b, "\n%stemplate Service %q {\n", p.comment("//"), p.icingaName())
		for _, o := range p.options {
			name, value, _ := strings.Cut(strings.TrimPrefix(o, "--"), "=")
			fmt.Fprintf(&b, "\tvars.%s = %q\n", icingaVariable(name), value)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func nagiosProfilesText() string {
	var b strings.Builder
	b.WriteString(`# SPDX-License-Identifier: MIT
#
# Commands with thresholds for kinds of hosts, for the clock of this host. $ARG1$ is any
# further options, or nothing:
#
#   check_command  check_chrony_lan
`)
	for _, p := range profiles {
		fmt.Fprintf(&b, `
%sdefine command {
    command_name  check_chrony_%s
    command_line  $USER1$/check_chrony %s $ARG1$
}
`, p.comment("#"), p.name, strings.Join(p.options, " "))
	}
	return b.String()
}

func nrpeProfilesText() string {
	var b strings.Builder
	b.WriteString(`# SPDX-License-Identifier: MIT
#
# Commands for NRPE with thresholds for kinds of hosts: a file for the folder of
# check_chrony.cfg. Nagios runs one with check_command check_chrony_nrpe!check_chrony_lan.
`)
	for _, p := range profiles {
		fmt.Fprintf(&b, "\n%scommand[check_chrony_%s]=/usr/lib/nagios/plugins/check_chrony %s\n", p.comment("#"), p.name, strings.Join(p.options, " "))
	}
	return b.String()
}

// sensuProfilesText returns a check for each profile. It has its own name, options and
// subscription, and otherwise what the check in contrib/sensu has.
func sensuProfilesText() (string, error) {
	file, err := os.ReadFile("contrib/sensu/check_chrony.yml")
	if err != nil {
		return "", err
	}
	check := regexp.MustCompile(`(?m)^(---| *#.*)\n`).ReplaceAllString(string(file), "")
	about := `# SPDX-License-Identifier: MIT
#
# Checks with thresholds for kinds of hosts. Each has its own subscription: agents with
# chrony-lan run check_chrony_lan.

`
	var b strings.Builder
	for _, p := range profiles {
		b.WriteString("---\n" + about + p.comment("#"))
		about = ""
		replace := strings.NewReplacer(
			"  name: check_chrony\n", "  name: check_chrony_"+p.name+"\n",
			"check_chrony --offset-warning=50ms --offset-critical=100ms", fmt.Sprintf("%q", "check_chrony "+strings.Join(p.options, " ")),
			"    - linux\n", "    - chrony-"+p.name+"\n",
		)
		b.WriteString(replace.Replace(check))
	}
	return b.String(), nil
}
