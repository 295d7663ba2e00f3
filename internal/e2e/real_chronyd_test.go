// SPDX-License-Identifier: MIT

package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// Patterns for what differs from run to run.
const (
	duration = `[0-9.]+(ns|us|ms|s|m[0-9]*s?)`
	sign     = duration + ` (slow|fast)`
	number   = `-?[0-9]+\.[0-9]{9}s`
	ppm      = `-?[0-9]+\.[0-9]{3}`
)

// atOnce makes --no-sources apply at once, not only after a while without an update.
const atOnce = "--no-sources-after=0"

// perfdata returns the pattern for all metrics of a synchronised clock with this
// stratum, leap status and number of usable sources, and the default thresholds.
func perfdata(stratum, leap, sources string) string {
	return fmt.Sprintf(`offset=%[1]s;-0\.05:0\.05;-0\.1:0\.1;; stratum=%[3]s;1:9;1:15;0;16 leap_status=%[4]s;;;0;3 `+
		`last_offset=%[1]s;;;; rms_offset=%[1]s;;;; frequency=%[2]s;;;; residual_freq=%[2]s;;;; skew=%[2]s;;;; `+
		`root_delay=%[1]s;;;; root_dispersion=%[1]s;;;; update_interval=%[1]s;;;; max_error=%[1]s;0\.6;2;; `+
		`reference_age=%[1]s;3600;86400;; sources=%[5]s;;;; reachable=[0-9];;;; falsetickers=[0-9];;;; disagreeing=[0-9];0;;; time=%[1]s;;;;`, number, ppm, stratum, leap, sources)
}

// settleTimeout is how long a chronyd may take to settle. It needs more polls on a busy
// machine, where its samples differ.
const settleTimeout = 40 * time.Second

// expect runs the plugin against a chronyd and compares its exit code and the whole
// line. It tries again until chronyd has settled.
func expect(t *testing.T, d *chronydtest.Daemon, code int, text, metrics string, args ...string) {
	t.Helper()
	want := regexp.MustCompile(fmt.Sprintf(`^CHRONY %s: %s \| %s\n$`, [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[code], text, metrics))
	var got string
	var gotCode int
	for end := time.Now().Add(settleTimeout); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		if got, gotCode = plugintest.Run(t, nil, append(d.Args(), args...)...); gotCode == code && want.MatchString(got) {
			return
		}
	}
	t.Errorf("%s: got %d\n%swant %d\n%s", strings.Join(args, " "), gotCode, got, code, want)
}

// Real chronyds act out the states that the plugin is there to detect.
func TestScenes(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	for name, scene := range map[string]func(*testing.T){
		"source killed":         sceneSourceKilled,
		"source offline":        sceneSourceOffline,
		"no majority":           sceneNoMajority,
		"a falseticker":         sceneFalseticker,
		"a high stratum":        sceneHighStratum,
		"a large offset":        sceneLargeOffset,
		"a leap second":         sceneLeapSecond,
		"a reference clock":     sceneReferenceClock,
		"sources of all kinds":  sceneSources,
		"local after a failure": sceneLocalFallback,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t)
		})
	}
}

// After its source has died, chronyd 4.3 goes on reporting leap Normal, stratum 6 and a
// small offset.
func sceneSourceKilled(t *testing.T) {
	server := chronydtest.Start(t, "local stratum 5")
	d := chronydtest.Start(t, fmt.Sprintf("server 127.0.0.1 port %d iburst minpoll 0 maxpoll 0", server.NTPPort))
	d.WaitSynchronised()
	expect(t, d, 0, "offset "+sign+", stratum 6, leap normal, reference 127.0.0.1, max error "+duration, perfdata("6", "0", "1"))
	server.Stop()

	// After eight lost polls nothing is reachable any more.
	d.Wait("loss", func() bool { out, _ := d.Chronyc("sources"); return strings.Contains(out, ",0,0,") })
	rest := ", offset " + sign + ", stratum 6, leap normal, reference 127.0.0.1, max error " + duration
	expect(t, d, 1, "no usable source of 1: unreachable"+rest, perfdata("6", "0", "0"), atOnce)
	expect(t, d, 2, "no usable source of 1: unreachable"+rest, perfdata("6", "0", "0"), "--no-sources=critical", atOnce)
	// The age alone shows it, too.
	expect(t, d, 2, "reference age "+duration+` \(outside 3s\)`+rest,
		strings.Replace(perfdata("6", "0", "0"), "3600;86400", "2;3", 1),
		"--no-sources=ok", "--age-warning=2s", "--age-critical=3s")
}

