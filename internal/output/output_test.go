// SPDX-License-Identifier: MIT

package output_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/atc0005/go-nagios"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/output"
	"check_chrony/internal/threshold"
)

// write writes a result, and lets go-nagios parse what was written.
func write(t testing.TB, r check.Result, details ...string) (string, int) {
	t.Helper()
	var b strings.Builder
	code := output.Write(&b, r, details)
	for i, m := range readPerfdata(t, b.String()) {
		if m.Label != r.Metrics[i].Label {
			t.Errorf("metric %d: got %q, want %q", i, m.Label, r.Metrics[i].Label)
		}
	}
	return b.String(), code
}

// readPerfdata parses the performance data in what the plugin prints with go-nagios,
// which has its own parser and rules.
func readPerfdata(t testing.TB, text string) []nagios.PerformanceData {
	t.Helper()
	_, data, found := strings.Cut(text, "|")
	if !found {
		return nil
	}
	metrics, err := nagios.ParsePerfData(strings.TrimSpace(data))
	if err != nil {
		t.Fatalf("go-nagios can't read %q: %v", data, err)
	}
	for _, m := range metrics {
		if err := m.Validate(); err != nil {
			t.Errorf("go-nagios refuses %+v of %q: %v", m, data, err)
		}
	}
	if got, want := len(metrics), strings.Count(data, "="); got != want || got == 0 {
		t.Errorf("go-nagios reads %d metrics in %q, want %d", got, data, want)
	}
	return metrics
}

func parse(t *testing.T, text string, unit threshold.Unit, signed bool) *threshold.Range {
	t.Helper()
	r, err := threshold.ParseRange(text, unit, signed)
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

func TestWrite(t *testing.T) {
	offset := check.Metric{
		Label: "offset", Value: 3.1e-6, Unit: threshold.Seconds,
		Limits: threshold.Limits{Warning: parse(t, "50ms", threshold.Seconds, true), Critical: parse(t, "100ms", threshold.Seconds, true)},
	}
	stratum := check.Metric{Label: "stratum", Value: 3, Max: 16, Limits: threshold.Limits{Warning: parse(t, "1:9", threshold.Count, false)}}
	for name, tt := range map[string]struct {
		result  check.Result
		details []string
		want    string
		code    int
	}{
		"all is well: what is worth a look": {
			result: check.Result{
				Subchecks: []check.Subcheck{
					{Name: "offset", Value: "3.1us slow", Headline: true},
					{Name: "skew", Value: "0.1ppm"},
					{Name: "stratum", Value: "3", Headline: true},
				},
				Metrics: []check.Metric{offset, stratum},
			},
			want: "CHRONY OK: offset 3.1us slow, stratum 3 | offset=0.000003100s;-0.05:0.05;-0.1:0.1;; stratum=3;1:9;;0;16\n",
		},
		"every reason, the worst first, with its level where it isn't the line's": {
			result: check.Result{
				Status: check.Critical,
				Subchecks: []check.Subcheck{
					{Name: "offset", Value: "3.1us slow", Headline: true},
					{Name: "stratum", Value: "10", Status: check.Warning, Reason: "outside 1:9", Headline: true},
					{Name: "sources", Value: "not read", Status: check.Unknown},
					{Name: "no usable source", Value: "of 2: all unreachable", Status: check.Warning},
					{Name: "skew", Value: "9ppm", Status: check.Critical, Reason: "outside 5ppm"},
				},
			},
			want: "CHRONY CRITICAL: skew 9ppm (outside 5ppm), stratum 10 (warning: outside 1:9), " +
				"no usable source of 2: all unreachable (warning), sources not read (unknown), offset 3.1us slow\n",
			code: 2,
		},
		"one pair of parentheses: the state, the reason, the notes": {
			result: check.Result{
				Status: check.Critical,
				Subchecks: []check.Subcheck{
					{Name: "clock", Value: "not synchronised", Status: check.Critical, Notes: []string{"a note"}},
					{Name: "sources", Value: "1 usable of 1", Status: check.Warning, Reason: "outside 2:", Notes: []string{"1 reachable", "falsetickers: 0"}},
					{Name: "no usable source", Status: check.Unknown, Notes: []string{"none is configured"}},
				},
			},
			want: "CHRONY CRITICAL: clock not synchronised (a note), sources 1 usable of 1 (warning: outside 2:, 1 reachable, falsetickers: 0), " +
				"no usable source (unknown, none is configured)\n",
			code: 2,
		},
		"a check that got no reading": {
			result: check.Failure(check.Unknown, "--offset-warning: \"x\" is not a number"),
			want:   "CHRONY UNKNOWN: --offset-warning: \"x\" is not a number\n",
			code:   3,
		},
		"details stand between the line and the performance data": {
			result:  check.Result{Status: check.Warning, Subchecks: []check.Subcheck{{Value: "text", Status: check.Warning}}, Metrics: []check.Metric{stratum}},
			details: []string{"one", "", "two"},
			want:    "CHRONY WARNING: text\none\n\ntwo\n| stratum=3;1:9;;0;16\n",
			code:    1,
		},
		"nothing that any reader takes for syntax": {
			result:  check.Failure(check.Critical, "a|b;c\nd\te\x00\x1b[31m\u00b5\xff"),
			details: []string{"f|g\nh"},
			want:    "CHRONY CRITICAL: a?b?c?d?e??[31m??\nf?g?h\n",
			code:    2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, code := write(t, tt.result, tt.details...)
			if got != tt.want || code != tt.code {
				t.Errorf("got %d, %q\nwant %d, %q", code, got, tt.code, tt.want)
			}
		})
	}
}

