// SPDX-License-Identifier: MIT

package threshold

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

var inf = math.Inf(1)

func TestParseRange(t *testing.T) {
	for _, tt := range []struct {
		text   string
		unit   Unit
		signed bool
		want   Range
	}{
		// The table of the guidelines, "Threshold and Ranges".
		{"10", Count, false, Range{Start: 0, End: 10}},
		{"10:", Count, false, Range{Start: 10, End: inf}},
		{"~:10", Count, false, Range{Start: -inf, End: 10}},
		{"10:20", Count, false, Range{Start: 10, End: 20}},
		{"@10:20", Count, false, Range{Start: 10, End: 20, Inside: true}},
		// Both ends may be the same, or open.
		{"5:5", Count, false, Range{Start: 5, End: 5}},
		{"~:", Count, false, Range{Start: -inf, End: inf}},
		{"@~:10", Count, false, Range{Start: -inf, End: 10, Inside: true}},
		{"-20:-10", Count, false, Range{Start: -20, End: -10}},
		{"0", Count, false, Range{Start: 0, End: 0}},
		{"@5", Count, false, Range{Start: 0, End: 5, Inside: true}},
		// Units, converted to base units and without floating-point noise.
		{"50ms", Seconds, false, Range{Start: 0, End: 0.05}},
		{"35ms", Seconds, false, Range{Start: 0, End: 0.035}},
		{"-200us:200us", Seconds, true, Range{Start: -0.0002, End: 0.0002}},
		{"1h", Seconds, false, Range{Start: 0, End: 3600}},
		{"1m:2d", Seconds, false, Range{Start: 60, End: 172800}},
		{"0:5ms", Seconds, false, Range{Start: 0, End: 0.005}},
		{"~:5ms", Seconds, false, Range{Start: -inf, End: 0.005}},
		{"5ms:", Seconds, false, Range{Start: 0.005, End: inf}},
		{".5", Seconds, false, Range{Start: 0, End: 0.5}},
		{"12.345678901", Seconds, false, Range{Start: 0, End: 12.345678901}},
		{"1.1h", Seconds, false, Range{Start: 0, End: 3960}},
		{"9000000000", Count, false, Range{Start: 0, End: 9e9}},
		// A time in parts, the largest first.
		{"1h30m", Seconds, false, Range{Start: 0, End: 5400}},
		{"-1m30.5s:1h", Seconds, false, Range{Start: -90.5, End: 3600}},
		{"5ppm", PPM, false, Range{Start: 0, End: 5}},
		{"-5ppm:10ppm", PPM, true, Range{Start: -5, End: 10}},
		// A bare N for a signed figure.
		{"50ms", Seconds, true, Range{Start: -0.05, End: 0.05}},
		{"0", Seconds, true, Range{Start: 0, End: 0}},
		{"0:50ms", Seconds, true, Range{Start: 0, End: 0.05}},
		{"@50ms", Seconds, true, Range{Start: 0, End: 0.05, Inside: true}},
	} {
		got, err := ParseRange(tt.text, tt.unit, tt.signed)
		if err != nil || got != tt.want {
			t.Errorf("%q: got %+v, %v; want %+v", tt.text, got, err, tt.want)
		}
	}
}

func TestParseRangeNamesWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		text string
		unit Unit
		want string
	}{
		{"", Seconds, "must not be empty"},
		{" ", Seconds, `" " is not a number`},
		{"@", Seconds, `"" is not a number`},
		{":", Seconds, `":": missing start before ":" (want 0: or ~:)`},
		{":10", Seconds, `":10": missing start before ":" (want 0: or ~:)`},
		{"~", Seconds, `"~" is not a number`},
		{"10:~", Seconds, `"~" is not a number`},
		{"1:2:3", Seconds, `"1:2:3" has more than one colon (want start:end)`},
		{"1:2:", Seconds, `"1:2:" has more than one colon (want start:end)`},
		{"@@1", Seconds, `"@1" is not a number`},
		{"20:10", Seconds, `"20:10": start is greater than end`},
		{"-5", Seconds, `"-5" is negative (want start:end)`},
		{"-5:5ms", Seconds, `"-5:5ms" has a unit at one end only`},
		{"nan", Seconds, `"nan" is not a number`},
		{"NaN:1", Seconds, `"NaN" is not a number`},
		{"inf", Seconds, `"inf" is not a number`},
		{"-Inf:1", Seconds, `"-Inf" is not a number`},
		{"0x10", Seconds, `"0x10": unknown unit "x" (want ns, us, ms, s, m, h, d, or none for seconds)`},
		{"1_000", Seconds, `"1_000": unknown unit "_" (want ns, us, ms, s, m, h, d, or none for seconds)`},
		{"1.2.3", Seconds, `"1.2.3" is not a number`},
		{"1.", Seconds, `"1." is not a number`},
		{".", Seconds, `"." is not a number`},
		{"1.s", Seconds, `"1.s" is not a number`},
		{"+1", Seconds, `"+1" is not a number`},
		{"--version", Seconds, `"--version" is not a number`},
		{"1 ms", Seconds, `"1 ms": unknown unit " ms" (want ns, us, ms, s, m, h, d, or none for seconds)`},
		{"0,5", Seconds, `"0,5": unknown unit "," (want ns, us, ms, s, m, h, d, or none for seconds)`},
		{"5µs", Seconds, `"5\u00b5s": unknown unit "\u00b5s" (want ns, us, ms, s, m, h, d, or none for seconds)`},
		{"5ms", PPM, `"5ms": unknown unit "ms" (want ppm or none)`},
		{"5s", Count, `"5s": unknown unit "s" (takes no unit)`},
		{"1m1h", Seconds, `"1m1h": want a unit after each number, the largest first (1h30m)`},
		{"1h1h", Seconds, `"1h1h": want a unit after each number, the largest first (1h30m)`},
		{"1h30", Seconds, `"1h30": want a unit after each number, the largest first (1h30m)`},
		{"1h-5m", Seconds, `"1h-5m": unknown unit "h-" (want ns, us, ms, s, m, h, d, or none for seconds)`},
		{"1e3", Seconds, `"1e3" has an exponent (write the number in full)`},
		{"1E-3ms", Seconds, `"1E-3ms" has an exponent (write the number in full)`},
		{"1e6ppm", PPM, `"1e6ppm" has an exponent (write the number in full)`},
		{"1:0.0123456789s", Seconds, `"0.0123456789s" has more than nine decimals`},
		{"0.1234567890", PPM, `"0.1234567890" has more than nine decimals`},
		{"0.5ns", Seconds, `"0.5ns" is not a whole number of nanoseconds`},
		{"1.0001us", Seconds, `"1.0001us" is not a whole number of nanoseconds`},
		{"106752d", Seconds, `"106752d" is out of range (at most 104166d16h)`},
		{"104166d16h1ns", Seconds, `"104166d16h1ns" is out of range (at most 104166d16h)`},
		{"99999999999999999999", Count, `"99999999999999999999" is out of range (at most 9000000000)`},
		{"9000000001", PPM, `"9000000001" is out of range (at most 9000000000ppm)`},
	} {
		got, err := ParseRange(tt.text, tt.unit, true)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %+v, error %v; want error %s", tt.text, got, err, tt.want)
		}
	}
}

