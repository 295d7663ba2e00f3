// SPDX-License-Identifier: MIT

package check_test

import (
	"math"
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
				th.AgeWarningGiven, th.AgeCriticalGiven = true, true
			},
			want: check.Warning, limits: "3600;86400",
		},
		"maxpoll 17, an explicit warning": {
			poll: 17, age: day + time.Second,
			change: func(_ *check.Readings, th *check.Thresholds) { th.AgeWarningGiven = true },
			want:   check.Warning, limits: "3600;1179648",
		},
		"maxpoll 17, an explicit critical": {
			poll: 17, age: day + time.Second,
			change: func(_ *check.Readings, th *check.Thresholds) { th.AgeCriticalGiven = true },
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
		r, th := right(), defaults(t)
		r.Sources[0].Poll = tt.poll
		r.Tracking.ReferenceTime = now.Add(-tt.age)
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
	r := right()
	r.Sources[0].Poll = 10
	r.Tracking.ReferenceTime = now.Add(-3 * time.Hour)
	s := find(t, check.Evaluate(r, defaults(t)), "reference age")
	if s.Reason != "outside 2h33m36s" || s.Warning != "2h33m36s" || s.Critical != "1d" {
		t.Errorf("got %+v", s)
	}
}

// Until its third sample chronyd lets the root dispersion grow by a second every second.
func TestThePlaceholderOfSkewMakesErrorsUnknown(t *testing.T) {
	for skew, known := range map[float64]bool{0: true, 99_999: true, 100_000: false, 1_000_000: false} {
		r, th := right(), defaults(t)
		r.Tracking.SkewPPM, r.Tracking.RootDispersion = skew, 60
		th.MaxError = limits(t, "", "1s", threshold.Seconds, false)
		th.RootDispersion = th.MaxError
		result := check.Evaluate(r, th)
		want := check.OK
		if known {
			want = check.Critical
		}
		for label, name := range map[string]string{"max_error": "max error", "root_dispersion": "root dispersion"} {
			s := find(t, result, name)
			unknown := text(s) == "unknown (skew "+threshold.PPM.Text(skew)+")" && s.Critical == "1s"
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
