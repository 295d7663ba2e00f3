// SPDX-License-Identifier: MIT

package check_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

func TestAgeLimitsFollowThePollingInterval(t *testing.T) {
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		poll   int16
		age    time.Duration
		change func(*check.Readings, *check.Thresholds)
		want   check.Status
		limits string // as perfdata shows them
	}{
		"8 polls":          {poll: 10, age: 8 * 1024 * time.Second, want: check.OK, limits: "9216;86400"},
		"9 polls":          {poll: 10, age: 9 * 1024 * time.Second, want: check.OK, limits: "9216;86400"},
		"and a second":     {poll: 10, age: 9217 * time.Second, want: check.Warning, limits: "9216;86400"},
		"a day":            {poll: 10, age: day + time.Second, want: check.Critical, limits: "9216;86400"},
		"short polls":      {poll: 6, age: time.Hour, want: check.OK, limits: "3600;86400"},
		"short polls, old": {poll: 6, age: time.Hour + time.Second, want: check.Warning, limits: "3600;86400"},
		"less than 1 s":    {poll: -7, age: time.Hour + time.Second, want: check.Warning, limits: "3600;86400"},
		"maxpoll 17":       {poll: 17, age: 8 * 131072 * time.Second, want: check.OK, limits: "1179648;1179648"},
		"maxpoll 17, old":  {poll: 17, age: 9*131072*time.Second + time.Second, want: check.Critical, limits: "1179648;1179648"},
		"maxpoll 17, explicit": {
			poll: 17, age: time.Hour + time.Second,
			change: func(_ *check.Readings, th *check.Thresholds) {
				th.Age.Warning.Given, th.Age.Critical.Given = true, true
			},
			want: check.Warning, limits: "3600;86400",
		},
		"maxpoll 17, an explicit warning": {
			poll: 17, age: day + time.Second,
			change: func(_ *check.Readings, th *check.Thresholds) { th.Age.Warning.Given = true },
			want:   check.Warning, limits: "3600;1179648",
		},
		"maxpoll 17, an explicit critical": {
			poll: 17, age: day + time.Second,
			change: func(_ *check.Readings, th *check.Thresholds) { th.Age.Critical.Given = true },
			want:   check.Critical, limits: "1179648;86400",
		},
		"none at all": {
			poll: 10, age: 9217 * time.Second,
			change: func(_ *check.Readings, th *check.Thresholds) { th.Age = threshold.Limits{} },
			want:   check.OK, limits: ";",
		},
		"none is selected: by the one that was": {
			poll: 10, age: 9216 * time.Second,
			change: func(r *check.Readings, th *check.Thresholds) {
				r.Sources[0].State, th.NoSources = chrony.Falseticker, check.OK
			},
			want: check.OK, limits: "9216;86400",
		},
		"the one that was is gone": {
			poll: 10, age: time.Hour + time.Second,
			change: func(r *check.Readings, th *check.Thresholds) {
				r.Sources, th.NoSources = r.Sources[1:], check.OK
			},
			want: check.Warning, limits: "3600;86400",
		},
		"sources refused": {
			poll: 10, age: time.Hour + time.Second,
			change: func(r *check.Readings, th *check.Thresholds) {
				r.Sources, r.SourcesErr, th.NoSources = nil, chrony.ErrNotAuthorised, check.OK
			},
			want: check.Warning, limits: "3600;86400",
		},
		"a reference clock": {
			poll: 10, age: 9216 * time.Second,
			change: func(r *check.Readings, th *check.Thresholds) {
				r.Tracking.Address, r.Tracking.ReferenceID = "", 0x47505300
				r.Sources = []chrony.Source{
					{ReferenceID: 0x50505300, Mode: chrony.ReferenceClock, State: chrony.Falseticker, Poll: 4},
					{ReferenceID: 0x47505300, Mode: chrony.ReferenceClock, State: chrony.Falseticker, Poll: 10},
				}
				th.NoSources = check.OK
			},
			want: check.OK, limits: "9216;86400",
		},
		"a poll that no chronyd has": {
			poll: math.MaxInt16, age: 9*(1<<24)*time.Second + time.Second,
			want: check.Critical, limits: "3600;86400",
		},
	} {
		r, th := healthyReadings(), defaults(t)
		r.Sources[0].Poll = tt.poll
		r.Tracking.ReferenceTime = now.Add(-tt.age)
		r.Tracking.RootDispersion = 0.06 // so that the warning limit counts though the source answers
		if tt.change != nil {
			tt.change(&r, &th)
		}
		result := check.Evaluate(r, th)
		_, shown, _ := strings.Cut(metric(result, "reference_age"), ";")
		if result.Status != tt.want || shown != tt.limits {
			t.Errorf("%s: got state %d, limits %s, %q; want %d, %s", name, result.Status, shown, alarms(result), tt.want, tt.limits)
		}
	}
}

