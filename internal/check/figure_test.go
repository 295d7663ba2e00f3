// SPDX-License-Identifier: MIT

package check

import (
	"math"
	"testing"

	"check_chrony/internal/threshold"
)

// The text of a value that broke a range is, when parsed, still a value that breaks it,
// and isn't that of the end of the range.
func TestBesideARange(t *testing.T) {
	for _, tt := range []struct {
		value  float64
		unit   threshold.Unit
		limit  string
		signed bool
		want   string
	}{
		{0.06, threshold.Seconds, "50ms", true, "60ms slow (outside -50ms:50ms)"},
		{0.05000001, threshold.Seconds, "50ms", true, "50.00001ms slow (outside -50ms:50ms)"},
		{-0.05000001, threshold.Seconds, "50ms", true, "50.00001ms fast (outside -50ms:50ms)"},
		{-1e-9, threshold.Seconds, "0:50ms", true, "1ns fast (outside 0:50ms)"},
		{-1e-13, threshold.Seconds, "0:50ms", true, "0s"}, // less than a nanosecond
		{-0.06, threshold.Seconds, "0:50ms", true, "60ms fast (outside 0:50ms)"},
		{0.01, threshold.Seconds, "@50ms", true, "10ms slow (inside 0:50ms)"},
		{0.05, threshold.Seconds, "@0:50ms", true, "50ms slow (inside 0:50ms)"},
		{0.0499989, threshold.Seconds, "@40ms:49.999ms", true, "49.9989ms slow (inside 40ms:49.999ms)"},
		{-1e-13, threshold.Seconds, "1ms", true, "0s"},
		{0.99991, threshold.Seconds, "999.9ms", false, "1s (outside 999.9ms)"},
		{1.2, threshold.Seconds, "999.9ms", false, "1.2s (outside 999.9ms)"},
		{3600.4, threshold.Seconds, "1h", false, "1h400ms (outside 1h)"},
		{86400.4, threshold.Seconds, "1d", false, "1d400ms (outside 1d)"},
		{86500, threshold.Seconds, "1d", false, "1d1m40s (outside 1d)"},
		{100000, threshold.Seconds, "1d", false, "1d4h (outside 1d)"},
		{9220, threshold.Seconds, "9216", false, "2h33m40s (outside 2h33m36s)"},
		{9216.0001, threshold.Seconds, "9216", false, "2h33m36.0001s (outside 2h33m36s)"},
		{1e15, threshold.Seconds, "1h", true, "11574074074d slow (outside -1h:1h)"},
		{-1e15, threshold.Seconds, "1h", true, "11574074074d fast (outside -1h:1h)"},
		{5.0000001, threshold.PPM, "5", false, "5.0000001ppm (outside 5ppm)"},
		{math.Nextafter(5, 6), threshold.PPM, "5", false, "5ppm"},
		{math.Nextafter(0.05, 1), threshold.Seconds, "50ms", true, "50ms slow"},
		{10, threshold.Count, "1:9", false, "10 (outside 1:9)"},
	} {
		limit, err := threshold.ParseRange(tt.limit, tt.unit, tt.signed)
		if err != nil {
			t.Fatal(err)
		}
		f := figure{value: tt.value, unit: tt.unit, limits: threshold.Limits{Critical: &limit}, signed: tt.signed}
		if tt.signed {
			f.signs = [2]string{"slow", "fast"}
		}
		s := f.subcheck()
		got := s.Value
		if s.Reason != "" {
			got += " (" + s.Reason + ")"
		}
		if got != tt.want {
			t.Errorf("%v, %s: got %q, want %q", tt.value, tt.limit, got, tt.want)
		}
	}
}
