// SPDX-License-Identifier: MIT

package check_test

import (
	"fmt"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

func TestAuthenticated(t *testing.T) {
	const (
		nts, plain, clock = "192.0.2.1", "192.0.2.2", "clock"
		reached, silent   = 0o377, 0
	)
	type source struct {
		name  string
		state chrony.SourceState
		reach uint16
	}
	for name, tt := range map[string]struct {
		sources []source
		want    check.Status
		value   string
		metric  string
	}{
		"all":                          {[]source{{nts, chrony.Selected, reached}, {nts, chrony.Combined, reached}}, check.OK, "2 of 2 usable", "2;2:;1:"},
		"one of two":                   {[]source{{nts, chrony.Selected, reached}, {plain, chrony.Combined, reached}}, check.Warning, "1 of 2 usable outside 2:", "1;2:;1:"},
		"a reference clock counts":     {[]source{{clock, chrony.Selected, reached}, {nts, chrony.Combined, reached}}, check.OK, "2 of 2 usable", "2;2:;1:"},
		"nothing but plain":            {[]source{{plain, chrony.Selected, reached}}, check.Critical, "0 of 1 usable outside 1: (none has NTS or a key)", "0;2:;1:"},
		"NTS is silent":                {[]source{{plain, chrony.Selected, reached}, {nts, chrony.NotSelectable, silent}}, check.Critical, "0 of 1 usable outside 1: (with NTS or a key: 1 unreachable)", "0;2:;1:"},
		"NTS is silent, but combined":  {[]source{{plain, chrony.Selected, reached}, {nts, chrony.Combined, silent}}, check.Critical, "0 of 1 usable outside 1: (with NTS or a key: 1 unreachable)", "0;2:;1:"},
		"NTS is false":                 {[]source{{plain, chrony.Selected, reached}, {nts, chrony.Falseticker, reached}, {nts, chrony.NotSelectable, silent}}, check.Critical, "0 of 1 usable outside 1: (with NTS or a key: 1 unreachable, 1 falseticker)", "0;2:;1:"},
		"NTS is followed, but silent":  {[]source{{nts, chrony.Selected, silent}, {nts, chrony.Combined, reached}}, check.Critical, "0 of 0 usable outside 1: (with NTS or a key: 1 unreachable, 1 combined)", "0;2:;1:"},
		"a silent clock is no NTS":     {[]source{{clock, chrony.NotSelectable, silent}, {plain, chrony.Selected, reached}}, check.Critical, "0 of 1 usable outside 1: (none has NTS or a key)", "0;2:;1:"},
		"no source":                    {nil, check.Critical, "0 of 0 usable outside 1: (none has NTS or a key)", "0;2:;1:"},
		"NTS is kept, a further fails": {[]source{{nts, chrony.Selected, reached}, {nts, chrony.Falseticker, reached}}, check.Warning, "1 of 1 usable outside 2: (with NTS or a key: 1 falseticker)", "1;2:;1:"},
	} {
		r, th := healthyReadings(), defaults(t)
		th.Authenticated = limits(t, "2:", "1:", threshold.Count, false)
		r.Sources, r.SelectData = nil, nil
		for _, s := range tt.sources {
			source, record := chrony.Source{Address: s.name, State: s.state, Reachability: s.reach}, chrony.SelectData{Address: s.name}
			switch s.name {
			case nts:
				record.Authentication = 1
			case clock:
				source = chrony.Source{Mode: chrony.ReferenceClock, ReferenceID: 0x50505300, State: s.state, Reachability: s.reach}
				record = chrony.SelectData{ReferenceID: 0x50505300}
			}
			r.Sources, r.SelectData = append(r.Sources, source), append(r.SelectData, record)
		}
		result := check.Evaluate(r, th)
		s := find(t, result, "authenticated")
		if s.Status != tt.want || text(s) != tt.value || s.Warning != "2:" || s.Critical != "1:" {
			t.Errorf("%s: got state %d, %q (%+v); want %d, %q", name, s.Status, text(s), s, tt.want, tt.value)
		}
		if got := metric(result, "authenticated"); got != tt.metric || result.Metrics[len(result.Metrics)-1].Label != "authenticated" {
			t.Errorf("%s: got the metric %s, want %s last", name, got, tt.metric)
		}

		// A host that has just started is excused, if there is anything to excuse.
		th.Grace, r.Uptime = time.Hour, time.Minute
		if s := find(t, check.Evaluate(r, th), "authenticated"); s.Status != check.OK || tt.want == check.OK && text(s) != tt.value {
			t.Errorf("%s: got %+v during the start-up grace", name, s)
		}
		// Without a threshold nobody reads selectdata, and nothing is said.
		th.Authenticated, r.SelectData = threshold.Limits{}, nil
		result = check.Evaluate(r, th)
		if got := metric(result, "authenticated"); got != "none" {
			t.Errorf("%s: without a threshold got %s", name, got)
		}
		for _, s := range result.Subchecks {
			if s.Name == "authenticated" {
				t.Errorf("%s: without a threshold got %+v", name, s)
			}
		}
	}
}

// Whoever sets a threshold doesn't hear OK without a number. The other reports are judged.
func TestUnreadAuthentication(t *testing.T) {
	for name, tt := range map[string]struct {
		err   error
		value string
	}{
		"refused":  {chrony.ErrNotAuthorised, `not read: refused by chronyd (add "selectdata" to "opencommands" in chrony.conf from chrony 4.7 on, or use the Unix socket)`},
		"too old":  {chrony.ErrServerTooOld, "not read: chronyd is too old for this request (chrony 4.0 or newer has the selectdata report)"},
		"no reply": {fmt.Errorf("%w after 1 of 2 sources", chrony.ErrNoReply), "not read: no reply after 1 of 2 sources (if the path is slow, a longer --timeout helps)"},
		"invalid":  {fmt.Errorf("%w: truncated", chrony.ErrInvalidReply), "not read: invalid reply: truncated"},
	} {
		r, th := healthyReadings(), defaults(t)
		r.SelectData, r.SelectDataErr, r.SameClock = nil, tt.err, true
		th.Authenticated, th.Grace, r.Uptime = limits(t, "", "1:", threshold.Count, false), time.Hour, time.Minute
		result := check.Evaluate(r, th)
		if s := find(t, result, "authenticated"); result.Status != check.Unknown || text(s) != tt.value || s.Critical != "1:" {
			t.Errorf("%s: got state %d, %q (%+v); want UNKNOWN, %q", name, result.Status, text(s), s, tt.value)
		}
		if got := metric(result, "authenticated"); got != "none" {
			t.Errorf("%s: measured %s", name, got)
		}
		r.Tracking.CurrentCorrection = 100
		if got := check.Evaluate(r, th).Status; got != check.Critical {
			t.Errorf("%s: 100 s off: got state %d", name, got)
		}
	}

	// Without sources their own subcheck says so, whatever else judges them.
	r, th := healthyReadings(), defaults(t)
	r.Sources, r.SourcesErr, th.NoSources = nil, chrony.ErrNotAuthorised, check.OK
	th.Authenticated = limits(t, "1:", "", threshold.Count, false)
	if got := alarms(check.Evaluate(r, th)); len(got) != 1 || got[0][:1] != "3" {
		t.Errorf("without sources: got %q", got)
	}
}
