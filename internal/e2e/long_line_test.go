// SPDX-License-Identifier: MIT

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// However long the arguments are, the line has the state, the cause and each metric.
func TestLongLines(t *testing.T) {
	t.Parallel()
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	asked := append(fake.Args(), "--reader=native")
	long := strings.Repeat("x", 100_000)
	ranges := slices.Clone(asked)
	for option := range strings.FieldsSeq("offset age max-error root-dispersion root-delay skew frequency last-offset rms-offset sources stratum") {
		ranges = append(ranges, "--"+option+"-warning=-12345678.123456789:0.123456789", "--"+option+"-critical=-12345678.123456789:0.123456789")
	}
	plain, _ := plugintest.Run(t, nil, asked...)
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"a threshold": {[]string{"-w", long}, `CHRONY UNKNOWN: --offset-warning: "xxx`},
		"quotes":      {[]string{"-w", strings.Repeat(`"`, 100_000)}, `CHRONY UNKNOWN: --offset-warning: "\"\"`},
		"a host":      {[]string{"-H", long}, `CHRONY UNKNOWN: --hostname: "xxx`},
		"a reference": {append(slices.Clone(asked), "--expect-reference="+strings.Repeat("192.0.2.99,", 200)+"192.0.2.98"), "CHRONY WARNING: reference "},
		"ranges":      {ranges, "CHRONY CRITICAL: "},
		"an option":   {[]string{"--" + long}, `CHRONY UNKNOWN: unknown option "--xxx`},
	} {
		out, code := plugintest.Run(t, nil, tt.args...)
		if err := plugintest.CheckFormat(out, code, 0); err != nil || !strings.HasPrefix(out, tt.want) {
			t.Errorf("%s: got %v, %.1200q, want %q", name, err, out, tt.want)
		}
		if strings.HasPrefix(name, "r") && strings.Count(out, "=") != strings.Count(plain, "=") {
			t.Errorf("%s: metrics are lost in %s", name, out)
		}
		if strings.HasPrefix(out, "CHRONY UNKNOWN") && !strings.Contains(out, "is not a") && !strings.Contains(out, "(see --help)") {
			t.Errorf("%s: the cause is lost in %s", name, out)
		}
	}
}

// The worst of thousands of sources that disagree are named.
func TestThousandsOfSourcesDisagree(t *testing.T) {
	report := chronydtest.Healthy()
	report.Sources = nil
	for i := range chrony.MaxSources {
		report.Sources = append(report.Sources, chrony.Source{
			Address: fmt.Sprintf("2001:db8:1111:2222:3333:4444:5555:%x", 0x1000+i), State: chrony.Falseticker,
			Reachability: 1, LastSampleOffset: -float64(i),
		})
	}
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(report))
	out, code := plugintest.Run(t, nil, append(fake.Args(), "--reader=native", "-v")...)
	first, rest, _ := strings.Cut(out, "\n")
	want := "CHRONY WARNING: 2001:db8:1111:2222:3333:4444:5555:1fff disagrees by 1h8m15s (falseticker), " +
		"2001:db8:1111:2222:3333:4444:5555:1ffe disagrees by 1h8m14s (falseticker), " +
		"2001:db8:1111:2222:3333:4444:5555:1ffd disagrees by 1h8m13s (falseticker), 4092 more disagree, offset 954ns slow, "
	if code != 1 || !strings.HasPrefix(first, want) || len(first) >= 1000 || strings.Count(rest, "\n") > 150 {
		t.Errorf("got %d, %.1200s, want %s", code, out, want)
	}
	if line, code := plugintest.Run(t, nil, append(fake.Args(), "--reader=native")...); code != 1 || !strings.HasPrefix(line, want) || len(line) > 1000 {
		t.Errorf("got %d, %s, want %s", code, line, want)
	}
}
