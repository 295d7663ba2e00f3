// SPDX-License-Identifier: MIT

package check_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// The first line and the table of sources give the same reasons.
func TestWhyNoSourceIsUsable(t *testing.T) {
	server := func(state chrony.SourceState, reach uint16) chrony.Source {
		return chrony.Source{Address: "192.0.2.1", State: state, Reachability: reach}
	}
	dead := server(chrony.NotSelectable, 0)
	unresolved := chrony.Source{Address: "ID#0000000001", State: chrony.NotSelectable, LastSampleAgo: chrony.NoSample}
	driver := chrony.Source{Address: "127.127.1.0", State: chrony.NotSelectable}
	clock := chrony.Source{ReferenceID: 0x47505300, Mode: chrony.ReferenceClock, State: chrony.NotSelectable}
	for name, tt := range map[string]struct {
		sources  []chrony.Source
		activity *chrony.Activity
		want     string
		states   string
	}{
		"none": {nil, nil, "no usable source (none is configured)", ""},
		"a required source is dead": {
			[]chrony.Source{dead, server(chrony.NotCombined, 1), server(chrony.NotCombined, 1)},
			nil,
			"no usable source of 3: 1 unreachable, 2 waiting for others", "unreachable; waiting for others; waiting for others",
		},
		"all offline": {
			[]chrony.Source{dead, dead},
			&chrony.Activity{Offline: 2},
			"no usable source of 2: all offline", "offline; offline",
		},
		"one offline": {[]chrony.Source{dead}, &chrony.Activity{Offline: 1}, "no usable source of 1: offline", "offline"},
		// chronyd doesn't say which.
		"one of two offline": {
			[]chrony.Source{dead, dead},
			&chrony.Activity{Offline: 1},
			"no usable source of 2: 1 offline, 1 unreachable", "unreachable; unreachable",
		},
		"offline, and the selected one still is": {
			[]chrony.Source{server(chrony.Selected, 0), server(chrony.Falseticker, 1)},
			&chrony.Activity{Offline: 1},
			"selected source 192.0.2.1 is offline (1 other reachable: falseticker)", "selected, offline; falseticker",
		},
		"offline, and no name resolved": {
			[]chrony.Source{dead, unresolved},
			&chrony.Activity{Offline: 1},
			"no usable source of 1: offline (1 more unresolved)", "offline; unresolved",
		},
		"a falseticker among the others is unreachable, too": {
			[]chrony.Source{server(chrony.Selected, 0), server(chrony.Falseticker, 0), server(chrony.Combined, 1)},
			nil,
			"selected source 192.0.2.1 is unreachable (1 other reachable)", "selected, unreachable; unreachable; combined",
		},
		"offline beside a reference clock": {
			[]chrony.Source{dead, clock},
			&chrony.Activity{Offline: 1},
			"no usable source of 2: 1 offline, 1 unreachable", "offline; unreachable",
		},
		"more offline than there are": {
			[]chrony.Source{dead, server(chrony.Falseticker, 1)},
			&chrony.Activity{Offline: 2},
			"no usable source of 2: 1 unreachable, 1 falseticker", "unreachable; falseticker",
		},
		"none offline": {[]chrony.Source{dead}, &chrony.Activity{}, "no usable source of 1: unreachable", "unreachable"},
		"an absurd number of them": {
			[]chrony.Source{dead},
			&chrony.Activity{Offline: 0xffffffff},
			"no usable source of 1: unreachable", "unreachable",
		},
		"no name resolved": {[]chrony.Source{unresolved, unresolved}, nil, "no usable source (all unresolved)", "unresolved; unresolved"},
		"a pool's spare sources": {
			[]chrony.Source{dead, dead, unresolved, unresolved},
			nil,
			"no usable source of 2: all unreachable (2 more unresolved)", "unreachable; unreachable; unresolved; unresolved",
		},
		"all reasons": {
			[]chrony.Source{dead, server(chrony.NotSelectable, 1), server(chrony.Falseticker, 1), server(chrony.Falseticker, 1), server(chrony.Jittery, 1), server(chrony.Combined, 1)},
			nil,
			"no usable source of 6: 1 unreachable, 2 falsetickers, 1 too variable, 1 not selectable, 1 waiting for others",
			"unreachable; not selectable; falseticker; falseticker; too variable; waiting for others",
		},
		"a driver of ntpd": {
			[]chrony.Source{dead, driver},
			nil,
			`no usable source of 2: all unreachable (127.127.x.y is a driver of ntpd: chronyd needs "refclock")`, "unreachable; unreachable",
		},
	} {
		r, th := healthyReadings(), defaults(t)
		r.Sources, r.Activity, th.NoSourcesAfter = tt.sources, tt.activity, 0
		s := find(t, check.Evaluate(r, th), "no usable source", "selected source")
		if got := strings.TrimSpace(s.Name + " " + text(s)); got != tt.want || s.Status != check.Warning {
			t.Errorf("%s: got state %d, %q, want %q", name, s.Status, got, tt.want)
		}
		if got := strings.Join(check.SourceStates(r.Report), "; "); got != tt.states {
			t.Errorf("%s: states: got %q, want %q", name, got, tt.states)
		}
	}
	// While one is usable, the words are chronyc's.
	if got, want := check.SourceStates(healthyReadings().Report), []string{"selected", "combined", "not combined"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExpectedReferenceNotFollowed(t *testing.T) {
	const sampled = 5
	gps := chrony.Source{ReferenceID: 0x47505300, Mode: chrony.ReferenceClock, State: chrony.Falseticker, Reachability: 1, LastSampleAgo: sampled, LastSampleOffset: -0.435}
	pps := chrony.Source{ReferenceID: 0x50505300, Mode: chrony.ReferenceClock, State: chrony.NotSelectable, LastSampleAgo: chrony.NoSample}
	sources := []chrony.Source{
		{Address: "192.0.2.1", State: chrony.Selected, Reachability: 1},
		{Address: "192.0.2.2", State: chrony.Combined, Reachability: 1},
		{Address: "192.0.2.3", State: chrony.NotSelectable, LastSampleAgo: chrony.NoSample},
		{Address: "192.0.2.4", State: chrony.NotSelectable, Reachability: 1, LastSampleAgo: chrony.NoSample},
		gps, pps,
	}
	address := func(text string) check.Reference {
		return check.Reference{Text: text, Address: netip.MustParseAddr(text)}
	}
	moved := check.Reference{Text: "time.example", Name: "time.example"}
	for name, tt := range map[string]struct {
		expected []check.Reference
		want     string // after "expected "
	}{
		"a falseticker":             {[]check.Reference{{Text: "GPS"}}, "GPS, which is a falseticker by 435ms"},
		"its ID in hexadecimal":     {[]check.Reference{{Text: "47505300", ID: 0x47505300}}, "47505300, which is a falseticker by 435ms"},
		"an ID that may be any":     {[]check.Reference{{Text: "C0000207", ID: 0xC0000207}}, "C0000207"},
		"no samples":                {[]check.Reference{{Text: "PPS"}}, "PPS, which has no samples"},
		"a server without samples":  {[]check.Reference{address("192.0.2.4")}, "192.0.2.4, which has no samples"},
		"combined":                  {[]check.Reference{address("192.0.2.2")}, "192.0.2.2, which is combined"},
		"unreachable":               {[]check.Reference{address("192.0.2.3")}, "192.0.2.3, which is unreachable"},
		"not a source":              {[]check.Reference{address("192.0.2.9")}, "192.0.2.9, which is not among the sources"},
		"two of them":               {[]check.Reference{address("192.0.2.9"), {Text: "PHC"}}, "192.0.2.9 or PHC, which are not among the sources"},
		"twice the same":            {[]check.Reference{{Text: "GPS"}, {Text: "47505300", ID: 0x47505300}}, "GPS or 47505300, which are falsetickers by 435ms"},
		"two reasons":               {[]check.Reference{{Text: "GPS"}, {Text: "PPS"}}, "GPS or PPS (GPS is a falseticker by 435ms, PPS has no samples)"},
		"one reason for one of two": {[]check.Reference{{Text: "GPS"}, {Text: "C0000207", ID: 0xC0000207}}, "GPS or C0000207 (GPS is a falseticker by 435ms)"},
		"its address has changed":   {[]check.Reference{moved}, "time.example, which is 192.0.2.7 now"},
		"to that of another source": {[]check.Reference{{Text: "ntp.example", Name: "ntp.example"}}, "ntp.example, which is unreachable"},
		"local mode":                {[]check.Reference{{Text: "local"}}, "local"},
	} {
		r, th := healthyReadings(), defaults(t)
		r.Sources, th.ExpectReference, th.Disagreeing = sources, tt.expected, threshold.Limits{}
		r.Names = map[string]check.Name{
			"time.example": {Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.7")}},
			"ntp.example":  {Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.3")}},
		}
		if got, want := alarms(check.Evaluate(r, th)), []string{"1 reference 192.0.2.1 expected " + tt.want}; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	// Sources that aren't known explain nothing, and a name is looked up only if a server
	// is followed.
	r, th := healthyReadings(), defaults(t)
	r.Sources, r.SourcesErr, th.ExpectReference = nil, chrony.ErrNotAuthorised, []check.Reference{{Text: "GPS"}}
	if got := text(find(t, check.Evaluate(r, th), "reference")); got != "192.0.2.1 expected GPS" {
		t.Errorf("sources refused: got %q", got)
	}
	r, th.ExpectReference = healthyReadings(), []check.Reference{moved}
	r.Tracking.Address, r.Tracking.ReferenceID, r.Sources = "", gps.ReferenceID, []chrony.Source{gps}
	if got := text(find(t, check.Evaluate(r, th), "reference")); got != "GPS expected time.example" {
		t.Errorf("a name that wasn't looked up: got %q", got)
	}
}

// A name takes time to look up, and need not be if it can't decide.
func TestNamesToLookUp(t *testing.T) {
	name, address, gps := check.Reference{Text: "time.example", Name: "time.example"}, check.Reference{Text: "192.0.2.1", Address: netip.MustParseAddr("192.0.2.1")}, check.Reference{Text: "GPS"}
	server, clock := chrony.Tracking{Address: "192.0.2.1", ReferenceID: 0xC0000201}, chrony.Tracking{ReferenceID: 0x47505300}
	for _, tt := range []struct {
		tracking chrony.Tracking
		expected []check.Reference
		want     []string
	}{
		{server, []check.Reference{name, gps}, []string{"time.example"}},
		{server, []check.Reference{name, address}, nil},
		{server, []check.Reference{gps}, nil},
		{clock, []check.Reference{name}, nil},
	} {
		if got := (check.Thresholds{ExpectReference: tt.expected}).NamesToLookUp(tt.tracking); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: got %q, want %q", tt, got, tt.want)
		}
	}
}

func TestLocalModeSaysItsSources(t *testing.T) {
	dead := chrony.Source{Address: "192.0.2.1", State: chrony.NotSelectable}
	for name, tt := range map[string]struct {
		sources []chrony.Source
		change  func(*check.Readings, *check.Thresholds)
		status  check.Status
		want    string
	}{
		"two dead": {[]chrony.Source{dead, dead}, nil, check.Warning, "local (chronyd follows no source, 2 configured: all unreachable)"},
		"accepted": {
			[]chrony.Source{dead},
			func(_ *check.Readings, th *check.Thresholds) { th.LocalReference = check.OK },
			check.OK, "local (chronyd follows no source, 1 configured: unreachable)",
		},
		"none":            {nil, nil, check.Warning, "local (chronyd follows no source, none is configured)"},
		"none resolved":   {[]chrony.Source{{Address: "ID#1"}}, nil, check.Warning, "local (chronyd follows no source, all unresolved)"},
		"a usable source": {healthyReadings().Sources, nil, check.Warning, "local (chronyd follows no source)"},
		"not known": {
			nil,
			func(r *check.Readings, _ *check.Thresholds) { r.SourcesErr = chrony.ErrNoReply },
			check.Warning, "local (chronyd follows no source)",
		},
		"at boot": {
			[]chrony.Source{dead},
			func(r *check.Readings, th *check.Thresholds) {
				r.Uptime, th.Grace = time.Minute, 5*time.Minute
				th.ExpectReference = []check.Reference{{Text: "GPS"}}
			},
			check.OK, "local (chronyd follows no source, 1 configured: unreachable, start-up grace, 4m left)",
		},
	} {
		r, th := healthyReadings(), defaults(t)
		r.Tracking.Address, r.Tracking.ReferenceID, r.Sources = "", chrony.LocalReferenceID, tt.sources
		if tt.change != nil {
			tt.change(&r, &th)
		}
		s := find(t, check.Evaluate(r, th), "reference")
		if got := text(s); got != tt.want || s.Status != tt.status || !s.Headline {
			t.Errorf("%s: got state %d, %q; want %d, %q", name, s.Status, got, tt.status, tt.want)
		}
	}
}

// A reference time in the future is no reason of its own if the offset explains it.
func TestFutureReferenceTimeFromOffset(t *testing.T) {
	for name, tt := range map[string]struct {
		offset, age float64
		want        []string
	}{
		"explained":                {-0.9, -1.5, []string{"2 offset 900ms fast outside -100ms:100ms"}},
		"slow":                     {0.9, -1.8, []string{"2 offset 900ms slow outside -100ms:100ms"}},
		"further than the offset":  {-0.9, -2, []string{"2 offset 900ms fast outside -100ms:100ms", "2 reference time 2s in the future"}},
		"an offset that is fine":   {-0.001, -17, []string{"2 reference time 17s in the future"}},
		"an offset that is a bit":  {-0.06, -1.05, []string{"1 offset 60ms fast outside -50ms:50ms", "2 reference time 1.05s in the future"}},
		"not in the future at all": {-0.9, 0, []string{"2 offset 900ms fast outside -100ms:100ms"}},
	} {
		r, th := healthyReadings(), defaults(t)
		th.MaxError = threshold.Limits{} // it follows from the offset, too
		r.Tracking.CurrentCorrection = tt.offset
		r.Tracking.ReferenceTime = now.Add(-time.Duration(tt.age * 1e9))
		if got := alarms(check.Evaluate(r, th)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
