// SPDX-License-Identifier: MIT

package e2e

import (
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// If chronyd's "opencommands" leaves out a report, the message names "opencommands". The
// check is never OK then, unless nothing would have judged that report.
func TestReportsThatOpencommandsLeavesOut(t *testing.T) {
	t.Parallel()
	const (
		noSources  = "CHRONY UNKNOWN: sources not read: refused by chronyd (add \"sources\" to \"opencommands\" in chrony.conf, or use the Unix socket), offset "
		noTracking = `tracking report: refused by chronyd (add "tracking" to "opencommands" in chrony.conf, or use the Unix socket) | time=`
	)
	for name, tt := range map[string]struct {
		refused []uint16
		args    []string
		code    int
		want    string
	}{
		"sources":                               {sourcesRequests, nil, 3, noSources},
		"sources, that are critical":            {sourcesRequests, []string{"--no-sources=critical"}, 3, noSources},
		"sources, that nothing judges":          {sourcesRequests, []string{"--no-sources=ok"}, 0, "CHRONY OK: offset "},
		"sources, that a threshold judges":      {sourcesRequests, []string{"--no-sources=ok", "--sources-warning=1:"}, 3, noSources},
		"sources, that --falsetickers judges":   {sourcesRequests, []string{"--no-sources=ok", "--falsetickers-critical=1"}, 3, noSources},
		"sources, and another figure is worse":  {sourcesRequests, []string{"-c", "1ns"}, 2, "CHRONY CRITICAL: offset "},
		"sources, their number known":           {[]uint16{chronydtest.RequestSource}, nil, 3, noSources},
		"tracking":                              {[]uint16{chronydtest.RequestTracking}, nil, 3, noTracking},
		"tracking, that nothing seems to judge": {[]uint16{chronydtest.RequestTracking}, []string{"--unreachable=ok", "--no-sources=ok"}, 3, noTracking},
		"both":                                  {append(sourcesRequests, chronydtest.RequestTracking), []string{"--no-sources=ok"}, 3, noTracking},
	} {
		for _, network := range []string{"udp4", "udp6"} {
			fake := chronydtest.NewFake(t, network, refusing(tt.refused...))
			want := strings.Replace(tt.want, "tracking report", "CHRONY UNKNOWN: can't read chronyd at "+fake.Address+": tracking report", 1)
			for _, reader := range plugintest.Readers(t) {
				out, code := plugintest.Run(t, nil, append(append(fake.Args(), tt.args...), "--reader="+reader)...)
				checkOutput(t, name+", "+network+", "+reader, out, code, tt.code, want)
				if tt.code == 2 && !strings.Contains(out, "sources not read: refused by chronyd (unknown, add ") {
					t.Errorf("%s: got %q", name, out)
				}
			}
		}
	}
}

var sourcesRequests = []uint16{chronydtest.RequestNumberSources, chronydtest.RequestSource}

// A chronyd before 1.29.1 answers in version 5 of the protocol, or refuses version 6.
// The plugin names the version.
func TestAnotherProtocolVersionIsSaid(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"udp4", "udp6", "unixgram"} {
		fake := chronydtest.NewFake(t, network, func(request []byte, _ int) []chronydtest.Datagram {
			const badVersion = 18 // candm.h's STT_BADPKTVERSION
			return chronydtest.Send(chronydtest.Set8(chronydtest.AtVersion, 5)(chronydtest.Header(request, chronydtest.ReplyNull, badVersion)))
		})
		for _, reader := range plugintest.Readers(t) {
			t.Run(network+", "+reader, func(t *testing.T) {
				t.Parallel()
				out, code := plugintest.Run(t, nil, append(fake.Args(), "-t", "2s", "--unreachable=warning", "--reader="+reader)...)
				checkOutput(t, reader, out, code, 1, "CHRONY WARNING: no answer from chronyd at "+fake.Address+": chronyd speaks protocol version 5, but this plugin needs 6 | time=")
			})
		}
	}
}