// The guidelines: a value outside the range raises an alert, and with "@" one inside it
// does. The ends belong to the range.
func TestRangeAlert(t *testing.T) {
	for _, tt := range []struct {
		text        string
		quiet, loud []float64
	}{
		{"10", []float64{0, 5, 10}, []float64{-0.001, 10.001, inf, -inf}},
		{"10:", []float64{10, 1e9, inf}, []float64{9.999, -1}},
		{"~:10", []float64{-inf, -1e9, 10}, []float64{10.001}},
		{"10:20", []float64{10, 15, 20}, []float64{9.999, 20.001}},
		{"@10:20", []float64{9.999, 20.001, -inf}, []float64{10, 15, 20}},
		{"~:", []float64{-inf, 0, inf}, nil},
	} {
		r, err := ParseRange(tt.text, Seconds, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range tt.quiet {
			if r.Alert(v) {
				t.Errorf("%s alerts at %v", tt.text, v)
			}
		}
		for _, v := range append(tt.loud, math.NaN()) {
			if !r.Alert(v) {
				t.Errorf("%s doesn't alert at %v", tt.text, v)
			}
		}
	}
}

func TestRangeString(t *testing.T) {
	for text, want := range map[string][2]string{ // in perfdata, for people
		"0:9":         {"9", "9s"},
		"9":           {"9", "9s"},
		"1:9":         {"1:9", "1s:9s"},
		"@1h:25h":     {"@3600:90000", "@1h:1d1h"},
		"10:":         {"10:", "10s:"},
		"0:":          {"0:", "0:"},
		"~:10":        {"~:10", "~:10s"},
		"~:":          {"~:", "~:"},
		"-50ms:35ms":  {"-0.05:0.035", "-50ms:35ms"},
		"1ns:12345us": {"0.000000001:0.012345", "1ns:12.345ms"},
		"104166d16h":  {"9000000000", "104166d16h"},
		"0.1:33.3":    {"0.1:33.3", "100ms:33.3s"},
		"1.1h":        {"3960", "1h6m"},
		"1h30m:2d":    {"5400:172800", "1h30m:2d"},
		"12.345001ms": {"0.012345001", "12.345001ms"},
	} {
		r, err := ParseRange(text, Seconds, false)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got := [2]string{r.String(), r.Text(Seconds, false)}; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// number returns billionths of every size, whole numbers among them.
func number() int64 {
	n := int64(math.Pow(10, rand.Float64()*18.95))
	switch size := int64(math.Pow10(rand.IntN(10))); rand.IntN(3) {
	case 0:
		return max(n/size*size, 1)
	case 1:
		return max(n/day*day, 1)
	}
	return n
}

// Every possible range is the same range again when it is printed, for performance data
// and for people.
func TestRangeRoundTrip(t *testing.T) {
	for range 20000 {
		a, b := number(), number()
		if rand.IntN(2) == 0 {
			a = -a
		}
		want := Range{Start: toBase(min(a, b)), End: toBase(max(a, b)), Inside: rand.IntN(2) == 0}
		switch rand.IntN(5) {
		case 0:
			want.Start = -inf
		case 1:
			want.End = inf
		case 2:
			want.Start, want.End = 0, math.Abs(want.End)
		}
		text := want.String()
		got, err := ParseRange(text, Seconds, false)
		if err != nil || got != want {
			t.Fatalf("%q: got %+v, %v; want %+v", text, got, err, want)
		}
		if strings.ContainsAny(text, "eE") || len(text) > 64 {
			t.Fatalf("%q is no text for perfdata", text)
		}
		for _, unit := range []Unit{Count, Seconds, PPM} {
			for _, signed := range []bool{false, true} {
				text := want.Text(unit, signed)
				if got, err := ParseRange(text, unit, signed); err != nil || got != want {
					t.Fatalf("%+v is printed as %q, which is %+v, %v", want, text, got, err)
				}
			}
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"10", "@1:2", "~:5ms", "-200us:200us", "1e-3:", "0x1", "NaN", "::", "@~:"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, signed bool) {
		r, err := ParseRange(text, Seconds, signed)
		if err != nil {
			return
		}
		if math.IsNaN(r.Start) || math.IsNaN(r.End) || r.Start > r.End {
			t.Fatalf("%q: got %+v", text, r)
		}
		again, err := ParseRange(r.String(), Seconds, false)
		if err != nil || again != r {
			t.Fatalf("%q: %+v reads back as %+v, %v", text, r, again, err)
		}
	})
}