// Fixed point, and no negative zero: pnp4nagios reads 3e-06 as 3.
func TestPerfdataNumbers(t *testing.T) {
	for _, tt := range []struct {
		metric check.Metric
		want   string
	}{
		{check.Metric{Label: "a", Unit: threshold.Seconds, Value: -1e-12}, "a=0.000000000s;;;;"},
		{check.Metric{Label: "a", Unit: threshold.Seconds, Value: 9.2e18}, "a=9200000000000000000.000000000s;;;;"},
		{check.Metric{Label: "a", Unit: threshold.PPM, Value: -0.0001}, "a=0.000;;;;"},
		{check.Metric{Label: "a", Unit: threshold.PPM, Value: -12.3456}, "a=-12.346;;;;"},
		{check.Metric{Label: "a", Value: 3, Max: 3}, "a=3;;;0;3"},
		{check.Metric{Label: "a", Limits: threshold.Limits{Critical: parse(t, "1:", threshold.Count, false)}}, "a=0;;1:;;"},
	} {
		got, _ := write(t, check.Result{Subchecks: []check.Subcheck{{Value: "x", Headline: true}}, Metrics: []check.Metric{tt.metric}})
		if want := "CHRONY OK: x | " + tt.want + "\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWhatCannotBeWrittenIsUnknown(t *testing.T) {
	if code := output.Write(brokenPipe{}, check.Result{}, nil); code != 3 {
		t.Errorf("got %d", code)
	}
}

// --help and --version are always UNKNOWN, even with a broken pipe, and always clean.
func TestWriteText(t *testing.T) {
	var b strings.Builder
	code := output.WriteText(&b, []string{"check_chrony 1", "", "reader: \x1b[31m|;\t\r\n"})
	if want := "check_chrony 1\n\nreader: ?[31m?????\n"; code != 3 || b.String() != want {
		t.Errorf("got %d, %q, want 3, %q", code, b.String(), want)
	}
	if code := output.WriteText(brokenPipe{}, []string{"text"}); code != 3 {
		t.Errorf("a broken pipe: got %d", code)
	}
}

func TestTheSourcesTableIsBounded(t *testing.T) {
	for sources, want := range map[int]string{
		100:  "192.0.2.1  selected  0        0     1      0s ago, 0s +/- 0s  -",
		101:  "and 1 more",
		1099: "and 999 more",
		1100: "and 1,000 more",
		4096: "and 3,996 more",
	} {
		lines := output.Sources(chrony.Report{Sources: slices.Repeat([]chrony.Source{{Address: "192.0.2.1", Reachability: 1}}, sources)}, nil)
		if got := lines[len(lines)-1]; got != want || len(lines) != 1+100+min(sources-100, 1) {
			t.Errorf("%d sources: got %d lines, the last %q, want %q", sources, len(lines), got, want)
		}
	}
}

func TestSourcesTableAuthentication(t *testing.T) {
	records := []chrony.SelectData{{Address: "192.0.2.1", Authentication: 1}, {Address: "192.0.2.2"}}
	got := strings.Join(output.Sources(chrony.Report{Sources: []chrony.Source{{Address: "192.0.2.1", Reachability: 1}, {Address: "192.0.2.2", Reachability: 1}}, SelectData: records}, nil), "\n")
	want := `source     state     stratum  poll  reach  last sample        disagrees  auth
192.0.2.1  selected  0        0     1      0s ago, 0s +/- 0s  -          yes
192.0.2.2  selected  0        0     1      0s ago, 0s +/- 0s  -          no`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	many := slices.Repeat([]chrony.Source{{Address: "192.0.2.1"}}, 102)
	lines := output.Sources(chrony.Report{Sources: many, SelectData: slices.Repeat(records[:1], 102)}, nil)
	if len(lines) != 102 || !strings.HasSuffix(lines[100], "  yes") || lines[101] != "and 2 more" {
		t.Errorf("got %d lines, the last %q", len(lines), lines[100:])
	}
}

func TestTables(t *testing.T) {
	got := strings.Join(output.Subchecks(check.Result{Subchecks: []check.Subcheck{
		{Name: "offset", Value: "3.1us slow", Warning: "-50ms:50ms", Critical: "-100ms:100ms"},
		{Name: "skew", Value: "9ppm", Critical: "5ppm", Status: check.Critical, Reason: "outside 5ppm"},
		{Name: "max error", Value: "unknown", Notes: []string{"a note", "another"}},
		{Name: "no usable source", Notes: []string{"none is configured"}},
	}}), "\n")
	want := `check             value                      warning     critical      state
offset            3.1us slow                 -50ms:50ms  -100ms:100ms  OK
skew              9ppm                       -           5ppm          CRITICAL
max error         unknown (a note, another)  -           -             OK
no usable source  (none is configured)       -           -             OK`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	sources := []chrony.Source{
		{Address: "192.0.2.1", State: chrony.Selected, Stratum: 2, Poll: 10, Reachability: 0o377, LastSampleAgo: 700, LastSampleOffset: -1e-5, LastSampleError: 0.002},
		{Address: "2001:db8::1", State: chrony.Falseticker, Stratum: 3, Poll: -1, Reachability: 1, LastSampleAgo: 0, LastSampleOffset: 9, LastSampleError: 0.1},
		{Address: "ID#0000000001", State: chrony.NotSelectable, Poll: 6, LastSampleAgo: chrony.NoSample},
		{ReferenceID: 0x50505300, Mode: chrony.ReferenceClock, State: chrony.Combined, Poll: 4, Reachability: 0o17, LastSampleAgo: 3, LastSampleError: 1e-7},
	}
	got = strings.Join(output.Sources(chrony.Report{Sources: sources}, sources[1:2]), "\n")
	want = `source        state        stratum  poll  reach  last sample                    disagrees
192.0.2.1     selected     2        10    377    11m40s ago, 10us slow +/- 2ms  -
2001:db8::1   falseticker  3        -1    1      0s ago, 9s fast +/- 100ms      yes
(unresolved)  unresolved   0        6     0      none                           -
PPS           combined     0        4     17     3s ago, 0s +/- 100ns           -`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
