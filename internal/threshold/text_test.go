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
		"": `"" is empty`, "0": `"0" is not above zero`, "-1": `"-1" is not above zero`,
		"1e11": `"1e11" is out of range`, "5x": `"5x": unknown unit "x" (want ns, us, ms, s, m, h, d, or none for seconds)`,
	} {
		if got, err := ParseDuration(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
}

func TestParseDelay(t *testing.T) {
	for text, want := range map[string]string{"0": "0s", "0m": "0s", "-0": "0s", "15m": "15m0s", "1e-9": "1ns"} {
		if got, err := ParseDelay(text); err != nil || got.String() != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"-1": `"-1" is negative`, "-5m": `"-5m" is negative`, "1e11": `"1e11" is out of range`,
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
		{Seconds, 4.2e-10, "0.42ns"},
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
		{Seconds, 1.7e9, "19676d"},
		{Seconds, 9.2e18, "106481481481481d"},
		{Seconds, 1e-13, "0ns"},
		{Seconds, -1e-13, "0ns"},
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

// amounts yields times between 1 ns and 30,000 years, round ones among them.
func amounts(yield func(float64) bool) {
	round := []float64{1, 60, 600, 3600, 36000, 86400}
	for n := 1; n <= 200_000; n += 1 + n/5000 {
		if !yield(float64(n)) || !yield(float64(n)*600) {
			return
		}
	}
	for range 50_000 {
		n := math.Pow(10, rand.Float64()*21-9)
		if rand.IntN(2) == 0 {
			n = math.Ceil(n*1e3) / 1e3
		}
		if rand.IntN(4) == 0 {
			n = max(1e-9, round[rand.IntN(len(round))]+rand.NormFloat64()*math.Pow(10, float64(-rand.IntN(10))))
		}
		if !yield(n) {
			return
		}
	}
}

// Every time that is printed has a unit, and is the same time again when parsed, but for
// the rounding.
func TestTextReadsBack(t *testing.T) {
	amounts(func(amount float64) bool {
		step := math.Pow(10, math.Floor(math.Log10(amount))-2) // three digits
		switch {
		case amount >= 86400:
			days := math.Min(math.Floor(math.Log10(amount/86400)), 2)
			step = 86400 * math.Pow(10, days-2)
		case amount >= 59.5:
			step = 1
		}
		text := Seconds.Text(amount)
		got, suffix, err := parseNumber(text, Seconds)
		if err != nil && amount < largest || suffix == "" || math.Abs(got-amount) > step*0.501 && err == nil {
			t.Errorf("%v: %q reads back as %v%s, %v", amount, text, got, suffix, err)
		}
		if _, err := ParseDuration(text); err != nil && amount < 9e9 {
			t.Errorf("%v: %q: %v", amount, text, err)
		}
		return !t.Failed()
	})
}

// The text of a value that broke a range is, when parsed, still a value that breaks it.
func TestBesideAnyRange(t *testing.T) {
	amounts(func(end float64) bool {
		for _, unit := range []Unit{Seconds, PPM} {
			broken := Range{math.Inf(-1), end, rand.IntN(2) == 0}
			value := end + math.Abs(end)*math.Pow(10, -rand.Float64()*13)
			if broken.Inside {
				value = end - math.Abs(end)*math.Pow(10, -rand.Float64()*13)
			}
			if end > 1e9 || !broken.Alert(value) {
				continue
			}
			_, text := unit.TextBeside(value, &broken)
			got, _, err := parseNumber(text, unit)
			if err != nil && value > smallest || err == nil && !broken.Alert(got) {
				t.Errorf("%v next to %s: %q reads back as %v, %v", value, broken.Text(unit, false), text, got, err)
			}
		}
		return !t.Failed()
	})
}

// A range that is printed is the same range when it is typed.
func FuzzRangeText(f *testing.F) {
	for _, s := range []string{"10", "@1:2", "~:5ms", "0:50ms", "-200us:200us", "@50ms", "1.1h", "1h30m:", "@~:0", "0", "12.345001ms", "1e-9:1e12"} {
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

func TestRangeTextRoundTrip(t *testing.T) {
	amounts(func(end float64) bool {
		if end > largest {
			return true
		}
		start := -end * rand.Float64()
		if start > -smallest || rand.IntN(3) == 0 {
			start = 0
		}
		want := Range{start, end, rand.IntN(2) == 0}
		for _, unit := range []Unit{Count, Seconds, PPM} {
			for _, signed := range []bool{false, true} {
				text := want.Text(unit, signed)
				if got, err := ParseRange(text, unit, signed); err != nil || got != want {
					t.Errorf("%+v is printed as %q, which is %+v, %v", want, text, got, err)
				}
			}
		}
		return !t.Failed()
	})
}
