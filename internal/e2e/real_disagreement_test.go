// SPDX-License-Identifier: MIT

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// Real chronyds act out sources that disagree, and a bound that isn't known.
func TestRealDisagreement(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	for name, scene := range map[string]func(*testing.T){
		"a witness":                          sceneWitness,
		"a witness that agrees":              sceneWitnessAgrees,
		"one trusted source outweighs three": sceneTrusted,
		"a clock that numbers the seconds":   sceneNumbersSeconds,
		"a reference clock that is late":     sceneLateReferenceClock,
		"a frequency that isn't known":       sceneUnknownFrequency,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t)
		})
	}
}

// expectWithBoth is expect with each reader.
func expectWithBoth(t *testing.T, d *chronydtest.Daemon, code int, text, metrics string, args ...string) {
	t.Helper()
	for _, reader := range plugintest.Readers(t) {
		expect(t, d, code, text, metrics, append([]string{"--reader=" + reader}, args...)...)
	}
	if t.Failed() || testing.Verbose() {
		out, _ := plugintest.Run(t, nil, append(append(d.Args(), "-v"), args...)...)
		t.Logf("\n%s", out)
	}
}

// counts returns the metrics of a clock of stratum 2 with these numbers of sources.
func counts(usable, reachable, falsetickers, disagreeing int) string {
	return strings.NewReplacer(
		"reachable=[0-9]", fmt.Sprint("reachable=", reachable),
		"falsetickers=[0-9]", fmt.Sprint("falsetickers=", falsetickers),
		"disagreeing=[0-9]", fmt.Sprint("disagreeing=", disagreeing),
	).Replace(perfdata("2", "0", fmt.Sprint(usable)))
}

// waitForSamples waits until each source has answered and one is selected.
func waitForSamples(d *chronydtest.Daemon) {
	d.WaitSynchronised()
	d.Wait("samples", func() bool {
		out, _ := d.Chronyc("sources")
		return strings.Contains(out, ",*,") && !strings.Contains(out, ",4294967295,")
	})
}

func sceneWitness(t *testing.T) {
	lines := servers(t, 0, 0)
	d := chronydtest.Start(t, lines[0], lines[1]+" noselect offset 1")
	waitForSamples(d)
	expectWithBoth(t, d, 1, `127.0.0.2 disagrees by 1s \(not selectable\), `+figures(2, "127.0.0.1"), counts(1, 2, 0, 1))
	expectWithBoth(t, d, 2, `127.0.0.2 disagrees by 1s \(not selectable\), `+figures(2, "127.0.0.1"),
		strings.Replace(counts(1, 2, 0, 1), "disagreeing=1;0;;", "disagreeing=1;0:;0;", 1), "--disagreeing-warning=0:", "--disagreeing-critical=0")
	expectWithBoth(t, d, 0, figures(2, "127.0.0.1"), strings.Replace(counts(1, 2, 0, 1), "disagreeing=1;0;", "disagreeing=1;0:;", 1), "--disagreeing-warning=0:")
}

func sceneWitnessAgrees(t *testing.T) {
	lines := servers(t, 0, 0, 0)
	d := chronydtest.Start(t, lines[0], lines[1], lines[2]+" noselect")
	waitForSamples(d)
	expectWithBoth(t, d, 0, figures(2, "127.0.0.[12]"), counts(2, 3, 0, 0))
}

func sceneTrusted(t *testing.T) {
	lines := servers(t, 0, 0, 0, 0)
	lines[0] += " prefer trust"
	for i := range lines[1:] {
		lines[1+i] += " offset 0.06"
	}
	d := chronydtest.Start(t, lines...)
	waitForSamples(d)
	const disagrees = `127.0.0.[234] disagrees by (60|59\.[0-9]|60\.[0-9])ms \(falseticker\), `
	expectWithBoth(t, d, 1, strings.Repeat(disagrees, 3)+figures(2, "127.0.0.1"), counts(1, 4, 3, 3))
	expectWithBoth(t, d, 0, figures(2, "127.0.0.1"), strings.Replace(counts(1, 4, 3, 0), "-0\\.05:0\\.05;-0\\.1:0\\.1", "-0\\.07:0\\.07;-0\\.1:0\\.1", 1), "-w", "70ms")
}

// The NMEA sentence of a GPS receiver is late by design, and only says which second a PPS
// begins.
func sceneNumbersSeconds(t *testing.T) {
	clock := chronydtest.NewReferenceClock(t)
	d := chronydtest.Start(t, append(servers(t, 0, 0, 0), clock.Line("NMEA")+" noselect offset 0.4")...)
	clock.Feed(t)
	waitForSamples(d)
	expectWithBoth(t, d, 0, figures(2, "127.0.0.[123]"), counts(3, 4, 0, 0))
}

func sceneLateReferenceClock(t *testing.T) {
	clock := chronydtest.NewReferenceClock(t)
	d := chronydtest.Start(t, append(servers(t, 0, 0, 0), clock.Line("NMEA")+" offset 0.4")...)
	clock.Feed(t)
	waitForSamples(d)
	expectWithBoth(t, d, 1, `NMEA disagrees by (400|399|40[0-9.]+)ms \(falseticker\), `+figures(2, "127.0.0.[123]"), counts(3, 4, 1, 1))
}

// With such a limit on its skew chronyd doesn't know its frequency until the next poll,
// which is hours away.
func sceneUnknownFrequency(t *testing.T) {
	port := chronydtest.NTPServer{}.Start(t)
	d := chronydtest.Start(t, fmt.Sprintf("server 127.0.0.1 port %d iburst minpoll 14 maxpoll 14", port), "maxupdateskew 0.001")
	d.WaitSynchronised()
	metrics := withoutMetrics(strings.Replace(counts(1, 1, 0, 0), "3600;86400", "147456;147456", 1), "root_dispersion", "max_error")
	const unknown = "max error [0-9.]+s by chronyd's count, frequency not known yet"
	rest := strings.Replace(figures(2, "127.0.0.1"), ", max error "+duration, "", 1)
	expectWithBoth(t, d, 0, rest+", "+unknown, metrics)
	expectWithBoth(t, d, 3, unknown+", "+rest, metrics, "--max-error-critical=500ms")
	expectWithBoth(t, d, 0, rest+`, max error [0-9.]+s by chronyd's count, frequency not known yet \(start-up grace, [0-9]+d left\)`, metrics,
		"--max-error-critical=500ms", "--grace=36500d")
}
