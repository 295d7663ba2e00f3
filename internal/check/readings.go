// SPDX-License-Identifier: MIT

package check

import (
	"time"

	"check_chrony/internal/chrony"
)

// Readings is what is judged: chronyd's report and when it was taken.
type Readings struct {
	chrony.Report
	Now time.Time
	// Local reports that Now was read from the clock that is judged. chronyd stamps
	// the reference time with that clock as corrected; on another host the clock
	// of the check is taken for right.
	Local bool
	// Uptime of the host that chronyd runs on; zero where it isn't known.
	Uptime time.Duration
}

// age is the time since the last update of the clock, in seconds.
func (r Readings) age() float64 {
	age := r.Tracking.Age(r.Now)
	if r.Local {
		age += r.Tracking.CurrentCorrection
	}
	return age
}
