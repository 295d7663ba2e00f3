// SPDX-License-Identifier: MIT

package options

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const contrib = "../../contrib"

// The plugin accepts every command line in contrib.
func TestContribCommandLines(t *testing.T) {
	for name, pattern := range map[string]string{
		"nagios/commands.cfg":              `/check_chrony (.*)`,
		"nagios/services.cfg":              `check_chrony(?:_remote)?!(-.*)`,
		"nrpe/check_chrony.cfg":            `/check_chrony (.*)`,
		"nagios/profiles.cfg":              `/check_chrony (.*)`,
		"nrpe/check_chrony_profiles.cfg":   `/check_chrony (.*)`,
		"sensu/check_chrony.yml":           `command: check_chrony (.*)`,
		"checkmk/mrpe.cfg":                 `/check_chrony (.*)`,
		"checkmk/check_chrony":             `plugins/check_chrony (.*)\)`,
		"zabbix/check_chrony.conf":         `/check_chrony (.*)`,
		"telegraf/check_chrony.conf":       `/check_chrony (.*)"]`,
		"prometheus/check_chrony_textfile": `plugins/check_chrony (.*)\)`,
		"sudoers/check_chrony":             `/check_chrony (.*?)(?:, .*)?\n`,
	} {
		data, err := os.ReadFile(filepath.Join(contrib, name))
		if err != nil {
			t.Fatal(err)
		}
		lines := regexp.MustCompile(pattern).FindAllStringSubmatch(string(data), -1)
		if lines == nil {
			t.Errorf("%s: no command line", name)
		}
		for _, line := range lines {
			arguments := strings.NewReplacer("$ARG1$", "", "$HOSTADDRESS$", "192.0.2.1", `\:`, ":").Replace(line[1])
			if _, err := Parse(strings.Fields(arguments)); err != nil {
				t.Errorf("%s: %s: %v", name, line[1], err)
			}
		}
	}
}
