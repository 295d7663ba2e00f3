// SPDX-License-Identifier: MIT

package contribtest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSensu runs the shipped commands as Sensu's agent does, out of an asset in
// the layout of the README, and reads the output by the rules of its
// nagios_perfdata format. There is no package of Sensu for Debian or Fedora:
// contrib/sensu/README.md says what was tried by hand.
func TestSensu(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	definition := shipped(t, "sensu/check_chrony.yml")
	for _, line := range []string{"output_metric_format: nagios_perfdata", "  timeout: 10", "  runtime_assets:\n    - check_chrony"} {
		if !strings.Contains(definition, line+"\n") {
			t.Errorf("no %q in the definition", line)
		}
	}
	commands := map[string]string{} // by name of the check
	for _, m := range regexp.MustCompile(`(?ms)^  name: (\w+)$.*?^  command: (.+?)$`).FindAllStringSubmatch(definition+shipped(t, "sensu/profiles.yml"), -1) {
		commands[m[1]] = strings.Trim(m[2], `"`)
	}

	asset := f.folder(t)
	bin, lib := f.subfolder(t, asset, "bin"), f.subfolder(t, asset, "lib")
	if err := os.Link(f.plugin, filepath.Join(bin, "check_chrony")); err != nil {
		t.Fatal(err)
	}
	reader := ""
	if f.library != "" {
		if err := os.Link(f.library, filepath.Join(lib, "libchrony.so.0")); err != nil {
			t.Fatal(err)
		}
		reader = "reader: libchrony " + lib
	}

	for _, c := range f.cases {
		command := commands[c.command()]
		if command == "" {
			t.Fatalf("no check %s", c.command())
		}
		line := strings.Join(append([]string{command}, c.arguments()...), " ")
		output, code := f.run(t, "/usr/bin/env", "PATH="+bin+":/usr/bin:/bin", "LD_LIBRARY_PATH="+lib, "sh", "-c", line)
		got := run{output: output, code: code}.parse()
		c.check(t, got)
		metrics, err := sensuMetrics(output)
		if err != nil {
			t.Errorf("%s: %v:\n%s", c.name, err, output)
		}
		if len(metrics) != c.metrics {
			t.Errorf("%s: got %d metrics, want %d:\n%s", c.name, len(metrics), c.metrics, output)
		}
		if strings.Contains(output, "\nreader: ") && !strings.Contains(output, reader) {
			t.Errorf("%s: want %q:\n%s", c.name, reader, output)
		}
	}
}

// sensuMetrics returns the metrics that Sensu reads from an output. The error says what
// would keep Sensu from reading all of them correctly.
func sensuMetrics(output string) ([]string, error) {
	text, perfdata, ok := strings.Cut(output, "|")
	if !ok {
		return nil, nil
	}
	if strings.Contains(perfdata, "|") {
		return nil, fmt.Errorf("a second |: Sensu makes no metrics at all")
	}
	if strings.Contains(strings.TrimSpace(perfdata), "\n") || strings.TrimSpace(text) == "" {
		return nil, fmt.Errorf("text after the performance data, or none before: Sensu takes it for metrics")
	}
	metric := regexp.MustCompile(`^([a-z_]{1,19})=-?[0-9]+(\.[0-9]+)?s?(;[^;']*){4}$`)
	var labels []string
	for field := range strings.SplitSeq(strings.TrimSpace(perfdata), " ") {
		m := metric.FindStringSubmatch(field)
		switch {
		case m == nil:
			return nil, fmt.Errorf("%q is no metric: quotes, an exponent or a second blank", field)
		case slices.Contains(labels, m[1]):
			return nil, fmt.Errorf("%q is there twice", m[1])
		}
		labels = append(labels, m[1])
	}
	return labels, nil
}
