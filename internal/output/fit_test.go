// SPDX-License-Identifier: MIT

package output_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"check_chrony/internal/check"
	"check_chrony/internal/output"
	"check_chrony/internal/threshold"
)

// labels are those of the plugin's metrics, in order.
var labels = strings.Fields("offset stratum leap_status last_offset rms_offset frequency residual_freq skew root_delay " +
	"root_dispersion update_interval max_error reference_age sources reachable falsetickers time")

// measured returns all metrics, with the same value and the same ranges; nil for none.
func measured(value float64, limit *threshold.Range) []check.Metric {
	var metrics []check.Metric
	for _, l := range labels {
		metrics = append(metrics, check.Metric{Label: l, Value: value, Unit: threshold.Seconds, Limits: threshold.Limits{Warning: limit, Critical: limit}})
	}
	return metrics
}

func problem(text string, status check.Status) check.Subcheck {
	return check.Subcheck{Value: text, Status: status}
}

// What is given up first if there isn't room for everything.
func TestALongLine(t *testing.T) {
	figures := []check.Subcheck{{Name: "offset", Value: "3us slow", Headline: true}, {Name: "stratum", Value: "3", Headline: true}}
	long := strings.Repeat("x", 2000)
	for name, tt := range map[string]struct {
		result check.Result
		text   string
		ranges bool
	}{
		"all fits": {
			check.Result{Status: check.Critical, Subchecks: append(figures, problem("bad", check.Critical)), Metrics: measured(0, nil)},
			"CRITICAL: bad, offset 3us slow, stratum 3", false,
		},
		"figures that are OK go first, the last of them before the others": {
			check.Result{Status: check.Critical, Subchecks: append(figures, problem(strings.Repeat("bad ", 232)+"bad", check.Critical)), Metrics: measured(0, nil)[:1]},
			"CRITICAL: " + strings.Repeat("bad ", 232) + "bad, offset 3us slow", false,
		},
		"an argument loses its middle before the cause is lost": {
			check.Failed(check.Unknown, `--offset-warning: "`+strings.Repeat("a b ", 500)+`" is not a number (see --help)`),
			`UNKNOWN: --offset-warning: "` + strings.Repeat("a b ", 12) + `a b...` + strings.Repeat("a b ", 6) + `" is not a number (see --help)`, false,
		},
		"an argument with quotes": {
			check.Failed(check.Unknown, fmt.Sprintf("--offset-warning: %+q is not a number (see --help)", strings.Repeat(`"`, 600))),
			`UNKNOWN: --offset-warning: "` + strings.Repeat(`\"`, 25) + `\...` + strings.Repeat(`\"`, 12) + `" is not a number (see --help)`, false,
		},
		"so does a path": {
			check.Failed(check.Unknown, "can't read /"+long+": permission denied"),
			"UNKNOWN: can't read /" + strings.Repeat("x", 51) + "..." + strings.Repeat("x", 24) + ": permission denied", false,
		},
		"and a quote that isn't closed": {
			check.Failed(check.Unknown, `can't read "`+long+": permission denied"),
			`UNKNOWN: can't read "` + strings.Repeat("x", 51) + "..." + strings.Repeat("x", 24) + ": permission denied", false,
		},
		"ranges go before a problem": {
			check.Result{
				Status:    check.Warning,
				Subchecks: []check.Subcheck{problem(strings.Repeat("bad ", 50)+"1", check.Warning), problem("bad 2", check.Warning)},
				Metrics:   measured(0, parse(t, "0.123456:1.123456", threshold.Seconds, false)),
			},
			"WARNING: " + strings.Repeat("bad ", 50) + "1, bad 2", false,
		},
		"and stay where there is room": {
			check.Result{
				Status:    check.Warning,
				Subchecks: append(figures, problem("bad 1", check.Warning), problem("bad 2", check.Warning)),
				Metrics:   measured(0, parse(t, "0.5:1.5", threshold.Seconds, false)),
			},
			"WARNING: bad 1, bad 2, offset 3us slow, stratum 3", true,
		},
		"the worst problem stays": {
			check.Result{
				Status: check.Critical,
				Subchecks: []check.Subcheck{
					problem(strings.Repeat("not so bad ", 100), check.Warning), problem("bad", check.Critical), problem(strings.Repeat("bad 2 ", 200), check.Critical),
				},
			},
			"CRITICAL: bad, further problems: 2", false,
		},
		"or what of it tells what it is, and why": {
			check.Result{
				Status:    check.Critical,
				Subchecks: []check.Subcheck{problem("can't read "+strings.Repeat("or ask ", 300)+"it: permission denied", check.Critical), problem("bad 2", check.Critical)},
			},
			"CRITICAL: can't read " + strings.Repeat("or ask ", 89) + "or as...ask " + strings.Repeat("or ask ", 42) + "it: permission denied, further problems: 1", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := write(t, tt.result)
			text, data, _ := strings.Cut(strings.TrimSuffix(got, "\n"), " |")
			if want := "CHRONY " + tt.text; text != want || len(got) > 1000 {
				t.Errorf("got %d bytes\n%s\nwant\n%s", len(got), text, want)
			}
			if strings.Count(data, "=") != len(tt.result.Metrics) || strings.Contains(data, ":") != tt.ranges {
				t.Errorf("got performance data%s", data)
			}
		})
	}
}

