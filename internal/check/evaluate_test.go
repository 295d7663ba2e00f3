// SPDX-License-Identifier: MIT

package check_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

var now = time.Unix(1_700_000_000, 0)

// healthyReadings returns readings of a clock that nothing is wrong with.
func healthyReadings() check.Readings {
	return check.Readings{
		Now: now,
		Report: chrony.Report{
			Tracking: chrony.Tracking{
				ReferenceID: 0xC0000201, Address: "192.0.2.1", Stratum: 3,
				ReferenceTime: now.Add(-100 * time.Second), CurrentCorrection: 3.1e-6,
				RootDelay: 0.002, RootDispersion: 0.0002,
			},
			Sources: []chrony.Source{
				{Address: "192.0.2.1", State: chrony.Selected, Reachability: 0o377},
				{Address: "192.0.2.2", State: chrony.Combined, Reachability: 1},
				{Address: "192.0.2.3", State: chrony.NotCombined, Reachability: 0o377},
			},
		},
	}
}

// unsynchronised returns what chronyd reports before it has found a source.
func unsynchronised() check.Readings {
	r := healthyReadings()
	r.Tracking = chrony.Tracking{LeapStatus: chrony.LeapNotSynchronised, RootDelay: 1, RootDispersion: 1}
	r.Sources = []chrony.Source{{Address: "192.0.2.1", State: chrony.NotSelectable}}
	return r
}

func limits(t *testing.T, warning, critical string, unit threshold.Unit, signed bool) threshold.Limits {
	t.Helper()
	parse := func(text string) *threshold.Range {
		if text == "" {
			return nil
		}
		r, err := threshold.ParseRange(text, unit, signed)
		if err != nil {
			t.Fatal(err)
		}
		return &r
	}
	return threshold.Limits{Warning: parse(warning), Critical: parse(critical)}
}

// defaults returns the command line's default thresholds.
func defaults(t *testing.T) check.Thresholds {
	th := check.Thresholds{
		LeapCritical:        check.NewLeapSet(chrony.LeapNotSynchronised),
		NoSources:           check.Warning,
		NoSourcesAfter:      15 * time.Minute,
		LocalReference:      check.Warning,
		UnexpectedReference: check.Warning,
	}
	th.Offset = limits(t, "50ms", "100ms", threshold.Seconds, true)
	th.Stratum = limits(t, "1:9", "1:15", threshold.Count, false)
	th.Age = limits(t, "1h", "24h", threshold.Seconds, false)
	th.Disagreeing = limits(t, "0", "", threshold.Count, false)
	th.MaxError = limits(t, "600ms", "2s", threshold.Seconds, false)
	return th
}

// text returns a subcheck's value, its reason, and its notes in parentheses.
func text(s check.Subcheck) string {
	text := strings.TrimSpace(s.Value + " " + s.Reason)
	if len(s.Notes) > 0 {
		text = strings.TrimSpace(text + " (" + strings.Join(s.Notes, ", ") + ")")
	}
	return text
}

