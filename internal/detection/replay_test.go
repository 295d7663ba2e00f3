// SPDX-License-Identifier: MIT

package detection

import (
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/output"
	"check_chrony/internal/plugintest"
	"check_chrony/internal/threshold"
)

// These are the goals of the rules: ordinary and lossy hosts alert nobody, and every
// fault alerts in time. -u may rewrite the page, but these goals must still be met.
func TestDetectionGoals(t *testing.T) {
	type goal struct {
		hard, soft int           // at most
		within     time.Duration // of the first alarm after the event, which every start finds; 0: none is wanted
		critical   time.Duration // likewise, of the first CRITICAL
		toTheEnd   bool          // whether the alarm lasts
	}
	const many = 99
	goals := map[string]goal{
		"pool4-loss1": {}, "pool4-loss10": {}, "lan": {}, "refclock": {}, "asymmetric": {}, "minpoll4-loss30": {},
		"one-server-maxpoll17": {}, "servers-reboot": {}, "server-reboots-maxpoll4": {},
		"one-server-loss30": {hard: 2, soft: 4}, "three-appliances": {hard: 1, soft: 2}, "boot": {soft: 1},
		"outages-pool4, 10 min": {}, "outages-maxpoll6, 10 min": {},
		"outages-pool4, 12 h":    {many, many, 162 * time.Minute, 0, false},
		"outages-pool4, 3 d":     {many, many, 162 * time.Minute, 24 * time.Hour, false},
		"outages-maxpoll6, 12 h": {many, many, 16 * time.Minute, 0, false},
		"outages-maxpoll6, 3 d":  {many, many, 16 * time.Minute, 24*time.Hour + time.Minute, false},
		// No later than before these rules.
		"jump-2h":                {many, many, time.Minute, time.Minute, false},
		"jump-20s":               {many, many, time.Minute, time.Minute, false},
		"jump-minus-5s":          {many, many, 11 * time.Minute, 13 * time.Minute, false},
		"jump-minus-5s-maxpoll6": {many, many, 2 * time.Minute, 7 * time.Minute, false},
		"server-1s-wrong":        {many, many, 10 * time.Minute, 10 * time.Minute, false},
		"two-servers-disagree":   {many, many, 10 * time.Minute, 10 * time.Minute, false},
		"no-control":             {many, many, time.Second, time.Second, true},
		"nearest-dies":           {many, many, 150 * time.Minute, 0, false},
		"lan-nearest-dies":       {many, many, 72 * time.Minute, 0, false},
		// What only sources that disagree, and max error, show.
		"majority-wrong":          {many, many, 10 * time.Minute, 0, true},
		"date-plus-3s":            {many, many, 3 * time.Minute, 0, false},
		"vm-stopped-2s":           {many, many, 2 * time.Minute, 0, false},
		"relay-lost-upstream":     {many, many, 8*24*time.Hour - 90*time.Minute, 0, true},
		"smear-1of4":              {many, many, 2 * time.Hour, 0, false},
		"suspend-8h":              {many, many, time.Minute, time.Minute, false},
		"witness-server-1s-wrong": {many, many, 17 * time.Minute, 0, true},
		"witness-clock-minus-5s":  {many, many, 2 * time.Minute, 0, false},
		"lan-20ms-daily":          {}, "witness-ordinary": {}, "bufferbloat": {hard: 1},
	}
	seen := 0
	for _, h := range hosts(t) {
		if len(h.events) > 0 {
			if o := h.outcome(h.byDefault, 0, h.events[0].at); o.notOK != 0 {
				t.Errorf("%s: before anything happens:%s", h.name, o)
			}
		}
		for _, part := range h.stretches() {
			name := h.part(part)
			g, ok := goals[name]
			if !ok {
				continue
			}
			seen++
			o := h.outcome(h.byDefault, part.from, part.to)
			if o.hard > g.hard || o.soft > g.soft ||
				g.within > 0 && (o.leastHard == 0 || o.missedFirst || o.first > g.within) ||
				g.critical > 0 && (o.missedCritical || o.critical > g.critical) ||
				g.toTheEnd && h.lastOK() >= part.from+o.first {
				t.Errorf("%s: want %+v, got%s", name, g, o)
			}
		}
	}
	if seen != len(goals) {
		t.Errorf("saw %d of %d", seen, len(goals))
	}
}

// lastOK returns when the state was OK for the last time.
func (h host) lastOK() time.Duration {
	for i := len(h.byDefault) - 1; i >= 0; i-- {
		if h.byDefault[i] == check.OK {
			return h.after(i)
		}
	}
	return never
}

// The default limits of the disagreeing sources and of max error alert only where the
// clock or a server is wrong by more than 50 ms, or the frequency runs away.
func TestAlarmsAdded(t *testing.T) {
	want := map[string]int{ // samples that would be OK without these limits
		"jump-minus-5s": 7, "jump-minus-5s-maxpoll6": 1, "server-1s-wrong": 7, "frequency-100ppm": 1,
		"majority-wrong": 788, "date-plus-3s": 56, "relay-lost-upstream": 352, "smear-1of4": 1267, "vm-stopped-2s": 58,
		"witness-server-1s-wrong": 461, "witness-clock-minus-5s": 8,
	}
	for _, h := range hosts(t) {
		without := h.evaluate(t, "--disagreeing-warning=0:", "--max-error-warning=~:", "--max-error-critical=~:")
		added := 0
		for i, state := range h.byDefault {
			if state != check.OK && without[i] == check.OK {
				added++
			}
		}
		if added != want[h.name] {
			t.Errorf("%s: got %d, want %d", h.name, added, want[h.name])
		}
	}
}

// TestReplay replays two recorded hosts to the whole plugin, with both readers. States
// and figures equal those of [check.Evaluate] on what the test itself has read from the
// file.
func TestReplay(t *testing.T) {
	chronydtest.Slow(t)
	// What changes with the time of the check.
	passing := regexp.MustCompile(`(reference_)?age[ =][0-9.hmds]+|last update [0-9.hms]+ ago|time=[0-9.]+s`)
	for name, step := range map[string]int{"jump-20s": 5, "nearest-dies": 4} {
		samples := chronydtest.OpenRecording(t, fleet+name+".rec.gz")
		for _, reader := range plugintest.Readers(t) {
			t.Run(name+" "+reader, func(t *testing.T) {
				t.Parallel()
				var now atomic.Pointer[chronydtest.Handler]
				fake := chronydtest.NewFake(t, "udp4", func(request []byte, n int) []chronydtest.Datagram { return (*now.Load())(request, n) })
				thresholds, _ := thresholdsOf(t)
				states := make(map[int]int)
				for i := 0; i < len(samples); i += step {
					s := samples[i]
					answer := s.Answer(time.Now())
					now.Store(&answer)
					got, code := plugintest.Run(t, nil, append(fake.Args(), "--reader="+reader)...)
					var b strings.Builder
					result := check.Evaluate(readings(s), thresholds)
					result.Metrics = append(result.Metrics, check.Metric{Label: "time", Unit: threshold.Seconds})
					wantCode := output.Write(&b, result, nil)
					want := passing.ReplaceAllString(b.String(), "")
					if got = passing.ReplaceAllString(got, ""); got != want || code != wantCode {
						t.Fatalf("sample %d: got %d\n%swant %d\n%s", i+1, code, got, wantCode, want)
					}
					states[code]++
				}
				if states[0] == 0 || len(states) < 2 {
					t.Errorf("replayed states %s only", fmt.Sprint(states))
				}
			})
		}
	}
}
