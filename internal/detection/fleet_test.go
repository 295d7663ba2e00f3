// SPDX-License-Identifier: MIT

package detection

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/options"
)

// fleet is the folder of the recorded hosts.
const fleet = "../../testdata/fleet/"

// host is a recorded host.
type host struct {
	name, title string
	every       time.Duration // between two samples
	events      []event
	samples     []chronydtest.Sample
	byDefault   []check.Status // at each sample, of a local check without options
}

// event is something that happens to a host. It lasts for ever if lasts is zero.
type event struct{ at, lasts time.Duration } // at: after the first sample

// read has all recordings once they are read.
var read []host

// hosts returns all recordings, in the order of the index. It reads them once for all
// tests, which therefore can't run in parallel.
func hosts(t *testing.T) []host {
	t.Helper()
	if read != nil {
		return read
	}
	index, err := os.ReadFile(fleet + "index.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var all []host
	for _, line := range strings.Split(strings.TrimSuffix(string(index), "\n"), "\n")[1:] {
		h, samples, err := parseHost(line)
		if err != nil {
			t.Fatalf("index.tsv: %q: %v", line, err)
		}
		h.samples = chronydtest.OpenRecording(t, fleet+h.name+".rec.gz")
		if len(h.samples) != samples {
			t.Fatalf("%s: got %d samples, want %d", h.name, len(h.samples), samples)
		}
		h.byDefault = h.evaluate(t)
		all = append(all, h)
	}
	read = all
	return all
}

// parseHost reads a line of the index: "lan.rec.gz", title, seconds between
// samples, their number, and events as "600 (300), 4200", separated by tabs.
func parseHost(line string) (h host, samples int, err error) {
	fields := strings.Split(line, "\t")
	if len(fields) != 5 {
		return h, 0, fmt.Errorf("%d fields", len(fields))
	}
	every, err := strconv.Atoi(fields[2])
	if err != nil {
		return h, 0, err
	}
	if samples, err = strconv.Atoi(fields[3]); err != nil {
		return h, 0, err
	}
	h = host{name: strings.TrimSuffix(fields[0], ".rec.gz"), title: fields[1], every: time.Duration(every) * time.Second}
	for text := range strings.SplitSeq(fields[4], ", ") {
		var at, lasts int
		if text == "" {
			break
		}
		if n, err := fmt.Sscanf(text, "%d (%d)", &at, &lasts); n == 0 {
			return h, 0, err
		}
		h.events = append(h.events, event{time.Duration(at) * time.Second, time.Duration(lasts) * time.Second})
	}
	return h, samples, nil
}

// thresholdsOf returns the thresholds of a command line, and the state of
// --unreachable. References are taken as typed: no names are looked up.
func thresholdsOf(t *testing.T, args ...string) (th check.Thresholds, unreachable check.Status) {
	t.Helper()
	opts, err := options.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	return opts.Thresholds(), opts.Unreachable
}

// evaluate returns the state of a local check at each sample.
func (h host) evaluate(t *testing.T, args ...string) []check.Status {
	t.Helper()
	thresholds, unreachable := thresholdsOf(t, args...)
	states := make([]check.Status, len(h.samples))
	for i, s := range h.samples {
		states[i] = unreachable
		if s.Answered {
			states[i] = check.Evaluate(readings(s), thresholds).Status
		}
	}
	return states
}

// readings returns what a check on the host itself reads.
func readings(s chronydtest.Sample) check.Readings {
	return check.Readings{Report: s.Report, Now: s.Now(), SameClock: true}
}

// outcome is what an operator would see of a stretch of a recording.
type outcome struct {
	// hard and soft count alarms: hard ones of three or more checks in a row that
	// weren't OK, and soft ones of fewer. leastHard is the fewest hard ones of all starts
	// of the check: a fault is found if it isn't 0.
	hard, leastHard, soft int
	// notOK is the time in alarm, soft or hard; open if the recording ends in an alarm.
	notOK time.Duration
	open  bool
	// first and critical are the times of the first alarm and of the first CRITICAL,
	// from the start of the stretch; never if there was none. Some starts of the check may
	// have missed it.
	first, critical             time.Duration
	missedFirst, missedCritical bool
	// okError is the largest error of the host's clock while the state was OK, in seconds;
	// NaN if it never was.
	okError float64
}

// never is the time of something that didn't happen.
const never time.Duration = -1

// attempts is Nagios's max_check_attempts: an alarm is hard after this many checks in a
// row.
const attempts = 3

// outcome returns what a check every minute would see between two times, which count
// from the first sample. If samples are closer than a minute, the first check may fall
// on any of them: each figure is the largest of these cases.
func (h host) outcome(states []check.Status, from, to time.Duration) outcome {
	worst := outcome{first: never, critical: never, okError: math.NaN(), leastHard: math.MaxInt}
	stride := max(int(time.Minute/h.every), 1)
	for phase := range stride {
		o := h.atPhase(states, phase, stride, from, to)
		worst.hard, worst.leastHard, worst.soft = max(worst.hard, o.hard), min(worst.leastHard, o.hard), max(worst.soft, o.soft)
		worst.notOK, worst.open = max(worst.notOK, o.notOK), worst.open || o.open
		worst.first, worst.critical = max(worst.first, o.first), max(worst.critical, o.critical)
		worst.missedFirst, worst.missedCritical = worst.missedFirst || o.first == never, worst.missedCritical || o.critical == never
	}
	for i, s := range h.samples {
		if after := h.after(i); after < from || after >= to || states[i] != check.OK {
			continue
		}
		if e := math.Abs(s.ClockError()); math.IsNaN(worst.okError) || e > worst.okError {
			worst.okError = e
		}
	}
	return worst
}

// atPhase returns the outcome, without okError, of a check at every stride-th sample
// from sample phase on. An alarm belongs to the stretch in which it begins.
func (h host) atPhase(states []check.Status, phase, stride int, from, to time.Duration) outcome {
	o := outcome{first: never, critical: never}
	run := 0         // checks in a row that weren't OK
	counted := false // whether the run began in the stretch
	end := func() {
		switch {
		case !counted || run == 0:
		case run >= attempts:
			o.hard++
		default:
			o.soft++
		}
		run = 0
	}
	for i := phase; i < len(states); i += stride {
		after := h.after(i)
		within := after >= from && after < to
		if states[i] == check.OK {
			end()
			continue
		}
		if run++; run == 1 {
			counted = within
		}
		if !within {
			continue
		}
		o.notOK += time.Duration(stride) * h.every
		if o.first == never {
			o.first = after - from
		}
		if o.critical == never && states[i] == check.Critical {
			o.critical = after - from
		}
	}
	o.open = counted && run > 0
	end()
	return o
}

// after returns the time from the first sample to sample i.
func (h host) after(i int) time.Duration {
	return h.samples[i].Time.Sub(h.samples[0].Time).Round(time.Second)
}
