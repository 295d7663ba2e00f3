// SPDX-License-Identifier: MIT

package check

import (
	"fmt"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// JudgesAuthenticated reports whether there is a threshold on the number of authenticated
// sources, which needs the selectdata report.
func (th Thresholds) JudgesAuthenticated() bool {
	return th.Authenticated != threshold.Limits{}
}

// addAuthenticated judges how many usable sources are authenticated or reference clocks,
// if there is a threshold for it. chronyd silently continues with plain NTP when its
// authenticated sources are lost (chrony.conf: authselectmode).
//
// If the sources could not be read either, their own subcheck is UNKNOWN and says so.
func (r *Result) addAuthenticated(readings Readings, th Thresholds, grace time.Duration) {
	switch {
	case !th.JudgesAuthenticated() || readings.SourcesErr != nil:
	case readings.SelectDataErr != nil:
		r.add(unread("authenticated", "selectdata", th.Authenticated, readings.SelectDataErr, readings.SameClock))
	default:
		usable, authenticated, others := countAuthenticated(readings.Report)
		f := sourcesFigure("authenticated", authenticated, th.Authenticated)
		s := f.subcheck()
		s.Value += fmt.Sprintf(" of %d usable", usable)
		switch {
		case len(others) > 0:
			const each = 0 // count them even if all have the same reason
			s.Notes = []string{"with NTS or a key: " + whyUnusable(others, each)}
		case authenticated == 0:
			s.Notes = []string{"none has NTS or a key"}
		}
		s.applyGrace(grace)
		r.add(s)
		r.addMetric(f.metric())
	}
}

// countAuthenticated returns how many sources are usable, how many of those are
// authenticated or reference clocks, and why the other authenticated sources aren't usable.
func countAuthenticated(r chrony.Report) (usable, authenticated int, others map[string]int) {
	usable, others = chrony.UsableSources(r.Sources), make(map[string]int)
	states := plainStates(r)
	for i, s := range r.Sources {
		switch {
		case !r.SelectData[i].Authenticated() && s.Mode != chrony.ReferenceClock:
		case usable > 0 && s.Followed():
			authenticated++
		case r.SelectData[i].Authenticated():
			others[states[i]]++
		}
	}
	return usable, authenticated, others
}