// alarms lists the subchecks that aren't OK, with their states, reasons and notes.
func alarms(r check.Result) []string {
	var list []string
	for _, s := range r.Subchecks {
		if s.Status != check.OK {
			list = append(list, strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", s.Status, s.Name, text(s))), " "))
		}
	}
	return list
}

func TestEvaluate(t *testing.T) {
	for name, tt := range map[string]struct {
		readings   func(*check.Readings)
		thresholds func(*check.Thresholds)
		status     check.Status
		alarms     []string
	}{
		"a clock that is right": {},
		"the worst state wins, and every reason is kept": {
			readings: func(r *check.Readings) {
				r.Tracking.CurrentCorrection = -0.12
				r.Tracking.Stratum = 10
			},
			status: check.Critical,
			alarms: []string{
				"2 offset 120ms fast outside -100ms:100ms",
				"1 stratum 10 outside 1:9",
			},
		},
		"critical is judged first": {
			readings: func(r *check.Readings) { r.Tracking.CurrentCorrection = 0.2 },
			thresholds: func(th *check.Thresholds) {
				th.Offset = limits(t, "", "100ms", threshold.Seconds, true)
			},
			status: check.Critical,
			alarms: []string{"2 offset 200ms slow outside -100ms:100ms"},
		},
		"a warning threshold counts without a critical one": {
			readings: func(r *check.Readings) { r.Tracking.CurrentCorrection = 0.2 },
			thresholds: func(th *check.Thresholds) {
				th.Offset = limits(t, "100ms", "", threshold.Seconds, true)
			},
			status: check.Warning,
			alarms: []string{"1 offset 200ms slow outside -100ms:100ms"},
		},
		"inside a range": {
			thresholds: func(th *check.Thresholds) {
				th.Stratum = limits(t, "@2:4", "", threshold.Count, false)
			},
			status: check.Warning,
			alarms: []string{"1 stratum 3 inside 2:4"},
		},
		"stratum 0 and 16 alert": {
			readings: func(r *check.Readings) { r.Tracking.Stratum = 16 },
			status:   check.Critical,
			alarms:   []string{"2 stratum 16 outside 1:15"},
		},
		"a coming leap second is no disaster": {
			readings: func(r *check.Readings) { r.Tracking.LeapStatus = chrony.LeapInsertSecond },
		},
		"a coming leap second, for those who ask": {
			readings: func(r *check.Readings) { r.Tracking.LeapStatus = chrony.LeapInsertSecond },
			thresholds: func(th *check.Thresholds) {
				th.LeapWarning = check.NewLeapSet(chrony.LeapInsertSecond, chrony.LeapDeleteSecond)
			},
			status: check.Warning,
			alarms: []string{"1 leap insert second"},
		},
		"not synchronised": {
			readings: func(r *check.Readings) { *r = unsynchronised() },
			status:   check.Critical,
			alarms:   []string{"2 clock not synchronised", "1 no usable source of 1: unreachable"},
		},
		"an old sample": {
			readings: func(r *check.Readings) {
				r.Tracking.ReferenceTime, r.Tracking.RootDispersion = now.Add(-2*time.Hour), 0.06
			},
			status: check.Warning,
			alarms: []string{"1 reference age 2h outside 1h"},
		},
		"an ancient sample": {
			readings: func(r *check.Readings) { r.Tracking.ReferenceTime = time.Unix(0, 0) },
			status:   check.Critical,
			alarms:   []string{"2 reference age 19676d outside 1d"},
		},
		"a sample of a second ahead": {
			readings: func(r *check.Readings) { r.Tracking.ReferenceTime = now.Add(time.Second) },
		},
		"a sample of the future": {
			readings:   func(r *check.Readings) { r.Tracking.ReferenceTime = now.Add(1500 * time.Millisecond) },
			thresholds: func(th *check.Thresholds) { th.Age = threshold.Limits{} },
			status:     check.Critical,
			alarms:     []string{"2 reference time 1.5s in the future"},
		},
		"a slow clock, whose own samples look early": {
			readings: func(r *check.Readings) {
				r.SameClock, r.Tracking.CurrentCorrection = true, 90
				r.Tracking.ReferenceTime = now.Add(80 * time.Second)
			},
			status: check.Critical,
			alarms: []string{
				`2 offset 1m30s slow outside -100ms:100ms (chronyd is slewing it, "chronyc makestep" would step it)`,
			},
		},
		"the same seen from a host whose clock is right": {
			readings: func(r *check.Readings) {
				r.Tracking.CurrentCorrection = 90
				r.Tracking.ReferenceTime = now.Add(-10 * time.Second)
			},
			status: check.Critical,
			alarms: []string{
				`2 offset 1m30s slow outside -100ms:100ms (chronyd is slewing it, "chronyc makestep" would step it)`,
			},
		},
		"a max error that the offset doesn't explain": {
			readings: func(r *check.Readings) { r.Tracking.CurrentCorrection, r.Tracking.RootDispersion = 0.06, 3 },
			status:   check.Critical,
			alarms:   []string{"1 offset 60ms slow outside -50ms:50ms", "2 max error 3.06s outside 2s"},
		},
		"a max error that is as bad without the offset": {
			readings: func(r *check.Readings) { r.Tracking.CurrentCorrection, r.Tracking.RootDispersion = -2, 3 },
			status:   check.Critical,
			alarms: []string{
				`2 offset 2s fast outside -100ms:100ms (chronyd is slewing it, "chronyc makestep" would step it)`,
				"2 max error 5s outside 2s",
			},
		},
		"a long slew that isn't critical": {
			readings: func(r *check.Readings) { r.Tracking.CurrentCorrection = 5 },
			thresholds: func(th *check.Thresholds) {
				th.Offset, th.MaxError = limits(t, "1s", "10s", threshold.Seconds, true), threshold.Limits{}
			},
			status: check.Warning,
			alarms: []string{"1 offset 5s slow outside -1s:1s"},
		},
		"a max error that the offset explains, but milder": {
			readings: func(r *check.Readings) { r.Tracking.CurrentCorrection, r.Tracking.RootDispersion = 0.06, 0.58 },
			status:   check.Warning,
			alarms:   []string{"1 offset 60ms slow outside -50ms:50ms"},
		},
		"sources lost": {
			readings: func(r *check.Readings) {
				for i := range r.Sources {
					r.Sources[i].Reachability = 0
				}
				r.Tracking.ReferenceTime = now.Add(-20 * time.Minute)
			},
			status: check.Warning,
			alarms: []string{"1 no usable source of 3: all unreachable"},
		},
		"no source was ever there": {
			readings: func(r *check.Readings) { r.Sources = nil },
			status:   check.Warning,
			alarms:   []string{"1 no usable source (none is configured)"},
		},
		"sources of all kinds, none usable": {
			readings: func(r *check.Readings) {
				r.Sources = []chrony.Source{
					{Address: "ID#0000000001", State: chrony.NotSelectable},
					{Address: "192.0.2.1", State: chrony.Falseticker, Reachability: 1},
					{Address: "192.0.2.2", State: chrony.Falseticker, Reachability: 1},
					{ReferenceID: 0x47505300, Mode: chrony.ReferenceClock, State: chrony.Jittery, Reachability: 1},
					{Address: "192.0.2.3", State: chrony.NotSelectable},
				}
			},
			thresholds: func(th *check.Thresholds) { th.NoSources = check.Critical },
			status:     check.Critical,
			alarms:     []string{"2 no usable source of 4: 1 unreachable, 2 falsetickers, 1 too variable (1 more unresolved)"},
		},
		"fewer sources than wanted": {
			thresholds: func(th *check.Thresholds) {
				th.Sources = limits(t, "3:", "1:", threshold.Count, false)
			},
			status: check.Warning,
			alarms: []string{"1 sources 2 usable of 3 outside 3: (3 reachable, falsetickers: 0)"},
		},
		"no source and a threshold: the worse of the two": {
			readings: func(r *check.Readings) { r.Sources = nil },
			thresholds: func(th *check.Thresholds) {
				th.Sources = limits(t, "", "1:", threshold.Count, false)
			},
			status: check.Critical,
			alarms: []string{"2 no usable source outside 1: (none is configured)"},
		},
		"local mode": {
			readings: func(r *check.Readings) {
				r.Tracking.ReferenceID, r.Tracking.Address, r.Sources = chrony.LocalReferenceID, "", nil
			},
			status: check.Warning,
			alarms: []string{"1 reference local (chronyd follows no source, none is configured)"},
		},
		"local mode, and its stratum: the cause comes first": {
			readings: func(r *check.Readings) {
				r.Tracking.ReferenceID, r.Tracking.Address, r.Sources = chrony.LocalReferenceID, "", nil
				r.Tracking.Stratum = 10
			},
			status: check.Warning,
			alarms: []string{"1 reference local (chronyd follows no source, none is configured)", "1 stratum 10 outside 1:9"},
		},
		"local mode, and meant to be": {
			readings: func(r *check.Readings) {
				r.Tracking.ReferenceID, r.Tracking.Address, r.Sources = chrony.LocalReferenceID, "", nil
			},
			thresholds: func(th *check.Thresholds) { th.LocalReference = check.OK },
		},
		"local mode, and worse than an unexpected reference": {
			readings: func(r *check.Readings) {
				r.Tracking.ReferenceID, r.Tracking.Address, r.Sources = chrony.LocalReferenceID, "", nil
			},
			thresholds: func(th *check.Thresholds) {
				th.LocalReference, th.ExpectReference = check.Critical, []check.Reference{{Text: "GPS"}}
			},
			status: check.Critical,
			alarms: []string{"2 reference local expected GPS, which is not among the sources (chronyd follows no source, none is configured)"},
		},
		"every other figure": {
			thresholds: func(th *check.Thresholds) {
				seconds := limits(t, "", "@0:10", threshold.Seconds, false)
				ppm := limits(t, "@0:10", "", threshold.PPM, false)
				th.MaxError, th.RootDispersion, th.RootDelay = seconds, seconds, seconds
				th.LastOffset, th.RMSOffset = seconds, seconds
				th.Skew, th.Frequency = ppm, ppm
			},
			status: check.Critical,
			alarms: []string{
				"2 last offset 0s inside 0:10s",
				"2 RMS offset 0s inside 10s",
				"1 frequency 0ppm inside 0:10ppm",
				"1 skew 0ppm inside 10ppm",
				"2 root delay 2ms inside 10s",
				"2 root dispersion 200us inside 10s",
				"2 max error 1.2ms inside 10s",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			readings, thresholds := healthyReadings(), defaults(t)
			if tt.readings != nil {
				tt.readings(&readings)
			}
			if tt.thresholds != nil {
				tt.thresholds(&thresholds)
			}
			result := check.Evaluate(readings, thresholds)
			if got := alarms(result); result.Status != tt.status || !slices.Equal(got, tt.alarms) {
				t.Errorf("got state %d, %q\nwant %d, %q", result.Status, got, tt.status, tt.alarms)
			}
		})
	}
}

// The placeholders of an unsynchronised chronyd (offset 0, stratum 0, a reference
// time of 1970) must not reach a graph.
func TestUnsynchronisedIsNotMeasured(t *testing.T) {
	var labels []string
	for _, m := range check.Evaluate(unsynchronised(), defaults(t)).Metrics {
		labels = append(labels, m.Label)
	}
	if want := []string{"leap_status", "sources", "reachable", "falsetickers"}; !slices.Equal(labels, want) {
		t.Errorf("got %q, want %q", labels, want)
	}
}

func TestMetricsAreTheSameWhateverTheState(t *testing.T) {
	want := strings.Fields("offset stratum leap_status last_offset rms_offset frequency residual_freq skew " +
		"root_delay root_dispersion update_interval max_error reference_age sources reachable falsetickers disagreeing")
	bad := healthyReadings()
	bad.Tracking.CurrentCorrection, bad.Tracking.LeapStatus = 5, chrony.LeapDeleteSecond
	for _, r := range []check.Readings{healthyReadings(), bad} {
		var labels []string
		for _, m := range check.Evaluate(r, defaults(t)).Metrics {
			labels = append(labels, m.Label)
		}
		if !slices.Equal(labels, want) {
			t.Errorf("got %q, want %q", labels, want)
		}
	}
}

func TestExpectedReference(t *testing.T) {
	address := check.Reference{Text: "192.0.2.1", Address: netip.MustParseAddr("192.0.2.1")}
	other := check.Reference{Text: "192.0.2.9", Address: netip.MustParseAddr("192.0.2.9")}
	hex := check.Reference{Text: "C0000201", ID: 0xC0000201}
	gps := check.Reference{Text: "GPS"}
	for name, tt := range map[string]struct {
		expected []check.Reference
		address  string
		id       chrony.RefID
		alarms   []string
	}{
		"any":                              {nil, "192.0.2.1", 0xC0000201, nil},
		"its address":                      {[]check.Reference{address}, "192.0.2.1", 0xC0000201, nil},
		"its ID":                           {[]check.Reference{hex}, "192.0.2.1", 0xC0000201, nil},
		"one of several":                   {[]check.Reference{gps, other, address}, "192.0.2.1", 0xC0000201, nil},
		"a reference clock":                {[]check.Reference{gps}, "", 0x47505300, nil},
		"another ID":                       {[]check.Reference{{Text: "C0000202", ID: 0xC0000202}}, "192.0.2.1", 0xC0000201, []string{"1 reference 192.0.2.1 expected C0000202"}},
		"another address":                  {[]check.Reference{other, gps}, "192.0.2.1", 0xC0000201, []string{"1 reference 192.0.2.1 expected 192.0.2.9 or GPS, which are not among the sources"}},
		"a name that isn't resolved":       {[]check.Reference{other, {Text: "ntp.example", Name: "ntp.example"}}, "192.0.2.1", 0xC0000201, []string{"3 reference 192.0.2.1 expected 192.0.2.9 or ntp.example (192.0.2.9 is not among the sources, ntp.example is not resolved)"}},
		"a name that doesn't exist":        {[]check.Reference{other, {Text: "none.example", Name: "none.example"}}, "192.0.2.1", 0xC0000201, []string{"1 reference 192.0.2.1 expected 192.0.2.9 or none.example (192.0.2.9 is not among the sources, none.example is not found)"}},
		"one such, but another is right":   {[]check.Reference{{Text: "ntp.example", Name: "ntp.example"}, address}, "192.0.2.1", 0xC0000201, nil},
		"another clock":                    {[]check.Reference{gps}, "", 0x50505300, []string{"1 reference PPS expected GPS, which is not among the sources"}},
		"a server whose ID spells a clock": {[]check.Reference{gps}, "192.0.2.1", 0x47505300, []string{"1 reference 192.0.2.1 expected GPS, which is not among the sources"}},
		"local mode, expected":             {[]check.Reference{gps, {Text: "local"}}, "", chrony.LocalReferenceID, []string{"1 reference local (chronyd follows no source)"}},
		"local mode":                       {[]check.Reference{gps}, "", chrony.LocalReferenceID, []string{"1 reference local expected GPS, which is not among the sources (chronyd follows no source)"}},
	} {
		readings, thresholds := healthyReadings(), defaults(t)
		readings.Tracking.Address, readings.Tracking.ReferenceID = tt.address, tt.id
		readings.Names = map[string]check.Name{"ntp.example": {Unresolved: true}}
		thresholds.ExpectReference = tt.expected
		if got := alarms(check.Evaluate(readings, thresholds)); !slices.Equal(got, tt.alarms) {
			t.Errorf("%s: got %q, want %q", name, got, tt.alarms)
		}
		// With --unexpected-reference=ok none of them counts, a name that isn't resolved either.
		thresholds.UnexpectedReference, thresholds.LocalReference = check.OK, check.OK
		if got := alarms(check.Evaluate(readings, thresholds)); got != nil {
			t.Errorf("%s, and none counts: got %q", name, got)
		}
	}
}

func TestGraceExcusesAHostThatHasJustStarted(t *testing.T) {
	for _, tt := range []struct {
		uptime time.Duration
		status check.Status
		values []string // of the clock and of the sources
	}{
		{time.Minute, check.OK, []string{"not synchronised (start-up grace, 9m left)", "of 1: unreachable (start-up grace, 9m left)"}},
		{10 * time.Minute, check.Critical, []string{"not synchronised", "of 1: unreachable"}},
		{0, check.Critical, []string{"not synchronised", "of 1: unreachable"}}, // not known
	} {
		readings, thresholds := unsynchronised(), defaults(t)
		readings.Uptime, thresholds.Grace = tt.uptime, 10*time.Minute
		result := check.Evaluate(readings, thresholds)
		var values []string
		for _, s := range result.Subchecks[:2] {
			values = append(values, text(s))
		}
		if result.Status != tt.status || !slices.Equal(values, tt.values) {
			t.Errorf("up %v: got state %d, %q", tt.uptime, result.Status, values)
		}
	}
	// The numbers of usable and reachable sources don't alert either.
	readings, thresholds := unsynchronised(), defaults(t)
	readings.Uptime, thresholds.Grace = time.Minute, 10*time.Minute
	thresholds.Sources = limits(t, "", "2:", threshold.Count, false)
	thresholds.Reachable = limits(t, "", "1:", threshold.Count, false)
	result := check.Evaluate(readings, thresholds)
	if got := alarms(result); got != nil {
		t.Errorf("thresholds on numbers of sources during the grace: %q", got)
	}
	for _, s := range result.Subchecks {
		if s.Reason != "" {
			t.Errorf("%s is excused, and has the reason %q", s.Name, s.Reason)
		}
	}
	// Nor does the stratum of local mode, which is 10 by default.
	readings, thresholds = healthyReadings(), defaults(t)
	readings.Uptime, thresholds.Grace = time.Minute, 10*time.Minute
	readings.Tracking.Stratum = 10
	if got := alarms(check.Evaluate(readings, thresholds)); !slices.Equal(got, []string{"1 stratum 10 outside 1:9"}) {
		t.Errorf("stratum 10 of a source during the grace: %q", got)
	}
	readings.Tracking.Address, readings.Tracking.ReferenceID = "", chrony.LocalReferenceID
	if got := alarms(check.Evaluate(readings, thresholds)); got != nil {
		t.Errorf("local mode during the grace: %q", got)
	}
	// The grace excuses nothing else.
	readings, thresholds = healthyReadings(), defaults(t)
	readings.Uptime, thresholds.Grace, readings.Tracking.CurrentCorrection = time.Minute, 10*time.Minute, 1
	if got := check.Evaluate(readings, thresholds).Status; got != check.Critical {
		t.Errorf("an offset of 1 s during the grace: got state %d", got)
	}
}

func TestLeapSet(t *testing.T) {
	for text, want := range map[string]string{
		"none":                  "none",
		"normal":                "normal",
		"insert,delete":         "insert,delete",
		"unsynchronized":        "unsynchronised",
		"delete,unsynchronised": "delete,unsynchronised",
	} {
		var s check.LeapSet
		if err := s.UnmarshalText([]byte(text)); err != nil || s.String() != want {
			t.Errorf("%q: got %v, %v; want %s", text, s, err, want)
		}
	}
	for _, text := range []string{"", "Insert", "insert,", "none,insert", "leap"} {
		var s check.LeapSet
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was taken for %v", text, s)
		}
	}
}