// The text and the table show the range by which the age is judged.
func TestTheRaisedLimitIsShown(t *testing.T) {
	r := healthyReadings()
	r.Sources[0].Poll = 10
	r.Tracking.ReferenceTime, r.Tracking.RootDispersion = now.Add(-3*time.Hour), 0.06
	s := find(t, check.Evaluate(r, defaults(t)), "reference age")
	if s.Reason != "outside 2h33m36s" || s.Warning != "2h33m36s" || s.Critical != "1d" {
		t.Errorf("got %+v", s)
	}
}

// If the path to a source becomes longer in one direction, chronyd drops its samples for
// hours, and the clock is as good as before. The default warning limit is there for
// sources that are lost.
func TestAnOldSampleOfASourceThatAnswers(t *testing.T) {
	const dropped = "192.0.2.1 answers, but chronyd drops its samples "
	for name, tt := range map[string]struct {
		age    time.Duration
		change func(*check.Readings, *check.Thresholds)
		want   check.Status
		text   string
		limits string // as perfdata shows them
	}{
		"it is good": {age: 2*time.Hour + 34*time.Minute, text: dropped + "(last used 2h34m ago)", limits: ";86400"},
		"young":      {age: 2 * time.Hour, text: "reference age 2h", limits: "9216;86400"},
		"a day":      {age: 25 * time.Hour, want: check.Critical, text: dropped + "(last used 1d1h ago)", limits: "9216;86400"},
		"max error of 50 ms": {
			age: 3 * time.Hour, change: func(r *check.Readings, _ *check.Thresholds) {
				r.Tracking.CurrentCorrection, r.Tracking.RootDispersion, r.Tracking.RootDelay = 0, 0.05, 0
			},
			text: dropped + "(last used 3h ago)", limits: ";86400",
		},
		"max error above 50 ms": {
			age: 3 * time.Hour, change: func(r *check.Readings, _ *check.Thresholds) { r.Tracking.RootDispersion = 0.05 },
			want: check.Warning, text: dropped + "(last used 3h ago)", limits: "9216;86400",
		},
		"a limit that was given": {
			age: 3 * time.Hour, change: func(_ *check.Readings, th *check.Thresholds) { th.Age.Warning.Given = true },
			want: check.Warning, text: dropped + "(last used 3h ago)", limits: "3600;86400",
		},
		"a limit that was given, below nine polls": {
			age: 2 * time.Hour, change: func(_ *check.Readings, th *check.Thresholds) { th.Age.Warning.Given = true },
			want: check.Warning, text: "reference age 2h outside 1h", limits: "3600;86400",
		},
		"unreachable": {
			age: 3 * time.Hour, change: func(r *check.Readings, th *check.Thresholds) {
				r.Sources[0].Reachability, th.NoSources = 0, check.OK
			},
			want: check.Warning, text: "reference age 3h outside 2h33m36s", limits: "9216;86400",
		},
		"sources that aren't known": {
			age: 3 * time.Hour, change: func(r *check.Readings, th *check.Thresholds) {
				r.Sources, r.SourcesErr, th.NoSources = nil, chrony.ErrNotAuthorised, check.OK
			},
			want: check.Warning, text: "reference age 3h outside 1h", limits: "3600;86400",
		},
		"newer samples that chronyd doesn't drop": {
			age: 3 * time.Hour, change: func(r *check.Readings, _ *check.Thresholds) { r.Sources[0].LastSampleAgo = 20 },
			text: "reference age 3h", limits: ";86400",
		},
		"no sample": {
			age: 3 * time.Hour, change: func(r *check.Readings, _ *check.Thresholds) { r.Sources[0].LastSampleAgo = chrony.NoSample },
			text: "reference age 3h", limits: ";86400",
		},
	} {
		r, th := healthyReadings(), defaults(t)
		r.Tracking.ReferenceTime = now.Add(-tt.age)
		r.Sources[0].Poll, r.Sources[0].LastSampleAgo = 10, uint32(tt.age.Seconds())+5
		if tt.change != nil {
			tt.change(&r, &th)
		}
		result := check.Evaluate(r, th)
		s := result.Subchecks[len(result.Subchecks)-1]
		_, shown, _ := strings.Cut(metric(result, "reference_age"), ";")
		if got := s.Name + " " + text(s); result.Status != tt.want || s.Status != tt.want || got != tt.text || shown != tt.limits {
			t.Errorf("%s: got state %d, %q, limits %s; want %d, %q, %s", name, result.Status, got, shown, tt.want, tt.text, tt.limits)
		}
		if isDropped := strings.HasPrefix(tt.text, dropped); s.Headline != isDropped {
			t.Errorf("%s: on the first line: %t", name, s.Headline)
		}
	}
}

