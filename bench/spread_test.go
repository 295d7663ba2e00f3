// SPDX-License-Identifier: MIT

package bench

import (
	"strings"
	"testing"
)

func TestSpread(t *testing.T) {
	got := NewSpread([]float64{5, 1, 4, 2, 3})
	if want := (Spread{Min: 1, LowerQuartile: 2, Median: 3, Max: 5}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := NewSpread([]float64{7}), (Spread{7, 7, 7, 7}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A round in which the machine was half as fast gives the same ratio.
func TestRatiosAreOfTheSameRound(t *testing.T) {
	if got, want := Ratios([]float64{3, 6, 3}, []float64{2, 4, 2}), (Spread{1.5, 1.5, 1.5, 1.5}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestGoals(t *testing.T) {
	for _, tt := range []struct {
		rounds []float64
		want   string
	}{
		{[]float64{1.9, 1.9, 1.9, 1.9, 1.9}, "reached"},
		{[]float64{1.9, 2.0, 2.0, 2.1, 9.0}, "reached"},
		{[]float64{1.9, 1.9, 2.1, 2.1, 2.1}, "within the noise"},
		{[]float64{1.9, 2.1, 2.1, 2.1, 2.1}, "MISSED"},
		{[]float64{2.1, 2.1, 2.1, 2.1, 2.1}, "MISSED"},
	} {
		g := Goal{"figure", NewSpread(tt.rounds), 2}
		if !strings.HasSuffix(g.String(), " "+tt.want) || g.Missed() != (tt.want == "MISSED") {
			t.Errorf("%v: got %s", tt.rounds, g)
		}
	}
}