// A line of 1,000 bytes stays whole, with one problem and with two. One byte more costs
// the middle of the only problem, or all of the second.
func TestALineOfAThousandBytes(t *testing.T) {
	const room = 1000 - len("CHRONY CRITICAL: ") - len("\n")
	words := func(bytes int) string { return strings.Repeat("ab ", bytes)[:bytes-1] + "." }
	for _, tt := range []struct {
		problems []string
		whole    bool
	}{
		{[]string{words(room)}, true},
		{[]string{words(room + 1)}, false},
		{[]string{words(500), words(room - 500 - len(", "))}, true},
		{[]string{words(500), words(room - 500 - len(", ") + 1)}, false},
		{[]string{words(500), words(room - 500 - 2*len(", ") - len("further problems: 1")), words(100)}, false},
	} {
		r := check.Result{Status: check.Critical}
		for _, text := range tt.problems {
			r.Subchecks = append(r.Subchecks, problem(text, check.Critical))
		}
		got, _ := write(t, r)
		whole := got == "CHRONY CRITICAL: "+strings.Join(tt.problems, ", ")+"\n"
		if whole != tt.whole || len(got) > 1000 || whole && len(got) != 1000 {
			t.Errorf("got %d bytes, whole %t, want %t\n%s", len(got), whole, tt.whole, got)
		}
		if len(tt.problems) == 3 && got != "CHRONY CRITICAL: "+strings.Join(tt.problems[:2], ", ")+", further problems: 1\n" {
			t.Errorf("of three problems, two fit exactly beside the number of the rest: got %d bytes\n%s", len(got), got)
		}
	}
}

// There is room for all 17 metrics and 200 bytes of text, whatever was typed as ranges
// and whatever chronyd says.
func TestAllMetricsFit(t *testing.T) {
	for _, value := range []float64{0, -0.123456789, 1e18, -1e9} {
		for _, limit := range []string{"1", "-0.123456789:0.123456789", "-8999999999.999998:8999999999.999998", "0.000000001:"} {
			for text := range 200 {
				r := check.Result{Status: check.Critical, Subchecks: []check.Subcheck{problem(strings.Repeat("x ", text/2)+"x", check.Critical)}}
				r.Metrics = measured(value, parse(t, limit, threshold.Seconds, false))
				if value == 1e18 { // only the offset can be as long as this; the others are shorter then
					r.Metrics = append(measured(1e9, r.Metrics[0].Limits.Warning)[1:], r.Metrics[0])
				}
				got, _ := write(t, r)
				if len(got) > 1000 || strings.Count(got, "=") != len(labels) || !strings.Contains(got, r.Subchecks[0].Value+" |") {
					t.Fatalf("%v, %s: got %d bytes, %q", value, limit, len(got), got)
				}
			}
		}
	}
}