// A graph shows by how much the reference time lies in the future, though the age is judged
// as none.
func TestAFutureReferenceTimeIsMeasured(t *testing.T) {
	r := healthyReadings()
	r.Tracking.ReferenceTime = now.Add(500 * time.Millisecond)
	if got := check.Evaluate(r, defaults(t)); got.Status != check.OK || metric(got, "reference_age") != "-0.5;3600;86400" {
		t.Errorf("got %+v, %s", alarms(got), metric(got, "reference_age"))
	}
}

// Until its third sample chronyd lets the root dispersion grow by a second every second.
func TestPlaceholderSkew(t *testing.T) {
	for skew, known := range map[float64]bool{0: true, 99_999: true, 100_000: false, 1_000_000: false} {
		r, th := healthyReadings(), defaults(t)
		r.Tracking.SkewPPM, r.Tracking.RootDispersion = skew, 60
		th.RootDispersion = limits(t, "", "2s", threshold.Seconds, false)
		result := check.Evaluate(r, th)
		want := check.OK
		if known {
			want = check.Critical
		}
		for label, name := range map[string]string{"max_error": "max error", "root_dispersion": "root dispersion"} {
			s := find(t, result, name)
			unknown := text(s) == "1m by chronyd's count, frequency not known yet" && s.Critical == "2s"
			if measured := metric(result, label) != "none"; result.Status != want || measured != known || unknown == known {
				t.Errorf("skew %v: got state %d, %+v, measured: %t", skew, result.Status, s, measured)
			}
		}
		// The skew itself can be judged.
		th.Skew = limits(t, "90000ppm", "", threshold.PPM, false)
		if got := find(t, check.Evaluate(r, th), "skew").Status == check.Warning; got != (skew > 90_000) {
			t.Errorf("skew %v: judged %t", skew, got)
		}
	}
}

// Who asks for a bound must not hear OK without one.
func TestLimitsOnUnknownErrors(t *testing.T) {
	const text = "1m by chronyd's count, frequency not known yet"
	for name, tt := range map[string]struct {
		limits        threshold.Limits
		warningGiven  bool
		criticalGiven bool
		uptime        time.Duration
		want          check.Status
		notes         []string
	}{
		"defaults":                    {limits: limits(t, "600ms", "2s", threshold.Seconds, false)},
		"a warning that was given":    {limits: limits(t, "1s", "2s", threshold.Seconds, false), warningGiven: true, want: check.Unknown},
		"a critical that was given":   {limits: limits(t, "", "2s", threshold.Seconds, false), criticalGiven: true, want: check.Unknown},
		"during the grace":            {limits: limits(t, "", "2s", threshold.Seconds, false), criticalGiven: true, uptime: time.Minute, notes: []string{"start-up grace, 9m left"}},
		"after the grace":             {limits: limits(t, "", "2s", threshold.Seconds, false), criticalGiven: true, uptime: 10 * time.Minute, want: check.Unknown},
		"inverted":                    {limits: limits(t, "@1s:30s", "2s", threshold.Seconds, false), warningGiven: true, want: check.Unknown},
		"a lower bound":               {limits: limits(t, "1ms:", "2s", threshold.Seconds, false), warningGiven: true, want: check.Unknown},
		"switched off: 0:":            {limits: limits(t, "0:", "~:", threshold.Seconds, false), warningGiven: true, criticalGiven: true},
		"one of them is switched off": {limits: limits(t, "0:", "2s", threshold.Seconds, false), warningGiven: true},
	} {
		r, th := healthyReadings(), defaults(t)
		r.Tracking.SkewPPM, r.Tracking.RootDispersion, r.Uptime = 1e6, 60, tt.uptime
		th.Grace = 10 * time.Minute
		if tt.warningGiven {
			tt.limits.Warning.Given = true
		}
		tt.limits.Critical.Given = tt.criticalGiven
		th.MaxError, th.RootDispersion = tt.limits, tt.limits
		result := check.Evaluate(r, th)
		for _, figure := range []string{"max error", "root dispersion"} {
			s := find(t, result, figure)
			if s.Value != text || s.Status != tt.want || s.Reason != "" || !slices.Equal(s.Notes, tt.notes) || result.Status != tt.want {
				t.Errorf("%s: got state %d, %+v", name, result.Status, s)
			}
		}
	}
}
