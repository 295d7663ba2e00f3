// SPDX-License-Identifier: MIT

package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// sampled returns a reachable source with a last sample. A positive offset means that the
// clock is fast.
func sampled(state chrony.SourceState, offset, bound float64) chrony.Source {
	return chrony.Source{Address: "192.0.2.9", State: state, Reachability: 1, LastSampleAgo: 60, LastSampleOffset: offset, LastSampleError: bound}
}

func TestASourceThatDisagrees(t *testing.T) {
	clock := func(mode chrony.SourceMode, state chrony.SourceState) chrony.Source {
		s := sampled(state, 0.4, 0.001)
		s.Address, s.ReferenceID, s.Mode = "", 0x4E4D4541, mode
		return s
	}
	unreachable, unsampled := sampled(chrony.Falseticker, 1, 0), sampled(chrony.NotSelectable, 1, 0)
	unreachable.Reachability, unsampled.LastSampleAgo = 0, chrony.NoSample
	for name, tt := range map[string]struct {
		source chrony.Source
		offset string // --offset-warning; the default if empty
		want   string
	}{
		"a falseticker":             {source: sampled(chrony.Falseticker, 0.5, 0.01), want: "1 192.0.2.9 disagrees by 500ms (falseticker)"},
		"the clock is slow":         {source: sampled(chrony.Falseticker, -0.5, 0.01), want: "1 192.0.2.9 disagrees by 500ms (falseticker)"},
		"noselect":                  {source: sampled(chrony.NotSelectable, -1, 0), want: "1 192.0.2.9 disagrees by 1s (not selectable)"},
		"the followed one":          {source: sampled(chrony.Selected, 0.06, 0.001), want: "1 192.0.2.9 disagrees by 60ms (selected)"},
		"too variable":              {source: sampled(chrony.Jittery, 5, 0.001), want: "1 192.0.2.9 disagrees by 5s (too variable)"},
		"a little more than 50 ms":  {source: sampled(chrony.Combined, 0.05001, 0), want: "1 192.0.2.9 disagrees by 50.01ms (combined)"},
		"no more than 50 ms":        {source: sampled(chrony.Combined, 0.05, 0)},
		"its error explains it":     {source: sampled(chrony.Falseticker, 0.5, 0.45)},
		"almost":                    {source: sampled(chrony.Falseticker, 0.5, 0.449), want: "1 192.0.2.9 disagrees by 500ms (falseticker)"},
		"an error above the offset": {source: sampled(chrony.Falseticker, 0.5, 0.6)},
		"unreachable":               {source: unreachable},
		"no sample":                 {source: unsampled},
		"unresolved":                {source: chrony.Source{Address: "ID#0000000001", State: chrony.NotSelectable, LastSampleAgo: chrony.NoSample}},
		"NMEA beside PPS":           {source: clock(chrony.ReferenceClock, chrony.NotSelectable)},
		"NMEA that can be selected": {source: clock(chrony.ReferenceClock, chrony.Falseticker), want: "1 NMEA disagrees by 400ms (falseticker)"},
		"slow, and may be":          {source: sampled(chrony.Combined, -0.5, 0.01), offset: "-50ms:1s"},
		"fast, and must not be":     {source: sampled(chrony.Combined, 0.51234, 0.01), offset: "-50ms:1s", want: "1 192.0.2.9 disagrees by 512ms (combined)"},
		"inside a range":            {source: sampled(chrony.Combined, -0.5, 0.01), offset: "@400ms:1s", want: "1 192.0.2.9 disagrees by 500ms (combined)"},
		"any offset will do":        {source: sampled(chrony.Combined, 100, 0), offset: "~:"},
	} {
		r, th := healthyReadings(), defaults(t)
		r.Sources = append(r.Sources, tt.source)
		if tt.offset != "" {
			th.Offset = limits(t, tt.offset, "", threshold.Seconds, true)
		}
		result := check.Evaluate(r, th)
		var got string
		for _, s := range result.Subchecks {
			if strings.HasPrefix(s.Value, "disagrees") {
				got = fmt.Sprintf("%d %s %s", s.Status, s.Name, text(s))
			}
		}
		number := map[bool]string{true: "0;0;", false: "1;0;"}[tt.want == ""]
		if got != tt.want || metric(result, "disagreeing") != number {
			t.Errorf("%s: got %q, %s; want %q, %s", name, got, metric(result, "disagreeing"), tt.want, number)
		}
	}
}

