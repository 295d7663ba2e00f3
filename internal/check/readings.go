// SPDX-License-Identifier: MIT

package check

import (
	"time"

	"check_chrony/internal/chrony"
)

// Readings holds what is judged: chronyd's report and when it was taken.
type Readings struct {
	chrony.Report
	Now time.Time
	// Local is true if Now was read from the clock that is judged. chronyd stamps the
	// reference time with that clock as corrected, so the correction still has to be
	// added to Now. For another host, the clock of the check is taken to be right.
	Local bool
	// Names has the lookups of [Thresholds.NamesToLookUp].
	Names map[string]Name
	// Uptime is that of the host that chronyd runs on; zero if it isn't known.
	Uptime time.Duration
}

// age returns the time since the last update of the clock, in seconds.
func (r Readings) age() float64 {
	age := r.Tracking.Age(r.Now)
	if r.Local {
		age += r.Tracking.CurrentCorrection
	}
	return age
}
