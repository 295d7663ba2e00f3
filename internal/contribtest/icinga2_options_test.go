// SPDX-License-Identifier: MIT

package contribtest

import (
	"regexp"
	"slices"
	"testing"
)

// everyOption has, for each variable of the CheckCommand, a value in Icinga's language
// and the arguments that the plugin gets for it.
var everyOption = map[string]struct {
	value     string
	arguments []string
}{
	"port":                     {`9`, []string{"--port", "9"}},
	"timeout":                  {`2.5`, []string{"--timeout", "2.500000"}},
	"reader":                   {`"native"`, []string{"--reader", "native"}},
	"libchrony":                {`"/nowhere/libchrony.so"`, []string{"--libchrony", "/nowhere/libchrony.so"}},
	"warning":                  {`50ms`, []string{"--offset-warning", "0.050000"}},
	"critical":                 {`"-10ms:200ms"`, []string{"--offset-critical", "-10ms:200ms"}},
	"wstratum":                 {`3`, []string{"--stratum-warning", "3"}},
	"cstratum":                 {`"1:4"`, []string{"--stratum-critical", "1:4"}},
	"leap_warning":             {`"insert,delete"`, []string{"--leap-warning", "insert,delete"}},
	"leap_critical":            {`"none"`, []string{"--leap-critical", "none"}},
	"age_warning":              {`1h`, []string{"--age-warning", "3600"}},
	"age_critical":             {`"2h"`, []string{"--age-critical", "2h"}},
	"sources_warning":          {`"3:"`, []string{"--sources-warning", "3:"}},
	"sources_critical":         {`"@0"`, []string{"--sources-critical", "@0"}},
	"reachable_warning":        {`"2:"`, []string{"--reachable-warning", "2:"}},
	"reachable_critical":       {`"1:"`, []string{"--reachable-critical", "1:"}},
	"falsetickers_warning":     {`0`, []string{"--falsetickers-warning", "0"}},
	"falsetickers_critical":    {`"1"`, []string{"--falsetickers-critical", "1"}},
	"disagreeing_warning":      {`0`, []string{"--disagreeing-warning", "0"}},
	"disagreeing_critical":     {`"1"`, []string{"--disagreeing-critical", "1"}},
	"authenticated_warning":    {`"2:"`, []string{"--authenticated-warning", "2:"}},
	"authenticated_critical":   {`"1:"`, []string{"--authenticated-critical", "1:"}},
	"no_sources_after":         {`15m`, []string{"--no-sources-after", "900"}},
	"max_error_warning":        {`"1ms"`, []string{"--max-error-warning", "1ms"}},
	"max_error_critical":       {`"2ms"`, []string{"--max-error-critical", "2ms"}},
	"root_dispersion_warning":  {`"3ms"`, []string{"--root-dispersion-warning", "3ms"}},
	"root_dispersion_critical": {`"4ms"`, []string{"--root-dispersion-critical", "4ms"}},
	"root_delay_warning":       {`"5ms"`, []string{"--root-delay-warning", "5ms"}},
	"root_delay_critical":      {`"6ms"`, []string{"--root-delay-critical", "6ms"}},
	"skew_warning":             {`7`, []string{"--skew-warning", "7"}},
	"skew_critical":            {`"8ppm"`, []string{"--skew-critical", "8ppm"}},
	"frequency_warning":        {`9`, []string{"--frequency-warning", "9"}},
	"frequency_critical":       {`10`, []string{"--frequency-critical", "10"}},
	"last_offset_warning":      {`"~:11ms"`, []string{"--last-offset-warning", "~:11ms"}},
	"last_offset_critical":     {`"12ms"`, []string{"--last-offset-critical", "12ms"}},
	"rms_offset_warning":       {`"13ms"`, []string{"--rms-offset-warning", "13ms"}},
	"rms_offset_critical":      {`"14ms"`, []string{"--rms-offset-critical", "14ms"}},
	"unreachable":              {`"warning"`, []string{"--unreachable", "warning"}},
	"no_sources":               {`"critical"`, []string{"--no-sources", "critical"}},
	"local_reference":          {`"ok"`, []string{"--local-reference", "ok"}},
	"expect_reference":         {`[ "GPS", "192.0.2.1" ]`, []string{"--expect-reference", "GPS", "--expect-reference", "192.0.2.1"}},
	"unexpected_reference":     {`"critical"`, []string{"--unexpected-reference", "critical"}},
	"grace":                    {`"5m"`, []string{"--grace", "5m"}},
}

// compareOptions checks that every option reached the plugin and was accepted: the state
// isn't that of a wrong option.
func compareOptions(t *testing.T, n *node, results map[string]checkResult) {
	t.Helper()
	variables := 0
	for _, v := range regexp.MustCompile(`value = "\$chrony_(\w+)\$"`).FindAllStringSubmatch(shipped(t, "icinga2/chrony.conf"), -1) {
		if v[1] == "address" {
			continue // the rule sets it
		}
		if _, ok := everyOption[v[1]]; !ok {
			t.Errorf("chrony_%s: not tried", v[1])
		}
		variables++
	}
	if variables != len(everyOption) {
		t.Errorf("%d variables, and %d values to try", variables, len(everyOption))
	}
	for family, address := range map[string]string{"ipv4": "127.0.0.1", "ipv6": "::1"} {
		compareArguments(t, n, family, address)
		if got := results["remote-options-"+family+"!chrony-remote"]; got.State != 1 {
			t.Errorf("%s: got %+v, want the state of --unreachable=warning", family, got)
		}
	}
}

// compareArguments checks that a run of the plugin had every option.
func compareArguments(t *testing.T, n *node, family, address string) {
	t.Helper()
	want := []string{"--hostname", address, "--" + family, "-vv"}
	for _, o := range everyOption {
		want = append(want, o.arguments...)
	}
	slices.Sort(want)
	if !slices.ContainsFunc(n.plugin.runs(t), func(r run) bool {
		return slices.Equal(slices.Sorted(slices.Values(r.arguments)), want)
	}) {
		t.Errorf("%s: no run with all of %q", family, want)
	}
}
