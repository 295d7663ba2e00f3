// SPDX-License-Identifier: MIT

package options

import (
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/threshold"
)

// testdata/script/usage.txtar tests what is rejected, and the error messages.
func TestCommandLine(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", "") // the same as unset
	defaults := func() *Options {
		c := &Options{Timeout: 5 * time.Second, Reader: "auto", Unreachable: check.Critical}
		c.OffsetWarning, c.OffsetCritical = &threshold.Range{Start: -0.05, End: 0.05}, &threshold.Range{Start: -0.1, End: 0.1}
		c.StratumWarning, c.StratumCritical = &threshold.Range{Start: 1, End: 9}, &threshold.Range{Start: 1, End: 15}
		c.LeapCritical = check.NewLeapSet(chrony.LeapNotSynchronised)
		c.AgeWarning, c.AgeCritical = &threshold.Range{End: 3600}, &threshold.Range{End: 86400}
		c.DisagreeingWarning = &threshold.Range{}
		c.MaxErrorWarning, c.MaxErrorCritical = &threshold.Range{End: 0.6}, &threshold.Range{End: 2}
		c.NoSources, c.NoSourcesAfter = check.Warning, 15*time.Minute
		c.LocalReference, c.UnexpectedReference = check.Warning, check.Warning
		return c
	}
	for arguments, change := range map[string]func(*Options){
		"":                    func(*Options) {},
		"-w 10ms":             func(c *Options) { c.OffsetWarning = &threshold.Range{Start: -0.01, End: 0.01} },
		"-w10ms":              func(c *Options) { c.OffsetWarning = &threshold.Range{Start: -0.01, End: 0.01} },
		"-w=10ms":             func(c *Options) { c.OffsetWarning = &threshold.Range{Start: -0.01, End: 0.01} },
		"--warning=10ms":      func(c *Options) { c.OffsetWarning = &threshold.Range{Start: -0.01, End: 0.01} },
		"-c -0.2:0.3":         func(c *Options) { c.OffsetCritical = &threshold.Range{Start: -0.2, End: 0.3} },
		"--critical -0.2:0.3": func(c *Options) { c.OffsetCritical = &threshold.Range{Start: -0.2, End: 0.3} },
		"-W @3:5 -C 16": func(c *Options) {
			c.StratumWarning, c.StratumCritical = &threshold.Range{Start: 3, End: 5, Inside: true}, &threshold.Range{End: 16}
		},
		"--leap-critical=none": func(c *Options) { c.LeapCritical = 0 },
		// One more alarm doesn't make an unsynchronised clock OK, unless another option says so.
		"--leap-critical=insert": func(c *Options) {
			c.LeapCritical = check.NewLeapSet(chrony.LeapNotSynchronised, chrony.LeapInsertSecond)
		},
		"--leap-critical=insert --leap-warning=unsynchronised": func(c *Options) {
			c.LeapCritical, c.LeapWarning = check.NewLeapSet(chrony.LeapInsertSecond), check.NewLeapSet(chrony.LeapNotSynchronised)
		},
		"--leap-warning unsynchronized,insert": func(c *Options) {
			c.LeapWarning = check.NewLeapSet(chrony.LeapNotSynchronised, chrony.LeapInsertSecond)
		},
		"--disagreeing-warning=1:2":   func(c *Options) { c.DisagreeingWarning = &threshold.Range{Start: 1, End: 2} },
		"--disagreeing-critical 1":    func(c *Options) { c.DisagreeingCritical = &threshold.Range{End: 1} },
		"--reachable-warning=3:":      func(c *Options) { c.ReachableWarning = &threshold.Range{Start: 3, End: math.Inf(1)} },
		"--reachable-critical 2:9":    func(c *Options) { c.ReachableCritical = &threshold.Range{Start: 2, End: 9} },
		"--falsetickers-warning 0":    func(c *Options) { c.FalsetickersWarning = &threshold.Range{} },
		"--falsetickers-critical=2":   func(c *Options) { c.FalsetickersCritical = &threshold.Range{End: 2} },
		"--rms-offset-warning=1s":     func(c *Options) { c.RMSOffsetWarning = &threshold.Range{End: 1} },
		"--frequency-critical=5ppm":   func(c *Options) { c.FrequencyCritical = &threshold.Range{Start: -5, End: 5} },
		"--no-sources-after=0":        func(c *Options) { c.NoSourcesAfter = 0 },
		"--no-sources-after 1h":       func(c *Options) { c.NoSourcesAfter = time.Hour },
		"--no-sources=ok --grace=90s": func(c *Options) { c.NoSources, c.Grace = check.OK, 90*time.Second },
		"--grace=1h -H localhost":     func(c *Options) { c.Grace, c.Hostname = time.Hour, "localhost" },
		"--grace=1h -H ::1": func(c *Options) {
			c.Grace, c.Hostname, c.Address = time.Hour, "::1", cmdmon.UDP(netip.IPv6Loopback(), cmdmon.DefaultPort)
		},
		"--unreachable unknown": func(c *Options) { c.Unreachable = check.Unknown },
		"--expect-reference=GPS,PPS --expect-reference ::1": func(c *Options) {
			c.References = []check.Reference{{Text: "GPS"}, {Text: "PPS"}, {Text: "::1", Address: netip.IPv6Loopback()}}
		},
		"-H ntp.example -p1323 -6":  func(c *Options) { c.Hostname, c.Port, c.IPv6 = "ntp.example", 1323, true },
		"-t 500ms --reader=native":  func(c *Options) { c.Timeout, c.Reader = 500*time.Millisecond, "native" },
		"--libchrony=./libc.so":     func(c *Options) { c.Libchrony = "./libc.so" },
		"-vv4v --verbose --version": func(c *Options) { c.Verbose, c.IPv4, c.Version = 4, true, true },
	} {
		want := defaults()
		change(want)
		got, err := Parse(strings.Fields(arguments))
		if err == nil {
			forgetGiven(got) // for the next test
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, %v; want %+v", arguments, got, err, want)
		}
	}
}

