// SPDX-License-Identifier: MIT

package contribtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// recorder is a plugin folder whose check_chrony runs the real plugin and records its
// arguments and its output, byte by byte.
type recorder struct{ plugins, records string }

func (f *fixture) recorder(t *testing.T) recorder {
	t.Helper()
	dir := f.folder(t)
	r := recorder{f.subfolder(t, dir, "plugins"), f.subfolder(t, dir, "records")}
	script := `#!/bin/sh
export CHECK_CHRONY_LIBCHRONY='` + f.library + `'
record=$(mktemp -d '` + r.records + `/XXXXXX')
printf '%s\n' "$@" >"$record/arguments"
'` + f.plugin + `' "$@" >"$record/stdout" 2>"$record/stderr"
code=$?
echo $code >"$record/code"
mv "$record" "$record.done"
cat "$record.done/stdout"
exit $code
`
	write(t, filepath.Join(r.plugins, "check_chrony"), script)
	return r
}

// run is one run of the plugin.
type run struct {
	arguments []string
	output    string
	code      int
}

func (r recorder) runs(t *testing.T) []run {
	t.Helper()
	records, err := filepath.Glob(r.records + "/*.done")
	if err != nil {
		t.Fatal(err)
	}
	var runs []run
	for _, record := range records {
		text := func(name string) string {
			data, err := os.ReadFile(filepath.Join(record, name))
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
		if stderr := text("stderr"); stderr != "" {
			t.Errorf("stderr: %q", stderr)
		}
		code, err := strconv.Atoi(strings.TrimSpace(text("code")))
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run{strings.Split(strings.TrimSuffix(text("arguments"), "\n"), "\n"), text("stdout"), code})
	}
	return runs
}

// serviceState is what a monitoring system shows of a run.
type serviceState struct {
	code     int
	line     string
	long     string
	perfdata []string
}

// parse parses the output as the plugin guidelines define it.
func (r run) parse() serviceState {
	text, perfdata, _ := strings.Cut(strings.TrimSuffix(r.output, "\n"), "|")
	line, long, _ := strings.Cut(text, "\n")
	return serviceState{r.code, strings.TrimSpace(line), strings.TrimSuffix(long, "\n"), strings.Fields(perfdata)}
}

func (a serviceState) equal(b serviceState) bool {
	return a.code == b.code && a.line == b.line && a.long == b.long && slices.Equal(a.perfdata, b.perfdata)
}

// compare checks that a monitoring system shows what the plugin printed in one of its
// runs, and what the case expects. The metric "time" differs from run to run.
func (r recorder) compare(t *testing.T, c testCase, got serviceState) {
	t.Helper()
	var candidates strings.Builder
	for _, run := range r.runs(t) {
		if !c.matches(run.arguments) {
			continue
		}
		if got.equal(run.parse()) {
			c.check(t, got)
			return
		}
		fmt.Fprintf(&candidates, "%q\n%+v\n", run.output, run.parse())
	}
	t.Errorf("%s: shown\n%+v\nbut the plugin printed:\n%s", c.name, got, candidates.String())
}
