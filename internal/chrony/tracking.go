// SPDX-License-Identifier: MIT

package chrony

import (
	"fmt"
	"math"
	"time"
)

// Tracking is chronyd's tracking report (candm.h RPY_Tracking, "chronyc tracking").
//
// While the clock is not synchronised chronyd fills most fields with
// placeholders (stratum 0, reference time 0, root delay and dispersion 1 s):
// check [Tracking.Synchronised] before using them.
type Tracking struct {
	// ReferenceID names the source that the clock follows.
	ReferenceID RefID
	// Address is the address of that source; empty for a reference clock, in local
	// mode, and while the clock is not synchronised.
	Address string
	// Stratum is 1 for a host with a reference clock, and one more for every hop
	// from it; 0 while the clock is not synchronised.
	Stratum uint16
	// LeapStatus announces a leap second, or says that the clock is not synchronised.
	LeapStatus LeapStatus
	// ReferenceTime is when the last sample of the source was processed (UTC).
	ReferenceTime time.Time
	// CurrentCorrection is what remains to be corrected, in seconds: chronyc's
	// "System time". Positive means that the local clock is slow.
	CurrentCorrection float64
	// LastOffset is the estimated offset at the last clock update, in seconds.
	// Positive means that the clock was fast: the opposite sign of
	// CurrentCorrection.
	LastOffset float64
	// RMSOffset is a long-term average of the offset, in seconds.
	RMSOffset float64
	// FrequencyPPM is the rate, in ppm, by which the clock would be wrong if chronyd
	// didn't correct it. Positive means fast.
	FrequencyPPM float64
	// ResidualFrequencyPPM is the difference between the frequency that the source's last
	// samples indicate and the one in use, in ppm. It is signed.
	ResidualFrequencyPPM float64
	// SkewPPM is the error bound on the frequency, in ppm.
	SkewPPM float64
	// RootDelay is the round-trip network delay to the stratum-1 server, in seconds.
	RootDelay float64
	// RootDispersion is the dispersion accumulated on the way to the stratum-1
	// server, in seconds.
	RootDispersion float64
	// UpdateInterval is the time between the last two clock updates, in seconds. It
	// doesn't grow when the source is lost, so it doesn't show the age.
	UpdateInterval float64
}

// Synchronised reports whether the clock follows anything at all, chronyd's own
// local reference included.
func (t Tracking) Synchronised() bool {
	return t.LeapStatus != LeapNotSynchronised
}

// Reference returns what the clock follows, as an operator would name it: an address,
// "local", or the ID of a reference clock, such as GPS.
func (t Tracking) Reference() string {
	switch {
	case t.Address != "":
		return t.Address
	case t.ReferenceID == LocalReferenceID:
		return "local"
	default:
		return t.ReferenceID.Name()
	}
}

// MaxError returns the bound that chronyc's manual gives for the clock's error, in
// seconds: |system time offset| + root dispersion + root delay / 2.
func (t Tracking) MaxError() float64 {
	return math.Abs(t.CurrentCorrection) + t.RootDispersion + t.RootDelay/2
}

// Age returns the time from the reference time to now, in seconds. It is negative if
// the reference time lies in the future.
func (t Tracking) Age(now time.Time) float64 {
	// Not now.Sub: a Duration saturates at 292 years, which would hide nonsense.
	return float64(now.Unix()-t.ReferenceTime.Unix()) +
		float64(now.Nanosecond()-t.ReferenceTime.Nanosecond())/1e9
}

// Validate returns an error for values that no chronyd sends. It wraps
// [ErrInvalidReply].
func (t Tracking) Validate() error {
	if t.Stratum > MaxStratum {
		return fmt.Errorf("%w: stratum %d", ErrInvalidReply, t.Stratum)
	}
	if t.LeapStatus > LeapNotSynchronised {
		return fmt.Errorf("%w: leap status %d", ErrInvalidReply, uint16(t.LeapStatus))
	}
	// Stratum 0 means that there is no reference: a chronyd that follows a source
	// reports that source's stratum plus one.
	if t.Stratum == 0 && t.Synchronised() {
		return fmt.Errorf("%w: stratum 0 of a synchronised clock", ErrInvalidReply)
	}
	for _, f := range []struct {
		name  string
		value float64
		bound float64
	}{
		{"current correction", t.CurrentCorrection, math.Inf(-1)},
		{"last offset", t.LastOffset, math.Inf(-1)},
		{"RMS offset", t.RMSOffset, 0},
		{"frequency", t.FrequencyPPM, math.Inf(-1)},
		{"residual frequency", t.ResidualFrequencyPPM, math.Inf(-1)},
		{"skew", t.SkewPPM, 0},
		{"root delay", t.RootDelay, 0},
		{"root dispersion", t.RootDispersion, 0},
		{"update interval", t.UpdateInterval, 0},
	} {
		if math.IsNaN(f.value) || math.IsInf(f.value, 0) || f.value < f.bound {
			return fmt.Errorf("%w: %s %g", ErrInvalidReply, f.name, f.value)
		}
	}
	return nil
}

// MaxStratum is NTP_MAX_STRATUM, the stratum of a server that is not synchronised.
const MaxStratum = 16
