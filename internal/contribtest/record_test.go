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

// recorder is a folder of plugins with a check_chrony that keeps what the plugin
// was asked and what it said, byte by byte.
type recorder struct{ plugins, records string }

func (s *site) recorder(t *testing.T) recorder {
	t.Helper()
	dir := s.folder(t)
	r := recorder{s.subfolder(t, dir, "plugins"), s.subfolder(t, dir, "records")}
	script := `#!/bin/sh
export CHECK_CHRONY_LIBCHRONY='` + s.library + `'
record=$(mktemp -d '` + r.records + `/XXXXXX')
printf '%s\n' "$@" >"$record/arguments"
'` + s.plugin + `' "$@" >"$record/stdout" 2>"$record/stderr"
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

// shown is what a monitoring system has understood of a run.
type shown struct {
	code     int
	line     string
	long     string
	perfdata []string
}

// understand reads an output as it is meant.
func (r run) understand() shown {
	text, perfdata, _ := strings.Cut(strings.TrimSuffix(r.output, "\n"), "|")
	line, long, _ := strings.Cut(text, "\n")
	return shown{r.code, strings.TrimSpace(line), strings.TrimSuffix(long, "\n"), strings.Fields(perfdata)}
}

func (a shown) equal(b shown) bool {
	return a.code == b.code && a.line == b.line && a.long == b.long && slices.Equal(a.perfdata, b.perfdata)
}

// compare holds what a monitoring system shows equal to a run of the plugin, and
// the run to the scene. The metric "time" tells runs apart.
func (r recorder) compare(t *testing.T, sc scene, got shown) {
	t.Helper()
	var candidates strings.Builder
	for _, run := range r.runs(t) {
		if !sc.asked(run.arguments) {
			continue
		}
		if got.equal(run.understand()) {
			sc.check(t, got)
			return
		}
		fmt.Fprintf(&candidates, "%q\n%+v\n", run.output, run.understand())
	}
	t.Errorf("%s: shown\n%+v\nwhich is none of what the plugin said:\n%s", sc.name, got, candidates.String())
}