// forgetGiven makes all ranges look like defaults.
func forgetGiven(o *Options) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[thresholds]()) {
		if r, ok := reflect.ValueOf(o.thresholds).FieldByIndex(f.Index).Interface().(*threshold.Range); ok && r != nil {
			r.Given = false
		}
	}
}

// What the user gave isn't a default, even if it equals one.
func TestGivenLimits(t *testing.T) {
	for arguments, want := range map[string]struct{ age, maxError, offset [2]bool }{
		"":                                {},
		"--age-warning=1h":                {age: [2]bool{true, false}},
		"--age-critical 24h":              {age: [2]bool{false, true}},
		"--max-error-critical=2s":         {maxError: [2]bool{false, true}},
		"-w 50ms --critical=100ms":        {offset: [2]bool{true, true}},
		"--max-error-warning=1s -c 100ms": {maxError: [2]bool{true, false}, offset: [2]bool{false, true}},
	} {
		o, err := Parse(strings.Fields(arguments))
		if err != nil {
			t.Fatal(err)
		}
		given := func(l threshold.Limits) [2]bool { return [2]bool{l.Warning.WasGiven(), l.Critical.WasGiven()} }
		if th := o.Thresholds(); given(th.Age) != want.age || given(th.MaxError) != want.maxError || given(th.Offset) != want.offset {
			t.Errorf("%q: got %v, %v, %v, want %v", arguments, given(th.Age), given(th.MaxError), given(th.Offset), want)
		}
	}
}

func TestLibchronyVariable(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", "/from/the/environment")
	for argument, want := range map[string]string{"-v": "/from/the/environment", "--libchrony=/given": "/given"} {
		if c, err := Parse([]string{argument}); err != nil || c.Libchrony != want {
			t.Errorf("%s: got %q, %v; want %q", argument, c.Libchrony, err, want)
		}
	}
}

// TestHelpTexts checks that every option is explained in whole sentences of printable
// ASCII, without the "|" that monitoring systems treat as their own.
func TestHelpTexts(t *testing.T) {
	flags, err := Flags()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flags {
		odd := strings.ContainsFunc(f.Help, func(r rune) bool { return r < ' ' || r > '~' || r == '|' })
		if !strings.HasSuffix(f.Help, ".") || strings.Contains(f.Help, "${") || odd {
			t.Errorf("--%s: %q", f.Name, f.Help)
		}
	}
}

// The words that completions offer are accepted.
func TestWords(t *testing.T) {
	flags, err := Flags()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flags {
		for _, word := range f.Words {
			if _, err := Parse([]string{"--" + f.Name, word}); err != nil {
				t.Errorf("--%s %s: %v", f.Name, word, err)
			}
		}
		if f.Default != "" && f.Words != nil && !slices.Contains(f.Words, f.Default) {
			t.Errorf("--%s: the default %q is not among %v", f.Name, f.Default, f.Words)
		}
	}
}

// An entry of --expect-reference is looked up only if it can't be the ID of a reference
// clock in capitals.
func TestReferences(t *testing.T) {
	for text, want := range map[string]check.Reference{
		"192.0.2.1":        {Address: netip.MustParseAddr("192.0.2.1")},
		"::ffff:192.0.2.1": {Address: netip.MustParseAddr("192.0.2.1")},
		"2001:DB8::1":      {Address: netip.MustParseAddr("2001:db8::1")},
		"GPS":              {},
		"PHC0":             {},
		"a b":              {},
		"C0000201":         {ID: 0xc0000201},
		"0x47505300":       {ID: 0x47505300},
		"ntp1":             {Name: "ntp1"},
		"time.example.net": {Name: "time.example.net"},
		"NTP1.EXAMPLE":     {Name: "NTP1.EXAMPLE"},
	} {
		want.Text = text
		if got, err := parseReference(text); got != want || err != nil {
			t.Errorf("%q: got %+v, %v; want %+v", text, got, err, want)
		}
	}
}
