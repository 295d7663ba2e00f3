// SPDX-License-Identifier: MIT

package e2e

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// okLine matches the first line for a healthy chronyd. Like the patterns below, it begins
// after "CHRONY ".
const okLine = `OK: offset 954ns slow, stratum 3, leap normal, reference 192\.0\.2\.1, max error 733us`

// sourcesRefused matches the line if chronyd refuses to report its sources.
const sourcesRefused = `UNKNOWN: sources not read: refused by chronyd \(add "sources" to "opencommands" in chrony\.conf, or use the Unix socket\), offset 954ns slow, .*`

// noReply matches the line if nothing usable came in time.
const noReply = `CRITICAL: no answer from chronyd at [^ ]+: no reply within [0-9.]+m?s \(is chronyd hung, [^)]*\)`

// otherVersion is the pattern if replies came in another version of the protocol.
const otherVersion = `CRITICAL: no answer from chronyd at [^ ]+: chronyd speaks protocol version %d, but this plugin needs 6`

// TestFaults acts out what a chronyd, or something in its place, can do wrong. The
// state and the line are the same over each transport and with each reader. The
// protocol has no NaN or infinity, so the extremes of its floats stand for them.
func TestFaults(t *testing.T) {
	t.Parallel()
	tracking := func(changes ...chronydtest.Change) func() chronydtest.Handler {
		return changed(chronydtest.RequestTracking, changes...)
	}
	floats := func(bits uint32) []chronydtest.Change {
		var changes []chronydtest.Change
		for i := range 9 {
			changes = append(changes, chronydtest.Set32(chronydtest.AtCurrentCorrection+4*i, bits))
		}
		return changes
	}
	const largest, smallest, lowest = 63<<25 | 1<<24 - 1, 64<<25 | 1, 63<<25 | 1<<24

	for name, tt := range map[string]struct {
		handler func() chronydtest.Handler
		want    string // of the first line, after "CHRONY "
		args    []string
	}{
		"nothing": {handler: tracking(), want: okLine},

		// Datagrams that don't come, or don't answer our request.
		"silent":           {handler: func() chronydtest.Handler { return func([]byte, int) []chronydtest.Datagram { return nil } }, want: noReply},
		"late":             {handler: delayed(time.Second), want: noReply},
		"slow":             {handler: delayed(80 * time.Millisecond), want: okLine, args: []string{"-t", "2"}},
		"first lost":       {handler: losing(1), want: okLine, args: []string{"-t", "2"}},
		"first two lost":   {handler: losing(2), want: okLine, args: []string{"-t", "2"}},
		"first three lost": {handler: losing(3), want: okLine, args: []string{"-t", "2"}},
		"junk every millisecond": {handler: func() chronydtest.Handler {
			return func(request []byte, _ int) []chronydtest.Datagram {
				junk := chronydtest.Flip(chronydtest.AtSequence)(chronydtest.Reply(request, chronydtest.Healthy()))
				datagrams := make([]chronydtest.Datagram, 1000)
				for i := range datagrams {
					datagrams[i] = chronydtest.Datagram{Bytes: junk, After: time.Millisecond}
				}
				return datagrams
			}
		}, want: noReply},
		"older protocol": {handler: tracking(chronydtest.Set8(chronydtest.AtVersion, 5)), want: fmt.Sprintf(otherVersion, 5)},
		"newer protocol": {handler: tracking(chronydtest.Set8(chronydtest.AtVersion, 7)), want: fmt.Sprintf(otherVersion, 7)},
		"wrong command":  {handler: tracking(chronydtest.Set16(chronydtest.AtCommand, 34)), want: noReply},
		"empty":          {handler: tracking(chronydtest.Cut(0)), want: noReply},
		"half a header":  {handler: tracking(chronydtest.Cut(chronydtest.HeaderLength - 1)), want: noReply},
		"duplicates": {handler: func() chronydtest.Handler {
			return func(request []byte, _ int) []chronydtest.Datagram {
				reply := chronydtest.Reply(request, chronydtest.Healthy())
				return chronydtest.Send(reply, reply, reply)
			}
		}, want: okLine},

		// Replies to our request that hold no report.
		"failure":              {handler: tracking(chronydtest.Set16(chronydtest.AtStatus, 1)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: chronyd returned an error`},
		"not authorised":       {handler: tracking(chronydtest.Set16(chronydtest.AtStatus, 2)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: refused by chronyd( \(add "tracking" to "opencommands" in chrony\.conf, or use the Unix socket\))?`},
		"unknown request":      {handler: tracking(chronydtest.Set16(chronydtest.AtStatus, 3)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: chronyd is too old for this request`},
		"disabled":             {handler: tracking(chronydtest.Set16(chronydtest.AtStatus, 6)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: disabled in chronyd`},
		"bad version":          {handler: tracking(chronydtest.Set16(chronydtest.AtStatus, 18)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: chronyd is too new for this plugin`},
		"unheard-of status":    {handler: tracking(chronydtest.Set16(chronydtest.AtStatus, 65535)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: chronyd returned an error`},
		"another reply":        {handler: tracking(chronydtest.Set16(chronydtest.AtReply, 6)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: chronyd is too new for this plugin`},
		"a header alone":       {handler: tracking(chronydtest.Cut(chronydtest.HeaderLength)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: invalid reply: truncated`},
		"the last byte cut":    {handler: tracking(chronydtest.Cut(chronydtest.TrackingLength - 1)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: invalid reply: truncated`},
		"trailing bytes":       {handler: tracking(chronydtest.Extend(500)), want: okLine},
		"more than any buffer": {handler: tracking(chronydtest.Extend(9000)), want: okLine},

		// Values that no chronyd sends, and odd ones that it does send.
		"stratum 0":           {handler: tracking(chronydtest.Set16(chronydtest.AtStratum, 0)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: invalid reply: stratum 0 of a synchronised clock`},
		"stratum 16":          {handler: tracking(chronydtest.Set16(chronydtest.AtStratum, 16)), want: `CRITICAL: stratum 16 \(outside 1:15\), offset 954ns slow, .*`},
		"stratum 255":         {handler: tracking(chronydtest.Set16(chronydtest.AtStratum, 255)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: invalid reply: stratum 255`},
		"leap 4":              {handler: tracking(chronydtest.Set16(chronydtest.AtLeapStatus, 4)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: invalid reply: leap status 4`},
		"leap 65535":          {handler: tracking(chronydtest.Set16(chronydtest.AtLeapStatus, 65535)), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: invalid reply: leap status 65535`},
		"largest floats":      {handler: tracking(floats(largest)...), want: `CRITICAL: offset [0-9]+d slow \(outside -100ms:100ms, chronyd is slewing it.*`},
		"smallest floats":     {handler: tracking(floats(smallest)...), want: `OK: offset 0s, stratum 3, .*`},
		"lowest floats":       {handler: tracking(floats(lowest)...), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: invalid reply: RMS offset -4\.61.*`},
		"negative delay":      {handler: tracking(chronydtest.Set32(chronydtest.AtCurrentCorrection+24, chronydtest.Float(-1))), want: `UNKNOWN: can't read chronyd at [^ ]+: tracking report: invalid reply: root delay -1`},
		"no high seconds":     {handler: tracking(chronydtest.Set32(chronydtest.AtReferenceTime, 0x7fffffff)), want: okLine},
		"reference time zero": {handler: tracking(chronydtest.Set32(chronydtest.AtReferenceTime+4, 0)), want: `CRITICAL: reference age [0-9]+d \(outside 1d\), .*`},
		"far future":          {handler: tracking(chronydtest.Set32(chronydtest.AtReferenceTime, 1)), want: `CRITICAL: reference time [0-9]+d in the future, .*`},
		"farthest future":     {handler: tracking(chronydtest.Set32(chronydtest.AtReferenceTime, 0x7ffffffe)), want: `CRITICAL: reference time [0-9]+d in the future, .*`},
		"before 1970":         {handler: tracking(chronydtest.Set32(chronydtest.AtReferenceTime, math.MaxUint32)), want: `CRITICAL: reference age [0-9]+d \(outside 1d\), .*`},

		// Addresses and names.
		"no address":      {handler: tracking(family(0), chronydtest.Set32(chronydtest.AtReferenceID, 0x47505300)), want: strings.Replace(okLine, `192\.0\.2\.1`, "GPS", 1)},
		"IPv6 address":    {handler: tracking(family(2)), want: strings.Replace(okLine, `192\.0\.2\.1`, "c000:201::", 1)},
		"ID for address":  {handler: tracking(family(3)), want: strings.Replace(okLine, `192\.0\.2\.1`, "ID#3221225985", 1)},
		"unknown family":  {handler: tracking(family(77)), want: strings.Replace(okLine, `192\.0\.2\.1`, `\?`, 1)},
		"hostile letters": {handler: tracking(family(0), chronydtest.Set32(chronydtest.AtReferenceID, 0x7c3b0a27)), want: strings.Replace(okLine, `192\.0\.2\.1`, `\?\?'`, 1)},

		// Sources.
		"no sources":      {handler: claiming(0), want: `WARNING: no usable source \(none is configured\), offset 954ns slow, .*`},
		"1,000 sources":   {handler: claiming(1000), want: okLine, args: []string{"-t", "9"}},
		"4,097 sources":   {handler: claiming(4097), want: `UNKNOWN: sources not read: invalid reply: 4097 sources, offset 954ns slow, .*`},
		"2^32-1 sources":  {handler: claiming(math.MaxUint32), want: `UNKNOWN: sources not read: invalid reply: 4294967295 sources, offset 954ns slow, .*`},
		"a list too long": {handler: claiming(2), want: `UNKNOWN: sources not read: chronyd returned an error, offset 954ns slow, .*`},
		"source state 6":  {handler: changed(chronydtest.RequestSource, chronydtest.Set16(chronydtest.AtState, 6)), want: `UNKNOWN: sources not read: invalid reply: source state 6, offset 954ns slow, .*`},
		"sources refused": {handler: changed(chronydtest.RequestNumberSources, chronydtest.Set16(chronydtest.AtStatus, 2)), want: sourcesRefused},
		"sources refused, and critical": {
			handler: changed(chronydtest.RequestNumberSources, chronydtest.Set16(chronydtest.AtStatus, 2)),
			want:    sourcesRefused, args: []string{"--no-sources=critical"},
		},
		"sources refused, and nothing judges them": {
			handler: changed(chronydtest.RequestNumberSources, chronydtest.Set16(chronydtest.AtStatus, 2)),
			want:    okLine, args: []string{"--no-sources=ok"},
		},
		"sources refused, and a threshold": {
			handler: changed(chronydtest.RequestNumberSources, chronydtest.Set16(chronydtest.AtStatus, 2)),
			want:    sourcesRefused, args: []string{"--no-sources=ok", "--reachable-warning=1:"},
		},
		// With this timeout the first request isn't soon sent again, to a chronyd that is dead by then.
		"dies between two requests": {args: []string{"-t", "60"}, handler: func() chronydtest.Handler {
			return func(request []byte, _ int) []chronydtest.Datagram {
				return []chronydtest.Datagram{{Bytes: chronydtest.Reply(request, chronydtest.Healthy()), Last: true}}
			}
		}, want: `UNKNOWN: sources not read: connection refused, offset 954ns slow, .*`},
		"silent after the tracking report": {handler: func() chronydtest.Handler {
			return answersTrackingOnly(100)
		}, want: `CRITICAL: offset 1m40s slow \(outside -100ms:100ms, [^)]*\), sources not read: no reply \(unknown, if the path is slow, a longer --timeout helps\), stratum 3, .*`},
		"invalid after the tracking report": {handler: func() chronydtest.Handler {
			return chronydtest.Changed(answersTracking(100), chronydtest.RequestNumberSources, chronydtest.Cut(chronydtest.HeaderLength))
		}, want: `CRITICAL: offset 1m40s slow \(outside -100ms:100ms, [^)]*\), sources not read: invalid reply: truncated \(unknown\), stratum 3, .*`},
	} {
		for _, reader := range plugintest.Readers(t) {
			for _, network := range []string{"udp4", "unixgram"} {
				t.Run(name+"/"+reader+"/"+network, func(t *testing.T) {
					t.Parallel()
					fake := chronydtest.NewFake(t, network, tt.handler())
					args := slices.Concat(fake.Args(), []string{"--reader=" + reader}, tt.args)
					timeout := "9s" // answers come at once
					if strings.Contains(tt.want, "no reply") || strings.Contains(tt.want, "speaks protocol version") {
						timeout = "300ms"
					}
					if strings.Contains(tt.want, "sources not read: no reply") {
						timeout = "1s" // what comes before is answered
					}
					if !slices.Contains(args, "-t") {
						args = append(args, "-t", timeout)
					}
					start := time.Now()
					out, code := plugintest.Run(t, nil, args...)
					if took := time.Since(start); took > 15*time.Second {
						t.Errorf("took %v", took)
					}
					first, _, _ := strings.Cut(out, "\n")
					first, _, _ = strings.Cut(first, " |")
					if !regexp.MustCompile(`^CHRONY ` + tt.want + `$`).MatchString(first) {
						t.Errorf("got  %s\nwant CHRONY %s", first, tt.want)
					}
					if err := plugintest.CheckFormat(out, code, 0); err != nil {
						t.Errorf("%v in\n%s", err, out)
					}
				})
			}
		}
	}
}

// changed answers like a healthy chronyd, with changed replies to one command.
func changed(command uint16, changes ...chronydtest.Change) func() chronydtest.Handler {
	return func() chronydtest.Handler {
		return chronydtest.Changed(chronydtest.Answer(chronydtest.Healthy()), command, changes...)
	}
}

// delayed answers tracking requests after a pause.
func delayed(pause time.Duration) func() chronydtest.Handler {
	return func() chronydtest.Handler {
		return func(request []byte, _ int) []chronydtest.Datagram {
			if chronydtest.Command(request) != chronydtest.RequestTracking {
				return chronydtest.Send(chronydtest.Reply(request, chronydtest.Healthy()))
			}
			return chronydtest.Later(pause, chronydtest.Reply(request, chronydtest.Healthy()))
		}
	}
}

// losing ignores the first requests, as if they were lost.
func losing(lost int) func() chronydtest.Handler {
	return func() chronydtest.Handler {
		return func(request []byte, n int) []chronydtest.Datagram {
			if n < lost {
				return nil
			}
			return chronydtest.Send(chronydtest.Reply(request, chronydtest.Healthy()))
		}
	}
}

// claiming claims a number of sources. If it claims 1,000, it has 1,000; otherwise it
// has one, whatever it claims.
func claiming(claimed uint32) func() chronydtest.Handler {
	report := chronydtest.Healthy()
	for claimed == 1000 && len(report.Sources) < 1000 {
		report.Sources = append(report.Sources, report.Sources[0])
	}
	return func() chronydtest.Handler {
		return chronydtest.Changed(chronydtest.Answer(report), chronydtest.RequestNumberSources,
			chronydtest.Set32(chronydtest.HeaderLength, claimed))
	}
}

// family changes the family of the reference's address (addressing.h IPADDR_*).
func family(f uint16) chronydtest.Change {
	return chronydtest.Set16(chronydtest.AtAddressFamily, f)
}

// answersTracking answers like a healthy chronyd whose clock is off by this many
// seconds.
func answersTracking(offset float64) chronydtest.Handler {
	report := chronydtest.Healthy()
	report.Tracking.CurrentCorrection = offset
	report.Tracking.ReferenceTime = report.Tracking.ReferenceTime.Add(time.Duration(offset) * time.Second)
	return chronydtest.Answer(report)
}

// answersTrackingOnly is the same, but ignores requests for sources.
func answersTrackingOnly(offset float64) chronydtest.Handler {
	return func(request []byte, n int) []chronydtest.Datagram {
		if chronydtest.Command(request) != chronydtest.RequestTracking {
			return nil
		}
		return answersTracking(offset)(request, n)
	}
}
