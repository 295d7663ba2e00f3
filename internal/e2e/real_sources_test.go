// SPDX-License-Identifier: MIT

package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// Real chronyds act out the rules on sources and age. docs/detection.md explains what
// the rules are for.
func TestRealSources(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	for name, scene := range map[string]func(*testing.T){
		"no source, for how long":  sceneNoSourceForAWhile,
		"the followed source dies": sceneFollowedDies,
		"a source too variable":    sceneTooVariable,
		"long polls":               sceneLongPolls,
		"a placeholder of skew":    scenePlaceholderSkew,
		"numbers of sources":       sceneNumbers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t)
		})
	}
}

// figures returns the pattern for what the first line shows of a clock that is right.
func figures(stratum int, reference string) string {
	return fmt.Sprintf("offset (%s|0s), stratum %d, leap normal, reference %s, max error %s", sign, stratum, reference, duration)
}

func sceneNoSourceForAWhile(t *testing.T) {
	server := chronydtest.Start(t, "local stratum 5")
	d := chronydtest.Start(t, fmt.Sprintf("server 127.0.0.1 port %d iburst minpoll 0 maxpoll 0", server.NTPPort))
	d.WaitSynchronised()
	server.Stop()
	d.Wait("loss", func() bool { out, _ := d.Chronyc("sources"); return strings.Contains(out, ",0,0,") })
	metrics := perfdata("6", "0", "0")
	pending := `no usable source of 1: unreachable \(last update [0-9.]+s ago, alarm after 15m\), max error`
	expect(t, d, 0, strings.Replace(figures(6, "127.0.0.1"), "max error", pending, 1), metrics)
	expect(t, d, 0, figures(6, "127.0.0.1"), metrics, "--no-sources=ok")
	// Eight polls, one a second, have gone unanswered.
	expect(t, d, 1, "no usable source of 1: unreachable, "+figures(6, "127.0.0.1"), metrics, "--no-sources-after=7s")
	expect(t, d, 2, "no usable source of 1: unreachable, "+figures(6, "127.0.0.1"), metrics, "--no-sources-after=0", "--no-sources=critical")
}

// chronyd goes on following a source that is unreachable, and goes on calling the
// others combined.
func sceneFollowedDies(t *testing.T) {
	followed := chronydtest.Start(t, "local stratum 1")
	lines := servers(t, 0, 0, 0)[1:] // 127.0.0.2 and 127.0.0.3, whose root distance is 500 times that of the first
	for i := range lines {
		lines[i] += " minsamples 64" // for as long as it has samples of them from before, chronyd goes on
	}
	d := chronydtest.Start(t, append(lines, fmt.Sprintf("server 127.0.0.1 port %d iburst minpoll 0 maxpoll 0", followed.NTPPort), "combinelimit 1e6")...)
	d.WaitSynchronised()
	combined := func() bool { out, _ := d.Chronyc("sources"); return strings.Count(out, "^,+,") == 2 }
	d.Wait("combination", combined)
	expect(t, d, 0, figures(2, "127.0.0.1"), perfdata("2", "0", "3"))
	followed.Stop()
	d.Wait("loss", func() bool { out, _ := d.Chronyc("sources"); return strings.Contains(out, "^,*,127.0.0.1,1,0,0,") })
	if !combined() {
		t.Error("the others are combined no more")
	}
	expect(t, d, 1, `selected source 127.0.0.1 is unreachable \(2 others reachable\), `+figures(2, "127.0.0.1"), perfdata("2", "0", "0"), atOnce)
}

// If something else sets the clock, a source looks like this: its samples differ by
// more than maxjitter. Here they go on doing so, or chronyd would trust it soon again.
func sceneTooVariable(t *testing.T) {
	port := chronydtest.NTPServer{Jump: 20 * time.Second, JumpAfter: 12}.Start(t)
	d := chronydtest.Start(t, chronydtest.ServerLine(port))
	d.WaitSynchronised()
	d.Wait("doubt", func() bool { out, _ := d.Chronyc("sources"); return strings.HasPrefix(out, "^,~,") })
	expect(t, d, 1, "no usable source of 1: too variable, 127.0.0.1 disagrees by [24]0s \\(too variable\\), "+figures(2, "127.0.0.1"), perfdata("2", "0", "0"))
}