// checkLine checks what is true of every line without -v.
func checkLine(t *testing.T, got string, r check.Result) {
	t.Helper()
	states := []string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}
	body, ok := strings.CutSuffix(got, "\n")
	text, _, _ := strings.Cut(body, " |")
	switch {
	case !ok, len(got) > 1000, strings.Count(got, "|") > 1:
		t.Errorf("%d bytes: %q", len(got), got)
	case !strings.HasPrefix(text, "CHRONY "+states[r.Status]+": "):
		t.Errorf("the state %v is lost: %q", r.Status, got)
	case strings.ContainsFunc(body, func(r rune) bool { return r < ' ' || r > '~' }) || strings.Contains(text, ";"):
		t.Errorf("unclean: %q", got)
	}
}

// random returns a result of any size with long words, quotes and wild metrics.
func random() check.Result {
	words := []string{"a", "usable", `"`, `\`, strings.Repeat("w", 300), `"` + strings.Repeat("q ", 99) + `"`, "|", ";", "\n", "\u00b5", "\xff"}
	text := func(longest int) string {
		var b strings.Builder
		for range rand.IntN(longest) {
			b.WriteString(words[rand.IntN(len(words))] + " ")
		}
		return b.String()
	}
	number := func() float64 { return (rand.Float64() - 0.5) * math.Pow(10, float64(rand.IntN(30)-12)) }
	r := check.Result{Status: check.Status(rand.IntN(4))}
	for range rand.IntN(20) {
		r.Subchecks = append(r.Subchecks, check.Subcheck{
			Name: text(3), Value: text(1 << rand.IntN(9)), Reason: text(1 << rand.IntN(6)), Status: check.Status(rand.IntN(4)), Headline: rand.IntN(2) == 0,
		})
	}
	for i := range rand.IntN(40) {
		a, b := number(), number()
		limit := &threshold.Range{Start: min(a, b), End: max(a, b), Inside: rand.IntN(2) == 0}
		r.Metrics = append(r.Metrics, check.Metric{
			Label: labels[i%len(labels)] + strings.Repeat("x", i/len(labels)), Value: number(), Unit: threshold.Unit(rand.IntN(3)),
			Limits: threshold.Limits{Warning: limit, Critical: limit}, Max: float64(rand.IntN(2)),
		})
	}
	return r
}

func TestAnyLine(t *testing.T) {
	for range 5000 {
		r := random()
		before := fmt.Sprint(r)
		got, code := write(t, r)
		checkLine(t, got, r)
		if code != int(r.Status) || fmt.Sprint(r) != before {
			t.Errorf("code %d, changed: %v", code, fmt.Sprint(r) != before)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
}

// FuzzWrite puts a text in every place of a result that can hold one.
func FuzzWrite(f *testing.F) {
	f.Add("can't read chronyd", "name", uint8(3))
	f.Add(strings.Repeat(`"`, 999), "\x1b[31m|;", uint8(2))
	f.Fuzz(func(t *testing.T, value, name string, status uint8) {
		r := check.Result{Status: check.Status(status % 4), Metrics: measured(-1e-12, &threshold.Range{Start: 1. / 3, End: 2. / 3})}
		r.Subchecks = slices.Repeat([]check.Subcheck{{Name: name, Value: value, Reason: name, Status: r.Status, Headline: true}}, 1+int(status)/16)
		var b strings.Builder
		output.Write(&b, r, nil)
		checkLine(t, b.String(), r)

		// With details the first line is bounded, too.
		b.Reset()
		output.Write(&b, r, []string{value, name})
		first, rest, _ := strings.Cut(b.String(), "\n")
		checkLine(t, first+"\n", r)
		if strings.Count(rest, "\n") != 3 || strings.Contains(rest, ";;;;;") || strings.Count(rest, "|") != 1 {
			t.Errorf("details: %q", rest)
		}
	})
}
