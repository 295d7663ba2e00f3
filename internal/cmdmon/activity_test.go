// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

// The activity report is asked for once, and only if there are sources but none is
// usable. Without it, everything else that was read is kept.
func TestActivityReadIfNoSourceIsUsable(t *testing.T) {
	const invalid, unauthorised = 3, 2 // candm.h's STT_INVALID, STT_UNAUTH
	offline := chrony.Activity{Offline: 2}
	for name, tt := range map[string]struct {
		sources []chrony.Source
		reply   func(request []byte) []chronydtest.Datagram // nil: the right one
		asked   bool
		want    *chrony.Activity
	}{
		"usable":     {[]chrony.Source{{Address: "192.0.2.1", State: chrony.Selected, Reachability: 1}}, nil, false, nil},
		"no sources": {nil, nil, false, nil},
		"unusable":   {[]chrony.Source{{Address: "192.0.2.1"}}, nil, true, &offline},
		"selected, but unreachable": {
			[]chrony.Source{{Address: "192.0.2.1"}, {Address: "192.0.2.2", State: chrony.Combined, Reachability: 1}},
			nil, true, &offline,
		},
		"refused": {[]chrony.Source{{Address: "192.0.2.1"}}, func(request []byte) []chronydtest.Datagram {
			return chronydtest.Send(chronydtest.Header(request, chronydtest.ReplyNull, unauthorised))
		}, true, nil},
		"not known": {[]chrony.Source{{Address: "192.0.2.1"}}, func(request []byte) []chronydtest.Datagram {
			return chronydtest.Send(chronydtest.Header(request, chronydtest.ReplyNull, invalid))
		}, true, nil},
		"cut short": {[]chrony.Source{{Address: "192.0.2.1"}}, func(request []byte) []chronydtest.Datagram {
			return chronydtest.Send(chronydtest.Activity(request, offline)[:chronydtest.ActivityLength-1])
		}, true, nil},
		"another report": {[]chrony.Source{{Address: "192.0.2.1"}}, func(request []byte) []chronydtest.Datagram {
			return chronydtest.Send(chronydtest.NumberSources(request, 1))
		}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			report := healthy()
			report.Sources, report.Activity = tt.sources, &offline
			var fakes [2]*chronydtest.Fake
			for i := range fakes {
				fakes[i] = chronydtest.NewFake(t, "udp4", func(request []byte, n int) []chronydtest.Datagram {
					if tt.reply != nil && chronydtest.Command(request) == chronydtest.RequestActivity {
						return tt.reply(request)
					}
					return chronydtest.Answer(report)(request, n)
				})
			}
			n, l := readBoth(t, fakes[0].Address, fakes[1].Address, neverResent)
			checkAgree(t, neverResent, n, l, nil)
			want := 2 + len(tt.sources)
			if tt.asked {
				want++
			}
			for i, r := range []reading{n, l} {
				if len(r.report.Sources) != len(tt.sources) || r.report.SourcesErr != nil || r.report.Tracking.Stratum != report.Tracking.Stratum {
					t.Errorf("got %+v", r.report)
				}
				if got := r.report.Activity; (got == nil) != (tt.want == nil) || got != nil && *got != *tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
				if got := len(fakes[i].Requests()); got != want && (i == 0 || got > 0) { // none without libchrony
					t.Errorf("%d requests, want %d", got, want)
				}
			}
		})
	}
}

// A chronyd that answers everything but activity takes half of the time, and loses
// nothing that was read.
func TestSilenceOnActivity(t *testing.T) {
	const timeout = 800 * time.Millisecond
	report := healthy()
	report.Sources = []chrony.Source{{Address: "192.0.2.1"}}
	handler := func(request []byte, n int) []chronydtest.Datagram {
		if chronydtest.Command(request) == chronydtest.RequestActivity {
			return nil
		}
		return chronydtest.Answer(report)(request, n)
	}
	for _, network := range networks() {
		n, l := readBoth(t, chronydtest.NewFake(t, network, handler).Address, chronydtest.NewFake(t, network, handler).Address, timeout)
		checkAgree(t, timeout, n, l, nil)
		for _, r := range []reading{n, l} {
			if r.report.Activity != nil || len(r.report.Sources) != 1 || r.report.Tracking.Stratum != report.Tracking.Stratum {
				t.Errorf("%s: got %+v", network, r.report)
			}
			if r.elapsed < timeout/4 || r.elapsed >= timeout {
				t.Errorf("%s: took %s of %s", network, r.elapsed, timeout)
			}
		}
	}
}
