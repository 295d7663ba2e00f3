// SPDX-License-Identifier: MIT

//go:build integration

package contribtest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// buildTelegraf builds Telegraf with no more than the shipped file needs.
func buildTelegraf(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "telegraf")
	cmd := exec.Command("go", "build", "-C", "testdata/telegraf",
		"-tags", "custom,inputs.exec,outputs.file,parsers.nagios", "-o", file, "github.com/influxdata/telegraf/cmd/telegraf")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// Telegraf makes a measurement of each metric, with its value and both ends of its
// ranges, and one of state and text.
func TestTelegraf(t *testing.T) {
	t.Parallel()
	telegraf := buildTelegraf(t)
	f := newDaemonFixture(t)
	for state, port := range ways(t) {
		r := f.recorder(t)
		// --test runs each input once and prints its measurements as line protocol.
		out, err := exec.Command(telegraf, "--test", "--quiet", "--config", f.place(t, "telegraf/check_chrony.conf", r, port)).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		want := r.only(t)
		measured := make(map[string]string) // the fields of a metric, by its label
		for _, m := range regexp.MustCompile(`(?m)^> nagios,.*\bperfdata=(\w+)\S* (.*) \d+$`).FindAllStringSubmatch(string(out), -1) {
			measured[m[1]] = m[2]
		}
		if len(measured) != len(want.perfdata) {
			t.Errorf("state %d: got %d of %d metrics:\n%s", state, len(measured), len(want.perfdata), out)
		}
		for _, metric := range want.perfdata {
			label, rest, _ := strings.Cut(metric, "=")
			value, limits, _ := strings.Cut(rest, ";")
			fields := strings.Split(measured[label], ",")
			if !hasNumber(fields, "value", strings.TrimSuffix(value, "s")) {
				t.Errorf("state %d: %s is %q", state, metric, fields)
			}
			warning, _, _ := strings.Cut(limits, ";")
			if start, end, ok := strings.Cut(warning, ":"); ok && (!hasNumber(fields, "warning_lt", start) || !hasNumber(fields, "warning_gt", end)) {
				t.Errorf("state %d: %s is %q", state, metric, fields)
			}
		}
		line := regexp.MustCompile(`(?m)^> nagios_state,\S* service_output="(.*)",state=(\d)i \d+$`).FindStringSubmatch(string(out))
		if line == nil || strings.ReplaceAll(line[1], `\"`, `"`) != want.line || line[2] != fmt.Sprint(want.code) || want.code != state {
			t.Errorf("state %d: got %q, want %+v", state, line, want)
		}
	}
}

// hasNumber reports whether one of the fields is the number, however it is written.
func hasNumber(fields []string, name, number string) bool {
	var want, got float64
	if _, err := fmt.Sscan(number, &want); err != nil {
		return false
	}
	for _, f := range fields {
		if text, ok := strings.CutPrefix(f, name+"="); ok {
			_, err := fmt.Sscan(text, &got)
			return err == nil && got == want
		}
	}
	return false
}