func sceneSourceOffline(t *testing.T) {
	_, d := chronydtest.StartPair(t)
	if _, err := d.Chronyc("offline"); err != nil {
		t.Fatal(err)
	}
	// It takes effect after any burst of requests that is under way.
	d.Wait("effect", func() bool { out, _ := d.Chronyc("sources"); return strings.HasPrefix(out, "^,?,") })
	expect(t, d, 1, "no usable source of 1: offline, offset "+sign+", stratum 6, leap normal, reference 127.0.0.1, max error "+duration,
		perfdata("6", "0", "0"), atOnce)
}

// servers starts NTP servers with these shifts, and returns their lines for
// chrony.conf.
func servers(t *testing.T, shifts ...time.Duration) []string {
	var lines []string
	for _, shift := range shifts {
		// chronyd treats two servers at one address as one.
		lines = append(lines, fmt.Sprintf("server 127.0.0.%d port %d iburst minpoll 0 maxpoll 2",
			len(lines)+1, chronydtest.NTPServer{Shift: shift}.StartAt(t, fmt.Sprintf("127.0.0.%d", len(lines)+1))))
	}
	return lines
}

// If two servers disagree, chronyd trusts neither.
func sceneNoMajority(t *testing.T) {
	d := chronydtest.Start(t, servers(t, 0, 10*time.Second)...)
	d.Wait("disagreement", func() bool { out, _ := d.Chronyc("sources"); return strings.Count(out, "^,x,") == 2 })
	expect(t, d, 2, `clock not synchronised, no usable source of 2: all falsetickers \(warning\)`,
		`leap_status=3;;;0;3 sources=0;;;; reachable=2;;;; falsetickers=2;;;; time=`+number+`;;;;`)
}

func sceneFalseticker(t *testing.T) {
	d := chronydtest.Start(t, servers(t, 0, 0, 10*time.Second)...)
	d.Wait("two against one", func() bool {
		out, _ := d.Chronyc("sources")
		return strings.Contains(out, "^,x,") && strings.Contains(out, "^,*,") && strings.Contains(out, "^,+,")
	})
	rest := "offset " + sign + ", stratum 2, leap normal, reference 127.0.0.[12], max error " + duration
	disagrees := `127.0.0.3 disagrees by 10s \(falseticker\), `
	expect(t, d, 1, disagrees+rest, perfdata("2", "0", "2"))
	expect(t, d, 1, `sources 2 usable of 3 \(outside 3:, 3 reachable, falsetickers: 1\), `+disagrees+rest,
		strings.Replace(perfdata("2", "0", "2"), "sources=2;", "sources=2;3:", 1), "--sources-warning=3:")
}

func sceneHighStratum(t *testing.T) {
	d := chronydtest.Start(t, chronydtest.ServerLine(chronydtest.NTPServer{Stratum: 12}.Start(t)))
	d.WaitSynchronised()
	rest := ", offset " + sign + ", leap normal, reference 127.0.0.1, max error " + duration
	expect(t, d, 1, `stratum 13 \(outside 1:9\)`+rest, perfdata("13", "0", "1"))
}

// chronyd -x can't correct the clock, so the whole offset remains.
func sceneLargeOffset(t *testing.T) {
	for shift, text := range map[time.Duration]string{
		90 * time.Second: `1m30s slow`, -2 * time.Hour: `2h fast`, 75 * time.Millisecond: `7[3-7](\.[0-9])?ms slow`,
	} {
		d := chronydtest.Start(t, chronydtest.ServerLine(chronydtest.NTPServer{Shift: shift}.Start(t)))
		d.WaitSynchronised()
		code, limit, limited := 2, `-100ms:100ms, chronyd is slewing it, "chronyc makestep" would step it`, `stratum 2, leap normal, reference 127.0.0.1, max error [0-9.hms]+ \(follows from the offset\)`
		if shift < 100*time.Millisecond && shift > 0 {
			code, limit, limited = 1, "-50ms:50ms", "stratum 2, leap normal, reference 127.0.0.1, max error [0-9.ms]+"
		}
		expect(t, d, code, fmt.Sprintf(`offset %s \(outside %s\), %s`, text, limit, limited), perfdata("2", "0", "1"))
	}
}

