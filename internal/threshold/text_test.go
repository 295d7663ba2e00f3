// SPDX-License-Identifier: MIT

package threshold

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]string{
		"5": "5s", "2.5s": "2.5s", "500ms": "500ms", "1m": "1m0s", "1h2m5s": "1h2m5s", "1d1ns": "24h0m0.000000001s", "0.000001": "1µs",
	} {
		got, err := ParseDuration(text)
		if err != nil || got.String() != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "must not be empty", "0": `"0": must be greater than zero`, "-1": `"-1": must be greater than zero`,
		"110000d": `"110000d" is out of range (at most 104166d16h)`, "1e2": `"1e2" has an exponent (write the number in full)`,
		"5x": `"5x": unknown unit "x" (want ns, us, ms, s, m, h, d, or none for seconds)`,
	} {
		if got, err := ParseDuration(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
}

func TestParseDelay(t *testing.T) {
	for text, want := range map[string]string{"0": "0s", "0m": "0s", "-0": "0s", "15m": "15m0s", "30000d": "720000h0m0s"} {
		if got, err := ParseDelay(text); err != nil || got.String() != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "must not be empty", "-1": `"-1": must not be negative`, "-5m": `"-5m": must not be negative`,
		"5x": `"5x": unknown unit "x" (want ns, us, ms, s, m, h, d, or none for seconds)`,
	} {
		if got, err := ParseDelay(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		unit   Unit
		amount float64
		want   string
	}{
		{Seconds, 0, "0s"},
		{Seconds, 3.1e-6, "3.1us"},
		{Seconds, 0.12, "120ms"},
		{Seconds, 0.9999, "1s"},
		{Seconds, -999.9e-6, "-1ms"},
		{Seconds, 0.9994, "999ms"},
		{Seconds, -0.0123456, "-12.3ms"},
		{Seconds, 6.2e-10, "1ns"},
		{Seconds, 1.2344e-6, "1.23us"},
		{Seconds, 59.9, "59.9s"},
		{Seconds, 60, "1m"},
		{Seconds, 3600, "1h"},
		{Seconds, 3661, "1h1m1s"},
		{Seconds, 3660, "1h1m"},
		{Seconds, 16042.4, "4h27m22s"},
		{Seconds, 600, "10m"},
		{Seconds, 9000, "2h30m"},
		{Seconds, 19800, "5h30m"},
		{Seconds, 36000, "10h"},
		{Seconds, 3605, "1h5s"},
		{Seconds, 59.97, "1m"},
		{Seconds, 86399.7, "1d"},
		{Seconds, -90, "-1m30s"},
		{Seconds, 100_000, "1d4h"},
		{Seconds, 1.7e9, "19676d"},
		{Seconds, 8.9999999e9, "104167d"},
		{Seconds, 9.2e18, "106481481481481d"},
		{Seconds, -1e15, "-11574074074d"},
		{PPM, 1e10, "10000000000ppm"},
		{Seconds, 1e-13, "0s"},
		{Seconds, -1e-13, "0s"},
		{Seconds, -0.4e-9, "0s"},
		{PPM, 12.3, "12.3ppm"},
		{PPM, -0.0001, "0ppm"},
		{PPM, 20, "20ppm"},
		{Count, 3, "3"},
	} {
		if got := tt.unit.Text(tt.amount); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.amount, got, tt.want)
		}
	}
}

// Every time that is printed has a unit, and is the same time again when parsed, but for
// the rounding.
func TestTextReadsBack(t *testing.T) {
	for range 50_000 {
		n := number()
		text := Seconds.Text(toBase(n))
		got, suffixed, err := Seconds.parse(text)
		if half := Seconds.step(n)/2 + 1; err != nil && n < largest-day || !suffixed || err == nil && max(got-n, n-got) > half {
			t.Fatalf("%d: %q reads back as %d (with a unit: %t), %v", n, text, got, suffixed, err)
		}
	}
}

// The text of a value that broke a range is, when parsed, still a value that breaks it,
// and isn't an end of the range unless the value is.
func TestBesideAnyRange(t *testing.T) {
	for range 50_000 {
		end := number() % (largest / 2)
		exact := end + number()%(end+1)
		broken := Range{Start: math.Inf(-1), End: toBase(end), Inside: rand.IntN(2) == 0}
		if broken.Inside {
			exact = end - number()%(end+1)
		}
		value := toBase(exact)
		if !broken.Alert(value) {
			continue
		}
		for _, unit := range []Unit{Seconds, PPM} {
			text := unit.TextBeside(value, &broken)
			got, _, err := unit.parse(text)
			if err != nil || !broken.Alert(toBase(got)) || (toBase(got) == broken.End) != (value == broken.End) {
				t.Fatalf("%v next to %s: %q reads back as %d, %v", value, broken.Text(unit, false), text, got, err)
			}
		}
	}
}

// A range that is printed is the same range when it is typed.
func FuzzRangeText(f *testing.F) {
	for _, s := range []string{"10", "@1:2", "~:5ms", "0:50ms", "-200us:200us", "@50ms", "1.1h", "1h30m:", "@~:0", "0", "12.345001ms", "1ns:9000000000s"} {
		f.Add(s, true, 1)
		f.Add(s, false, 1)
	}
	f.Fuzz(func(t *testing.T, text string, signed bool, u int) {
		unit := Unit(u & 3 % 3)
		r, err := ParseRange(text, unit, signed)
		if err != nil {
			return
		}
		printed := r.Text(unit, signed)
		if again, err := ParseRange(printed, unit, signed); err != nil || again != r {
			t.Fatalf("%q is %+v, printed as %q, and reads back as %+v, %v", text, r, printed, again, err)
		}
		if strings.ContainsAny(printed, "eE") {
			t.Fatalf("%q is printed with an exponent", printed)
		}
	})
}
