// SPDX-License-Identifier: MIT

package e2e

import (
	"slices"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// However long the arguments are, the line has the state, the cause and each metric.
func TestLongLines(t *testing.T) {
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
