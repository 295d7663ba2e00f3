// SPDX-License-Identifier: MIT

package chrony_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"check_chrony/internal/chrony"
)

func TestValidateRefusesWhatNoChronydSends(t *testing.T) {
	for name, spoil := range map[string]func(*chrony.Tracking){
		"stratum 17":               func(t *chrony.Tracking) { t.Stratum = 17 },
		"stratum 0, synchronised":  func(t *chrony.Tracking) { t.Stratum, t.LeapStatus = 0, chrony.LeapNormal },
		"leap status 4":            func(t *chrony.Tracking) { t.LeapStatus = 4 },
		"NaN current correction":   func(t *chrony.Tracking) { t.CurrentCorrection = math.NaN() },
		"infinite last offset":     func(t *chrony.Tracking) { t.LastOffset = math.Inf(1) },
		"negative RMS offset":      func(t *chrony.Tracking) { t.RMSOffset = -1e-9 },
		"NaN frequency":            func(t *chrony.Tracking) { t.FrequencyPPM = math.NaN() },
		"infinite residual":        func(t *chrony.Tracking) { t.ResidualFrequencyPPM = math.Inf(-1) },
		"negative skew":            func(t *chrony.Tracking) { t.SkewPPM = -1 },
		"negative root delay":      func(t *chrony.Tracking) { t.RootDelay = -1 },
		"negative root dispersion": func(t *chrony.Tracking) { t.RootDispersion = -1 },
		"negative update interval": func(t *chrony.Tracking) { t.UpdateInterval = -1 },
	} {
		tracking := chrony.Tracking{Stratum: 16, LeapStatus: chrony.LeapNotSynchronised, CurrentCorrection: -1}
		if err := tracking.Validate(); err != nil {
			t.Fatalf("a valid report is refused: %v", err)
		}
		spoil(&tracking)
		if err := tracking.Validate(); !errors.Is(err, chrony.ErrInvalidReply) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestReference(t *testing.T) {
	for _, tt := range []struct {
		tracking chrony.Tracking
		want     string
	}{
		{chrony.Tracking{ReferenceID: 0xC0000201, Address: "192.0.2.1"}, "192.0.2.1"},
		{chrony.Tracking{ReferenceID: 0x47505300}, "GPS"},
		{chrony.Tracking{ReferenceID: chrony.LocalReferenceID}, "local"},
		{chrony.Tracking{ReferenceID: 0x01020304}, "01020304"},
		{chrony.Tracking{ReferenceID: 0x7C0A2722}, `|'"`}, // cleaned when it is printed
	} {
		if got := tt.tracking.Reference(); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.tracking.ReferenceID, got, tt.want)
		}
	}
}

func TestMaxErrorIsChronycsBound(t *testing.T) {
	tracking := chrony.Tracking{CurrentCorrection: -0.25, RootDispersion: 0.5, RootDelay: 2}
	if got, want := tracking.MaxError(), 0.25+0.5+1; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAgeDoesNotSaturate(t *testing.T) {
	now := time.Unix(1_700_000_000, 500)
	for _, tt := range []struct {
		reference time.Time
		want      float64
	}{
		{time.Unix(1_699_999_990, 0), 10.0000005},
		{time.Unix(1_700_000_005, 500), -5},
		{time.Unix(1<<40, 500), 1_700_000_000 - 1<<40},
	} {
		got := chrony.Tracking{ReferenceTime: tt.reference}.Age(now)
		if math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%v: got %v, want %v", tt.reference, got, tt.want)
		}
	}
}

// A chronyd with 32-bit time marks the high half as absent. libchrony 0.2 takes the
// mark for a number.
func TestTimestampWithoutHighSeconds(t *testing.T) {
	for _, tt := range []struct {
		seconds     uint64
		nanoseconds uint32
		want        time.Time
	}{
		{1_700_000_000, 1, time.Unix(1_700_000_000, 1)},
		{0x7fffffff<<32 | 1_700_000_000, 0, time.Unix(1_700_000_000, 0)},
		{1<<32 | 5, 0, time.Unix(1<<32+5, 0)},
		{0, math.MaxUint32, time.Unix(0, 999_999_999)},
	} {
		if got := chrony.Timestamp(tt.seconds, tt.nanoseconds); !got.Equal(tt.want) {
			t.Errorf("%#x, %d: got %v, want %v", tt.seconds, tt.nanoseconds, got, tt.want)
		}
	}
}