func TestNumberOfDisagreeingSources(t *testing.T) {
	for name, tt := range map[string]struct {
		offsets           []float64
		warning, critical string
		want              []string
	}{
		"none": {warning: "0"},
		"all, the largest first": {
			[]float64{0.1, -0.3, 0.2},
			"0", "",
			[]string{"1 2 disagrees by 300ms (falseticker)", "1 3 disagrees by 200ms (falseticker)", "1 1 disagrees by 100ms (falseticker)"},
		},
		"more than are named": {
			[]float64{0.1, 0.2, 0.3, 0.4, 0.5},
			"0", "4",
			[]string{"2 5 disagrees by 500ms (falseticker)", "2 4 disagrees by 400ms (falseticker)", "2 3 disagrees by 300ms (falseticker)", "2 2 more disagree"},
		},
		"one more than are named": {
			[]float64{0.1, 0.2, 0.3, 0.4},
			"0", "",
			[]string{"1 4 disagrees by 400ms (falseticker)", "1 3 disagrees by 300ms (falseticker)", "1 2 disagrees by 200ms (falseticker)", "1 1 more disagrees"},
		},
		"one is fine":     {[]float64{0.1}, "1", "", nil},
		"switched off":    {[]float64{0.1, 0.2}, "0:", "", nil},
		"no limits":       {[]float64{0.1, 0.2}, "", "", nil},
		"one has to":      {nil, "1:", "", []string{"1 disagreeing 0 of 0 outside 1:"}},
		"critical first":  {[]float64{1, 1.1}, "0", "1", []string{"2 2 disagrees by 1.1s (falseticker)", "2 1 disagrees by 1s (falseticker)"}},
		"only a critical": {[]float64{1}, "", "0", []string{"2 1 disagrees by 1s (falseticker)"}},
	} {
		r, th := healthyReadings(), defaults(t)
		th.Disagreeing = limits(t, tt.warning, tt.critical, threshold.Count, false)
		th.NoSources = check.OK
		r.Sources = nil
		for i, offset := range tt.offsets {
			s := sampled(chrony.Falseticker, offset, 0)
			s.Address = fmt.Sprint(i + 1)
			r.Sources = append(r.Sources, s)
		}
		if got := alarms(check.Evaluate(r, th)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	// It isn't shown while nobody disagrees, and not known while the clock isn't
	// synchronised, or without sources.
	if s := find(t, check.Evaluate(healthyReadings(), defaults(t)), "disagreeing"); s.Headline || text(s) != "0 of 3" || s.Warning != "0" {
		t.Errorf("got %+v", s)
	}
	r := unsynchronised()
	r.Sources = []chrony.Source{sampled(chrony.Falseticker, 1, 0)}
	refused := healthyReadings()
	refused.Sources, refused.SourcesErr = nil, chrony.ErrNotAuthorised
	for _, r := range []check.Readings{r, refused} {
		result := check.Evaluate(r, defaults(t))
		if result.Disagreeing != nil || metric(result, "disagreeing") != "none" || strings.Contains(fmt.Sprint(result.Subchecks), "disagree") {
			t.Errorf("got %+v", result)
		}
	}
}

// A source whose interval reaches into the range of the offset never disagrees, and its
// sign and range are those of the offset. Random samples, ranges and states.
func TestDisagreementIsCertain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	size := func() float64 { return math.Exp(random.Float64()*20 - 14) } // 1 us to 400 s
	disagreements := 0
	for range 20000 {
		start, end := -size(), size()
		th := check.Thresholds{Offset: threshold.Limits{Warning: &threshold.Range{Start: start, End: end}}}
		th.Disagreeing.Warning = &threshold.Range{}
		s := sampled(chrony.SourceState(random.IntN(6)), size(), size())
		if random.IntN(2) == 0 {
			s.LastSampleOffset = -s.LastSampleOffset
		}
		// The clock is slow by any amount from low to high.
		low, high := -s.LastSampleOffset-s.LastSampleError, -s.LastSampleOffset+s.LastSampleError
		r := healthyReadings()
		r.Sources = []chrony.Source{s}
		result := check.Evaluate(r, th)
		got := metric(result, "disagreeing") == "1;0;"
		if got {
			disagreements++
		}
		const rounded = 1e-9 // as the offset is
		if got && high >= start && low <= end || !got && (high < start-rounded || low > end+rounded) {
			t.Fatalf("%v to %v, range %v to %v: got %t", low, high, start, end, got)
		}
		// A sample without error is judged as the offset is.
		r.Sources[0].LastSampleError = 0
		r.Tracking.CurrentCorrection = -s.LastSampleOffset
		result = check.Evaluate(r, th)
		if (find(t, result, "offset").Status == check.Warning) != (len(result.Disagreeing) == 1) {
			t.Fatalf("offset %v, range %v to %v: got %+v", -s.LastSampleOffset, start, end, alarms(result))
		}
	}
	if disagreements < 1000 || disagreements > 19000 {
		t.Errorf("%d of 20000 disagree", disagreements)
	}
}
