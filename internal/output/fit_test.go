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
	"root_dispersion update_interval max_error reference_age sources reachable falsetickers disagreeing time")

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

// What a line that is too long loses: the ranges, then the figures that are OK, then the
// middle of the text. A metric is never lost.
func TestALongLine(t *testing.T) {
	figures := []check.Subcheck{{Name: "offset", Value: "3us slow", Headline: true}, {Name: "stratum", Value: "3", Headline: true}}
	metrics := measured(0, parse(t, "0.123456:1.123456", threshold.Seconds, false))
	bad := func(words int) string { return strings.Repeat("bad ", words) + "bad" }
	addresses := make([]string, 4096)
	for i := range addresses {
		addresses[i] = fmt.Sprintf("192.0.%d.%d", i/256, i%256)
	}
	for name, tt := range map[string]struct {
		result     check.Result
		begin, end string // of the text
		ranges     bool
	}{
		"all fits": {
			check.Result{Status: check.Critical, Subchecks: append(figures, problem("bad", check.Critical)), Metrics: metrics[:10]},
			"bad, offset 3us slow, stratum 3", "", true,
		},
		"the ranges are dropped first": {
			check.Result{Status: check.Critical, Subchecks: append(figures, problem(bad(50), check.Critical)), Metrics: metrics},
			bad(50) + ", offset 3us slow, stratum 3", "", false,
		},
		"then the figures that are OK": {
			check.Result{Status: check.Critical, Subchecks: append(figures, problem(bad(232), check.Critical)), Metrics: metrics[:1]},
			bad(232), "", false,
		},
		"then the middle of an argument": {
			check.Failure(check.Unknown, fmt.Sprintf("--offset-warning: %+q is not a number (see --help)", strings.Repeat(`"`, 600))),
			`--offset-warning: "\"\"\"`, `\"\"" is not a number (see --help)`, false,
		},
		"or of a path": {
			check.Failure(check.Unknown, "can't read /"+strings.Repeat("x", 2000)+": permission denied"),
			"can't read /xxx", "xxx: permission denied", false,
		},
		"or of a list": {
			check.Result{
				Status:    check.Critical,
				Subchecks: append(figures, problem("no usable source of 4,096: "+strings.Join(addresses, ", ")+" unreachable", check.Critical)),
				Metrics:   metrics,
			},
			"no usable source of 4,096: 192.0.0.0, 192.0.0.1, 192", ", 192.0.15.254, 192.0.15.255 unreachable", false,
		},
		"or of the worst problem, and of the others": {
			check.Result{
				Status: check.Critical,
				Subchecks: []check.Subcheck{
					problem(strings.Repeat("not so bad ", 100)+"after all", check.Warning),
					problem("can't read "+strings.Repeat("or ask ", 300)+"it: permission denied", check.Critical),
				},
			},
			"can't read " + strings.Repeat("or ask ", 45) + "... " + strings.Repeat("or ask ", 20) + "it: permission denied, not so bad", "not so bad after all (warning)", false,
		},
		"or of hundreds of problems": {
			check.Result{Status: check.Critical, Subchecks: append(slices.Repeat([]check.Subcheck{problem("bad", check.Warning)}, 500), problem("worst", check.Critical))},
			"worst, bad (warning), bad (warning), ", "bad (warning), bad (warning)", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := write(t, tt.result)
			checkLine(t, got, tt.result)
			text, data, _ := strings.Cut(strings.TrimSuffix(got, "\n"), " |")
			_, text, _ = strings.Cut(text, ": ")
			if !strings.HasPrefix(text, tt.begin) || !strings.HasSuffix(text, tt.end) || tt.end == "" && text != tt.begin {
				t.Errorf("got\n%s\nwant\n%s...%s", text, tt.begin, tt.end)
			}
			if tt.end != "" && len(got) != 1000 {
				t.Errorf("got %d bytes, more than needed is lost: %s", len(got), got)
			}
			if strings.Count(data, "=") != len(tt.result.Metrics) || strings.Contains(data, ":") != tt.ranges {
				t.Errorf("got performance data%s", data)
			}
		})
	}
}

// A line of 1,000 bytes stays whole. With one byte more, the figure that is OK is
// dropped, or if there is none, the middle of the text.
func TestALineOfAThousandBytes(t *testing.T) {
	const room = 1000 - len("CHRONY CRITICAL: ") - len("\n")
	words := func(bytes int) string { return strings.Repeat("ab ", bytes)[:bytes-1] + "." }
	figure := check.Subcheck{Value: "figure", Headline: true}
	for _, tt := range []struct {
		subchecks []check.Subcheck
		want      string // "" for the middle cut
	}{
		{[]check.Subcheck{problem(words(room), check.Critical)}, words(room)},
		{[]check.Subcheck{problem(words(room+1), check.Critical)}, ""},
		{[]check.Subcheck{problem(words(room-len(", figure")), check.Critical), figure}, words(room-len(", figure")) + ", figure"},
		{[]check.Subcheck{problem(words(room-len(", figure")+1), check.Critical), figure}, words(room - len(", figure") + 1)},
		{[]check.Subcheck{problem(words(room-len(", bad")), check.Critical), problem("bad", check.Critical)}, words(room-len(", bad")) + ", bad"},
		{[]check.Subcheck{problem(words(room-len(", bad")+1), check.Critical), problem("bad", check.Critical)}, ""},
	} {
		got, _ := write(t, check.Result{Status: check.Critical, Subchecks: tt.subchecks})
		switch {
		case tt.want != "" && got != "CHRONY CRITICAL: "+tt.want+"\n":
			t.Errorf("got %d bytes\n%swant\n%s", len(got), got, tt.want)
		case tt.want == "" && (len(got) != 1000 || strings.Count(got, "...") != 1):
			t.Errorf("got %d bytes\n%s", len(got), got)
		}
	}
}

// There is room for all 17 metrics and 200 bytes of text, whatever was typed as ranges
// and whatever chronyd says.
func TestAllMetricsFit(t *testing.T) {
	for _, value := range []float64{0, -0.123456789, 1e18, -1e9} {
		for _, limit := range []string{"1", "-0.123456789:0.123456789", "-999999999.999999999:999999999.999999999", "0.000000001:"} {
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
	readPerfdata(t, got)
	body, ok := strings.CutSuffix(got, "\n")
	text, _, _ := strings.Cut(body, " |")
	switch {
	case !ok, len(got) > 1000, strings.Count(got, "|") > 1:
		t.Errorf("%d bytes: %q", len(got), got)
	case !strings.HasPrefix(text, "CHRONY "+states[r.Status]+": "):
		t.Errorf("the state %v is lost: %q", r.Status, got)
	case !strings.HasPrefix(got, firstCause(r)):
		t.Errorf("the first cause, %q, is lost: %q", firstCause(r), got)
	case strings.ContainsFunc(body, func(r rune) bool { return r < ' ' || r > '~' }) || strings.Contains(text, ";"):
		t.Errorf("unclean: %q", got)
	}
}

// firstCause returns how a line begins that has nothing but the worst subcheck.
func firstCause(r check.Result) string {
	if len(r.Subchecks) == 0 {
		return ""
	}
	first := slices.MaxFunc(r.Subchecks, func(a, b check.Subcheck) int { return a.Status.Severity() - b.Status.Severity() })
	var b strings.Builder
	output.Write(&b, check.Result{Status: r.Status, Subchecks: []check.Subcheck{first}}, nil)
	line := strings.TrimSuffix(b.String(), "\n")
	return line[:min(len(line), 75)]
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
	for range rand.IntN(2 << rand.IntN(6)) {
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
	for range 1000 {
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
