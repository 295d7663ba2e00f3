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
	// SameClock is true if Now was read from the clock that is judged. chronyd's reference
	// time has the correction applied, so it has to be added to Now too. For another host,
	// this host's clock is assumed to be correct.
	SameClock bool
	// Names has the lookups of [Thresholds.NamesToLookUp].
	Names map[string]Name
	// Uptime is that of the host that chronyd runs on; zero if it isn't known.
	Uptime time.Duration
}

// age returns the time since the last update of the clock, in seconds.
func (r Readings) age() float64 {
	age := r.Tracking.Age(r.Now)
	if r.SameClock {
		age += r.Tracking.CurrentCorrection
	}
	return age
}
