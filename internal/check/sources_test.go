// SPDX-License-Identifier: MIT

package check_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// lost returns readings of a clock whose only source is unreachable, and whose last
// update is age ago.
func lost(age time.Duration) check.Readings {
	r := healthyReadings()
	r.Sources = []chrony.Source{{Address: "192.0.2.1", State: chrony.NotSelectable, Poll: 4}}
	r.Tracking.ReferenceTime = now.Add(-age)
	return r
}

// find returns the first subcheck that has one of the names.
func find(t *testing.T, r check.Result, names ...string) check.Subcheck {
	t.Helper()
	for _, s := range r.Subchecks {
		if slices.Contains(names, s.Name) {
			return s
		}
	}
	t.Fatalf("no subcheck %q in %+v", names, r.Subchecks)
	return check.Subcheck{}
}

// metric returns the text of a metric and its ranges, or "none".
func metric(r check.Result, label string) string {
	for _, m := range r.Metrics {
		if m.Label == label {
			text := fmt.Sprint(m.Value)
			for _, r := range []*threshold.Range{m.Limits.Warning, m.Limits.Critical} {
				text += ";"
				if r != nil {
					text += r.String()
				}
			}
			return text
		}
	}
	return "none"
}

// A threshold on the number alerts at once, so the text names no later alarm.
func TestThresholdOnSourcesDoesNotWait(t *testing.T) {
	th := defaults(t)
	th.Sources = limits(t, "", "1:", threshold.Count, false)
	result := check.Evaluate(lost(10*time.Second), th)
	want := check.Subcheck{Name: "no usable source", Value: "of 1: unreachable", Status: check.Critical, Reason: "outside 1:", Critical: "1:"}
	if got := find(t, result, "no usable source"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNoUsableSourceCountsAfterAWhile(t *testing.T) {
	const pending = " (last update %s ago, alarm after 15m)"
	for name, tt := range map[string]struct {
		readings func() check.Readings
		after    time.Duration
		want     check.Status
		value    string
	}{
		"14:59": {
			func() check.Readings { return lost(14*time.Minute + 59*time.Second) },
			15 * time.Minute, check.OK, "of 1: unreachable" + fmt.Sprintf(pending, "14m59s"),
		},
		"15:00": {func() check.Readings { return lost(15 * time.Minute) }, 15 * time.Minute, check.Warning, "of 1: unreachable"},
		"15:01": {func() check.Readings { return lost(15*time.Minute + time.Second) }, 15 * time.Minute, check.Warning, "of 1: unreachable"},
		"at once": {
			func() check.Readings { return lost(0) },
			0, check.Warning, "of 1: unreachable",
		},
		"at once, and an update of half a second ahead": {
			func() check.Readings { return lost(-500 * time.Millisecond) },
			0, check.Warning, "of 1: unreachable",
		},
		"no source is configured": {
			func() check.Readings { r := lost(time.Minute); r.Sources = nil; return r },
			15 * time.Minute, check.Warning, "(none is configured)",
		},
		"no source is resolved": {
			func() check.Readings { r := lost(time.Minute); r.Sources[0].Address = "ID#0000000001"; return r },
			15 * time.Minute, check.OK, "(all unresolved, last update 1m ago, alarm after 15m)",
		},
		"not synchronised": {unsynchronised, 15 * time.Minute, check.Critical, "of 1: unreachable"},
		"a reachable source is too variable": {
			func() check.Readings {
				r := lost(time.Minute)
				r.Sources = append(r.Sources, chrony.Source{Address: "192.0.2.2", State: chrony.Jittery, Reachability: 1})
				return r
			},
			15 * time.Minute, check.Warning, "of 2: 1 unreachable, 1 too variable",
		},
		"an unreachable source was too variable": {
			func() check.Readings {
				r := lost(time.Minute)
				r.Sources[0].State = chrony.Jittery
				return r
			},
			15 * time.Minute, check.OK, "of 1: unreachable" + fmt.Sprintf(pending, "1m"),
		},
	} {
		th := defaults(t)
		th.NoSourcesAfter = tt.after
		result := check.Evaluate(tt.readings(), th)
		s := find(t, result, "no usable source")
		if result.Status != tt.want || text(s) != tt.value || s.Status == check.OK && !s.Headline {
			t.Errorf("%s: got state %d, %q (on the first line: %t); want %d, %q", name, result.Status, text(s), s.Headline, tt.want, tt.value)
		}
	}
	// With --no-sources=ok the first line doesn't mention it.
	th := defaults(t)
	th.NoSources = check.OK
	if s := find(t, check.Evaluate(lost(time.Minute), th), "no usable source"); s.Headline || text(s) != "of 1: unreachable" {
		t.Errorf("--no-sources=ok: got %+v", s)
	}
}

// On the host itself the age is by the clock as chronyd corrects it.
func TestNoUsableSourceUsesCorrectedAge(t *testing.T) {
	r := lost(14 * time.Minute)
	r.SameClock, r.Tracking.CurrentCorrection = true, 61
	if got := find(t, check.Evaluate(r, defaults(t)), "no usable source").Status; got != check.Warning {
		t.Errorf("got state %d", got)
	}
}

func TestUsableSources(t *testing.T) {
	source := func(state chrony.SourceState, reach uint16) chrony.Source {
		return chrony.Source{Address: fmt.Sprintf("192.0.2.%d", state+1), State: state, Reachability: reach}
	}
	for name, tt := range map[string]struct {
		sources []chrony.Source
		usable  string
		row     string // its name and value
	}{
		"combined with a reachable selected one": {
			[]chrony.Source{source(chrony.Selected, 1), source(chrony.Combined, 1), source(chrony.NotCombined, 1)},
			"2", "sources 2 usable of 3 (3 reachable, falsetickers: 0)",
		},
		"one of them unreachable": {
			[]chrony.Source{source(chrony.Selected, 1), source(chrony.Combined, 0), source(chrony.Combined, 1)},
			"2", "sources 2 usable of 3 (2 reachable, falsetickers: 0)",
		},
		"combined with an unreachable selected one": {
			[]chrony.Source{source(chrony.Selected, 0), source(chrony.Combined, 1), source(chrony.Combined, 0o377), source(chrony.NotCombined, 1)},
			"0", "selected source 192.0.2.1 is unreachable (3 others reachable)",
		},
		"one other": {
			[]chrony.Source{source(chrony.Combined, 1), source(chrony.Selected, 0), source(chrony.NotCombined, 0)},
			"0", "selected source 192.0.2.1 is unreachable (1 other reachable)",
		},
		"others that can't take over": {
			[]chrony.Source{source(chrony.Selected, 0), source(chrony.Falseticker, 1), source(chrony.NotCombined, 1), source(chrony.Jittery, 1)},
			"0", "selected source 192.0.2.1 is unreachable (3 others reachable: 1 falseticker, 1 too variable)",
		},
		"one of several can't": {
			[]chrony.Source{source(chrony.Selected, 0), source(chrony.Falseticker, 1), source(chrony.NotCombined, 1)},
			"0", "selected source 192.0.2.1 is unreachable (2 others reachable: 1 falseticker)",
		},
		"no other answers": {
			[]chrony.Source{source(chrony.Selected, 0), source(chrony.Combined, 0)},
			"0", "no usable source of 2: all unreachable",
		},
		"combined, but nothing is selected": {
			[]chrony.Source{source(chrony.Combined, 1), source(chrony.NotCombined, 1)},
			"0", "no usable source of 2: all waiting for others",
		},
		"a reference clock that went silent": {
			[]chrony.Source{{ReferenceID: 0x47505300, Mode: chrony.ReferenceClock, State: chrony.Selected}, source(chrony.Combined, 1)},
			"0", "selected source GPS is unreachable (1 other reachable)",
		},
	} {
		r, th := healthyReadings(), defaults(t)
		r.Sources, th.NoSourcesAfter = tt.sources, 0
		result := check.Evaluate(r, th)
		s := find(t, result, "sources", "no usable source", "selected source")
		want := check.OK
		if tt.usable == "0" {
			want = check.Warning
		}
		if got := metric(result, "sources"); got != tt.usable+";;" || s.Name+" "+text(s) != tt.row || s.Status != want {
			t.Errorf("%s: got sources=%s, state %d, %q %q; want %s, %q", name, got, s.Status, s.Name, text(s), tt.usable, tt.row)
		}
	}
}

func TestReachableAndFalsetickers(t *testing.T) {
	r := healthyReadings()
	r.Sources = []chrony.Source{
		{Address: "192.0.2.1", State: chrony.Selected, Reachability: 1},
		{Address: "192.0.2.2", State: chrony.Falseticker, Reachability: 1},
		{Address: "192.0.2.3", State: chrony.Falseticker},
		{Address: "192.0.2.4", State: chrony.NotSelectable},
	}
	th := defaults(t)
	th.Reachable = limits(t, "3:", "1:", threshold.Count, false)
	th.Falsetickers = limits(t, "0", "1", threshold.Count, false)
	result := check.Evaluate(r, th)
	if got, want := alarms(result), []string{"1 reachable 2 of 4 outside 3:", "2 falsetickers 2 of 4 outside 1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := []string{metric(result, "sources"), metric(result, "reachable"), metric(result, "falsetickers")}; !slices.Equal(got, []string{"1;;", "2;3:;1:", "2;0;1"}) {
		t.Errorf("got %q", got)
	}
	if s := find(t, result, "reachable"); s.Warning != "3:" || s.Critical != "1:" {
		t.Errorf("got %+v", s)
	}
}

// The cause comes before its consequences, whatever the order of the metrics.
func TestLostSourcesComeBeforeAge(t *testing.T) {
	r, th := lost(2*time.Hour), defaults(t)
	th.MaxError = limits(t, "1ms", "", threshold.Seconds, false)
	result := check.Evaluate(r, th)
	want := []string{"1 no usable source of 1: unreachable", "1 max error 1.2ms outside 1ms", "1 reference age 2h outside 1h"}
	if got := alarms(result); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	last := result.Metrics[len(result.Metrics)-5:]
	if last[0].Label != "reference_age" || last[1].Label != "sources" || last[3].Label != "falsetickers" || last[4].Label != "disagreeing" {
		t.Errorf("got metrics %+v", last)
	}
}
