// SPDX-License-Identifier: MIT

package check

import "time"

// Thresholds is what a clock is judged by. A nil range judges nothing. The zero value
// sets no thresholds at all.
type Thresholds struct {
	// OffsetWarning and OffsetCritical are in seconds and signed: positive is slow.
	OffsetWarning, OffsetCritical *Range
	// StratumWarning and StratumCritical are hops, 1 to 16.
	StratumWarning, StratumCritical *Range
	LeapWarning, LeapCritical       LeapSet
	// AgeWarning and AgeCritical are seconds since the reference time.
	AgeWarning, AgeCritical *Range
	// AgeWarningGiven and AgeCriticalGiven are true if the user gave the range. It is
	// then taken literally, and not raised to nine polling intervals.
	AgeWarningGiven, AgeCriticalGiven bool
	// SourcesWarning and SourcesCritical are numbers of usable sources.
	SourcesWarning, SourcesCritical *Range
	// ReachableWarning and ReachableCritical are numbers of reachable sources.
	ReachableWarning, ReachableCritical *Range
	// FalsetickersWarning and FalsetickersCritical are numbers of falsetickers.
	FalsetickersWarning, FalsetickersCritical *Range
	// These are in seconds.
	MaxErrorWarning, MaxErrorCritical             *Range
	RootDispersionWarning, RootDispersionCritical *Range
	RootDelayWarning, RootDelayCritical           *Range
	// SkewWarning, SkewCritical, FrequencyWarning and FrequencyCritical are in ppm;
	// the frequency is signed: positive is fast.
	SkewWarning, SkewCritical           *Range
	FrequencyWarning, FrequencyCritical *Range
	// These are in seconds. The last offset is signed, and its sign is the opposite
	// of the offset's: positive is fast.
	LastOffsetWarning, LastOffsetCritical *Range
	RMSOffsetWarning, RMSOffsetCritical   *Range

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
	for _, r := range []*Range{
		th.SourcesWarning, th.SourcesCritical, th.ReachableWarning, th.ReachableCritical,
		th.FalsetickersWarning, th.FalsetickersCritical,
	} {
		if r != nil {
			return true
		}
	}
	return th.NoSources != OK
}
