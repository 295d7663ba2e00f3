// SPDX-License-Identifier: MIT

package main

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
)

// testdata/script/usage.txtar tests what is rejected, and the error messages.
func TestCommandLine(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", "") // the same as unset
	defaults := func() *cli {
		c := &cli{Timeout: 5 * time.Second, Reader: "auto", Unreachable: check.Critical}
		c.OffsetWarning, c.OffsetCritical = &check.Range{Start: -0.05, End: 0.05}, &check.Range{Start: -0.1, End: 0.1}
		c.StratumWarning, c.StratumCritical = &check.Range{Start: 1, End: 9}, &check.Range{Start: 1, End: 15}
		c.LeapCritical = check.NewLeapSet(chrony.LeapNotSynchronised)
		c.AgeWarning, c.AgeCritical = &check.Range{End: 3600}, &check.Range{End: 86400}
		c.NoSources, c.NoSourcesAfter = check.Warning, 15*time.Minute
		c.LocalReference, c.UnexpectedReference = check.Warning, check.Warning
		return c
	}
	for arguments, change := range map[string]func(*cli){
		"":                    func(*cli) {},
		"-w 10ms":             func(c *cli) { c.OffsetWarning = &check.Range{Start: -0.01, End: 0.01} },
		"-w10ms":              func(c *cli) { c.OffsetWarning = &check.Range{Start: -0.01, End: 0.01} },
		"-w=10ms":             func(c *cli) { c.OffsetWarning = &check.Range{Start: -0.01, End: 0.01} },
		"--warning=10ms":      func(c *cli) { c.OffsetWarning = &check.Range{Start: -0.01, End: 0.01} },
		"-c -0.2:0.3":         func(c *cli) { c.OffsetCritical = &check.Range{Start: -0.2, End: 0.3} },
		"--critical -0.2:0.3": func(c *cli) { c.OffsetCritical = &check.Range{Start: -0.2, End: 0.3} },
		"-W @3:5 -C 16": func(c *cli) {
			c.StratumWarning, c.StratumCritical = &check.Range{Start: 3, End: 5, Inside: true}, &check.Range{End: 16}
		},
		"--leap-critical=none": func(c *cli) { c.LeapCritical = 0 },
		"--leap-warning unsynchronized,insert": func(c *cli) {
			c.LeapWarning = check.NewLeapSet(chrony.LeapNotSynchronised, chrony.LeapInsertSecond)
		},
		// Limits that are given are taken literally, even if they equal the defaults.
		"--age-warning=1h":            func(c *cli) { c.AgeWarningGiven = true },
		"--age-critical=24h":          func(c *cli) { c.AgeCriticalGiven = true },
		"--reachable-warning=3:":      func(c *cli) { c.ReachableWarning = &check.Range{Start: 3, End: math.Inf(1)} },
		"--reachable-critical 2:9":    func(c *cli) { c.ReachableCritical = &check.Range{Start: 2, End: 9} },
		"--falsetickers-warning 0":    func(c *cli) { c.FalsetickersWarning = &check.Range{} },
		"--falsetickers-critical=2":   func(c *cli) { c.FalsetickersCritical = &check.Range{End: 2} },
		"--rms-offset-warning=1s":     func(c *cli) { c.RMSOffsetWarning = &check.Range{End: 1} },
		"--frequency-critical=5ppm":   func(c *cli) { c.FrequencyCritical = &check.Range{Start: -5, End: 5} },
		"--no-sources-after=0":        func(c *cli) { c.NoSourcesAfter = 0 },
		"--no-sources-after 1h":       func(c *cli) { c.NoSourcesAfter = time.Hour },
		"--no-sources=ok --grace=90s": func(c *cli) { c.NoSources, c.Grace = check.OK, 90*time.Second },
		"--unreachable unknown":       func(c *cli) { c.Unreachable = check.Unknown },
		"--expect-reference=GPS,PPS --expect-reference ::1": func(c *cli) {
			c.References = []string{"GPS", "PPS", "::1"}
		},
		"-H ntp.example -p1323 -6":  func(c *cli) { c.Hostname, c.Port, c.IPv6 = "ntp.example", 1323, true },
		"-t 500ms --reader=native":  func(c *cli) { c.Timeout, c.Reader = 500*time.Millisecond, "native" },
		"--libchrony=./libc.so":     func(c *cli) { c.Libchrony = "./libc.so" },
		"-vv4v --verbose --version": func(c *cli) { c.Verbose, c.IPv4, c.Version = 4, true, true },
	} {
		want := defaults()
		change(want)
		got, help, err := parseCLI(strings.Fields(arguments))
		if err != nil || help != "" || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, %q, %v; want %+v", arguments, got, help, err, want)
		}
	}
}

func TestLibchronyVariable(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", "/from/the/environment")
	for argument, want := range map[string]string{"-v": "/from/the/environment", "--libchrony=/given": "/given"} {
		if c, _, err := parseCLI([]string{argument}); err != nil || c.Libchrony != want {
			t.Errorf("%s: got %q, %v; want %q", argument, c.Libchrony, err, want)
		}
	}
}

// TestHelpTexts checks that every option is explained in whole sentences of printable
// ASCII, without the "|" that monitoring systems treat as their own.
func TestHelpTexts(t *testing.T) {
	for _, o := range options(t) {
		odd := strings.ContainsFunc(o.help, func(r rune) bool { return r < ' ' || r > '~' || r == '|' })
		if !strings.HasSuffix(o.help, ".") || strings.Contains(o.help, "${") || odd {
			t.Errorf("--%s: %q", o.name, o.help)
		}
	}
}
