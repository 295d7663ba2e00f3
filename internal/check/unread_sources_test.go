// SPDX-License-Identifier: MIT

package check_test

import (
	"fmt"
	"strings"
	"testing"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// The tracking report is judged whatever kept the sources from being read.
func TestUnreadSources(t *testing.T) {
	const hint = ` (add "sources" to "opencommands" in chrony.conf, or use the Unix socket)`
	silent := fmt.Errorf("%w after 6 of 10 sources", chrony.ErrNoReply)
	const slow = `not read: no reply after 6 of 10 sources (does "cmdratelimit" limit this host? if the path is slow, a longer --timeout helps)`
	nobody := func(th *check.Thresholds) { th.NoSources = check.OK }
	disagreeing := func(limit string) func(*check.Thresholds) {
		return func(th *check.Thresholds) {
			th.NoSources, th.Disagreeing = check.OK, limits(t, limit, "", threshold.Count, false)
			th.Disagreeing.Warning.Given = true
		}
	}
	for name, tt := range map[string]struct {
		err        error
		thresholds func(*check.Thresholds)
		want       check.Status
		value      string
	}{
		"refused":                  {chrony.ErrNotAuthorised, nil, check.Unknown, "not read: refused by chronyd" + hint},
		"refused, and critical":    {chrony.ErrNotAuthorised, func(th *check.Thresholds) { th.NoSources = check.Critical }, check.Unknown, "not read: refused by chronyd" + hint},
		"refused, nobody asked":    {chrony.ErrNotAuthorised, nobody, check.OK, "not read: refused by chronyd" + hint},
		"refused, 0 may disagree":  {chrony.ErrNotAuthorised, disagreeing("0"), check.Unknown, "not read: refused by chronyd" + hint},
		"refused, any may":         {chrony.ErrNotAuthorised, disagreeing("0:"), check.OK, "not read: refused by chronyd" + hint},
		"disabled":                 {chrony.ErrDisabled, nil, check.Unknown, "not read: disabled in chronyd"},
		"disabled, nobody asked":   {chrony.ErrDisabled, nobody, check.OK, "not read: disabled in chronyd"},
		"no reply":                 {silent, nil, check.Unknown, slow},
		"no reply, nobody asked":   {silent, nobody, check.Unknown, slow},
		"invalid, nobody asked":    {fmt.Errorf("%w: source state 6", chrony.ErrInvalidReply), nobody, check.Unknown, "not read: invalid reply: source state 6"},
		"refused, wrapped, no one": {fmt.Errorf("sources report: %w", chrony.ErrNotAuthorised), nobody, check.OK, "not read: sources report: refused by chronyd" + hint},
	} {
		r, th := healthyReadings(), defaults(t)
		r.Sources, r.SourcesErr = nil, tt.err
		if tt.thresholds != nil {
			tt.thresholds(&th)
		}
		result := check.Evaluate(r, th)
		if s := find(t, result, "sources"); result.Status != tt.want || text(s) != tt.value {
			t.Errorf("%s: got state %d, %q; want %d, %q", name, result.Status, text(s), tt.want, tt.value)
		}
		for _, label := range []string{"sources", "reachable", "falsetickers"} {
			if got := metric(result, label); got != "none" {
				t.Errorf("%s: measured %s=%s", name, label, got)
			}
		}

		// What can't be judged doesn't hide what is wrong.
		r.Tracking.CurrentCorrection = 100
		result = check.Evaluate(r, th)
		if got := alarms(result); result.Status != check.Critical || !strings.HasPrefix(got[0], "2 offset 1m40s slow") {
			t.Errorf("%s: 100 s off: got state %d, %q", name, result.Status, got)
		}
	}
	// Any threshold on a number of sources needs the sources.
	warning, critical := limits(t, "1:", "", threshold.Count, false), limits(t, "", "1:", threshold.Count, false)
	for _, set := range []func(*check.Thresholds){
		func(th *check.Thresholds) { th.Sources = warning }, func(th *check.Thresholds) { th.Sources = critical },
		func(th *check.Thresholds) { th.Reachable = warning }, func(th *check.Thresholds) { th.Reachable = critical },
		func(th *check.Thresholds) { th.Falsetickers = warning }, func(th *check.Thresholds) { th.Falsetickers = critical },
	} {
		r, th := healthyReadings(), defaults(t)
		r.Sources, r.SourcesErr, th.NoSources = nil, chrony.ErrNotAuthorised, check.OK
		set(&th)
		if got := check.Evaluate(r, th).Status; got != check.Unknown {
			t.Errorf("with %+v: got state %d", th, got)
		}
	}
}
