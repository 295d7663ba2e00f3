// SPDX-License-Identifier: MIT

package check

import (
	"time"

	"check_chrony/internal/threshold"
)

// Thresholds is what a clock is judged by. A nil range judges nothing. The zero value
// sets no thresholds at all.
type Thresholds struct {
	// OffsetWarning and OffsetCritical are in seconds and signed: positive is slow.
	OffsetWarning, OffsetCritical *threshold.Range
	// StratumWarning and StratumCritical are hops, 1 to 16.
	StratumWarning, StratumCritical *threshold.Range
	LeapWarning, LeapCritical       LeapSet
	// AgeWarning and AgeCritical are seconds since the reference time.
	AgeWarning, AgeCritical *threshold.Range
	// AgeWarningGiven and AgeCriticalGiven are true if the user gave the range. It is
	// then taken literally, and not raised to nine polling intervals.
	AgeWarningGiven, AgeCriticalGiven bool
	// SourcesWarning and SourcesCritical are numbers of usable sources.
	SourcesWarning, SourcesCritical *threshold.Range
	// ReachableWarning and ReachableCritical are numbers of reachable sources.
	ReachableWarning, ReachableCritical *threshold.Range
	// FalsetickersWarning and FalsetickersCritical are numbers of falsetickers.
	FalsetickersWarning, FalsetickersCritical *threshold.Range
	// These are in seconds.
	MaxErrorWarning, MaxErrorCritical             *threshold.Range
	RootDispersionWarning, RootDispersionCritical *threshold.Range
	RootDelayWarning, RootDelayCritical           *threshold.Range
	// SkewWarning, SkewCritical, FrequencyWarning and FrequencyCritical are in ppm;
	// the frequency is signed: positive is fast.
	SkewWarning, SkewCritical           *threshold.Range
	FrequencyWarning, FrequencyCritical *threshold.Range
	// These are in seconds. The last offset is signed, and its sign is the opposite
	// of the offset's: positive is fast.
	LastOffsetWarning, LastOffsetCritical *threshold.Range
	RMSOffsetWarning, RMSOffsetCritical   *threshold.Range

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

// judgesSources reports whether anything here judges the sources report.
func (th Thresholds) judgesSources() bool {
	for _, r := range []*threshold.Range{
		th.SourcesWarning, th.SourcesCritical, th.ReachableWarning, th.ReachableCritical,
		th.FalsetickersWarning, th.FalsetickersCritical,
	} {
		if r != nil {
			return true
		}
	}
	return th.NoSources != OK
}