// chronyd is told a time that is hours ago, so that its last sample looks that old.
func sceneLongPolls(t *testing.T) {
	for _, tt := range []struct {
		poll   int
		age    time.Duration
		code   int
		text   string // before the rest of the line
		limits string
		args   []string
	}{
		{10, 2*time.Hour + 30*time.Minute, 0, "", "9216;86400", nil},
		// Its source answers, so the warning limit doesn't count.
		{10, 2*time.Hour + 35*time.Minute, 0, "", ";86400", nil},
		{17, 25 * time.Hour, 0, "", "1179648;1179648", nil},
		{17, 25 * time.Hour, 1, `reference age 1d1h \(outside 1h\), `, "3600;1179648", []string{"--age-warning=1h"}},
		{17, 25 * time.Hour, 2, `reference age 1d1h \(outside 1d\), `, "1179648;86400", []string{"--age-critical=24h"}},
	} {
		t.Run(fmt.Sprintf("%d after %v %q", tt.poll, tt.age, tt.args), func(t *testing.T) {
			t.Parallel()
			port := chronydtest.NTPServer{Shift: -tt.age}.Start(t)
			d := chronydtest.StartShifted(t, -tt.age, fmt.Sprintf("server 127.0.0.1 port %d iburst minpoll %d maxpoll %[2]d", port, tt.poll))
			d.WaitSynchronised()
			// Until chronyd knows its frequency, its error is unknown, and the next poll is far
			// away.
			d.Wait("frequency", func() bool {
				out, _ := d.Chronyc("tracking")
				if known := !strings.Contains(out, ",1000000.0"); known {
					return true
				}
				d.Chronyc("burst", "2/4")
				return false
			})
			metrics := strings.Replace(perfdata("2", "0", "1"), "3600;86400", tt.limits, 1)
			expect(t, d, tt.code, tt.text+figures(2, "127.0.0.1"), metrics, tt.args...)
		})
	}
}

// With at most two samples chronyd never knows its frequency. After every start it is
// like that for a while.
func scenePlaceholderSkew(t *testing.T) {
	port := chronydtest.NTPServer{}.Start(t)
	d := chronydtest.Start(t, fmt.Sprintf("server 127.0.0.1 port %d minpoll 0 maxpoll 0 maxsamples 2", port))
	d.WaitSynchronised()
	metrics := withoutMetrics(perfdata("2", "0", "1"), "root_dispersion", "max_error")
	const unknown = ` [0-9.]+m?s by chronyd's count, frequency not known yet`
	text := strings.Replace(figures(2, "127.0.0.1"), ", max error "+duration, "", 1)
	expect(t, d, 0, text+", max error"+unknown, metrics)
	expect(t, d, 3, "root dispersion"+unknown+", max error"+unknown+", "+text, metrics, "--max-error-critical=1us", "--root-dispersion-critical=1us")
}

// withoutMetrics removes metrics from a pattern of perfdata.
func withoutMetrics(metrics string, labels ...string) string {
	for _, label := range labels {
		metrics = regexp.MustCompile(label+"=[^ ]+ ").ReplaceAllString(metrics, "")
	}
	return metrics
}

func sceneNumbers(t *testing.T) {
	d := chronydtest.Start(t, append(servers(t, 0, 0, 10*time.Second), "server 127.0.0.9 offline")...)
	d.Wait("two against one", func() bool {
		out, _ := d.Chronyc("sources")
		return strings.Contains(out, "^,x,") && strings.Contains(out, "^,*,") && strings.Contains(out, "^,+,")
	})
	metrics := strings.Replace(perfdata("2", "0", "2"), "reachable=[0-9];;;; falsetickers=[0-9];;;;", "reachable=3;4:;1:;; falsetickers=1;;0;;", 1)
	expect(t, d, 2, `falsetickers 1 of 4 \(outside 0\), reachable 3 of 4 \(warning: outside 4:\), 127.0.0.3 disagrees by 10s \(warning, falseticker\), `+figures(2, "127.0.0.[12]"), metrics,
		"--reachable-warning=4:", "--reachable-critical=1:", "--falsetickers-critical=0")
}