// chronyd believes in a leap second only on its day. It is told that today is the 30th
// of June, so its samples look old to the plugin.
func sceneLeapSecond(t *testing.T) {
	shift := time.Until(time.Date(2026, 6, 30, 23, 0, 0, 0, time.UTC)).Truncate(time.Second)
	for leap, text := range map[uint8]string{1: "insert second", 2: "delete second"} {
		port := chronydtest.NTPServer{Leap: leap, Shift: shift}.Start(t)
		d := chronydtest.StartShifted(t, shift, chronydtest.ServerLine(port))
		d.Wait("announcement", func() bool {
			out, _ := d.Chronyc("tracking")
			return strings.HasSuffix(strings.ToLower(out), text)
		})
		metrics := strings.Replace(perfdata("2", fmt.Sprint(leap), "1"), "3600;86400", "~:;~:", 1)
		old := []string{"--age-warning=~:", "--age-critical=~:"}
		rest := "offset " + sign + ", stratum 2, %sreference 127.0.0.1, max error " + duration
		expect(t, d, 0, fmt.Sprintf(rest, "leap "+text+", "), metrics, old...)
		expect(t, d, 1, "leap "+text+", "+fmt.Sprintf(rest, ""), metrics, append(old, "--leap-warning=insert,delete")...)
	}
}

func sceneReferenceClock(t *testing.T) {
	clock := chronydtest.NewReferenceClock(t)
	d := chronydtest.Start(t, clock.Line("GPS"))
	clock.Feed(t)
	d.WaitSynchronised()
	rest := "offset (" + sign + "|0s), stratum 1, leap normal, %smax error " + duration
	metrics := perfdata("1", "0", "1")
	expect(t, d, 0, fmt.Sprintf(rest, "reference GPS, "), metrics)
	expect(t, d, 0, fmt.Sprintf(rest, "reference GPS, "), metrics, "--expect-reference=192.0.2.1,GPS")
	expect(t, d, 1, `reference GPS \(expected PPS, which is not among the sources\), `+fmt.Sprintf(rest, ""), metrics, "--expect-reference=PPS")
}

func sceneSources(t *testing.T) {
	d := chronydtest.Start(t,
		"server ::1 iburst", "server nosuch.invalid iburst", chronydtest.NewReferenceClock(t).Line("PPS"),
		chronydtest.ServerLine(chronydtest.NTPServer{}.Start(t)))
	d.WaitSynchronised()
	out, _ := plugintest.Run(t, nil, append(d.Args(), "-v")...)
	for _, row := range []string{
		`source +state +stratum +poll +reach +last sample +disagrees`,
		`PPS +unreachable +0 +0 +0 +none +-`,
		`::1 +unreachable +0 +6 +0 +none +-`,
		`\(unresolved\) +unresolved +0 +6 +0 +none +-`,
		`127\.0\.0\.1 +selected +1 +[0-2] +[0-7]+ +[0-9]+s ago, ` + duration + `( fast| slow)? \+/- ` + duration + ` +-`,
	} {
		if !regexp.MustCompile(`(?m)^` + row + `$`).MatchString(out) {
			t.Errorf("no row %q in\n%s", row, out)
		}
	}
}

// A chronyd with "local" stops following its dead source and serves its own clock as
// synchronised.
func sceneLocalFallback(t *testing.T) {
	server := chronydtest.Start(t, "local stratum 5")
	d := chronydtest.Start(t, fmt.Sprintf("server 127.0.0.1 port %d iburst minpoll 0 maxpoll 0", server.NTPPort),
		"local stratum 8 distance 0.000001")
	d.Wait("local mode", func() bool { out, _ := d.Chronyc("tracking"); return strings.HasPrefix(out, "7F7F0101") })
	server.Stop()
	expect(t, d, 1, `reference local \(chronyd follows no source(, 1 configured: unreachable)?\), offset (`+sign+"|0s), stratum 8, leap normal, max error "+duration, perfdata("8", "0", "[01]"))
}
