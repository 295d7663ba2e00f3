// SPDX-License-Identifier: MIT

package check

import (
	"time"

	"check_chrony/internal/threshold"
)

// Thresholds is what a clock is judged by. A nil range judges nothing. The zero value
// sets no thresholds at all.
type Thresholds struct {
	Offset                    threshold.Limits // seconds, positive: the clock is slow
	Stratum                   threshold.Limits // hops, 1 to 16
	LeapWarning, LeapCritical LeapSet
	Age                       threshold.Limits // seconds since the reference time
	Sources                   threshold.Limits // number of usable sources
	Reachable                 threshold.Limits // number of reachable sources
	Falsetickers              threshold.Limits // number of falsetickers
	Disagreeing               threshold.Limits // number of sources that disagree with the clock
	Authenticated             threshold.Limits // number of usable sources that are authenticated, or reference clocks
	MaxError                  threshold.Limits // seconds
	RootDispersion            threshold.Limits // seconds
	RootDelay                 threshold.Limits // seconds
	Skew                      threshold.Limits // ppm
	Frequency                 threshold.Limits // ppm, positive: the clock is fast
	LastOffset                threshold.Limits // seconds, positive: the clock was fast, unlike Offset
	RMSOffset                 threshold.Limits // seconds

	// NoSources is the state when no source is usable and the clock has gone without
	// an update for NoSourcesAfter; zero means at once.
	NoSources      Status
	NoSourcesAfter time.Duration
	// LocalReference is the state when chronyd serves its own clock ("local") and
	// follows no source.
	LocalReference Status
	// ExpectReference lists the references of which one must be followed; otherwise the
	// state is UnexpectedReference. If it is empty, any reference will do.
	ExpectReference     []Reference
	UnexpectedReference Status

	// Grace is the uptime up to which a clock may be unsynchronised or without sources.
	Grace time.Duration
}

// judgesSources reports whether the user wants the sources report to be judged. Neither
// the default limit of the disagreeing ones counts, so that --no-sources=ok is enough to
// turn this off, nor one that never alerts (--disagreeing-warning=0:).
func (th Thresholds) judgesSources() bool {
	var none threshold.Limits
	return th.NoSources != OK || th.Sources != none || th.Reachable != none || th.Falsetickers != none ||
		th.Disagreeing.AnyGiven() || th.JudgesAuthenticated()
}
