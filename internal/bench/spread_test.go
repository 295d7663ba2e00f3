// SPDX-License-Identifier: MIT

package bench

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// spread holds the results of several rounds of measuring the same thing.
type spread struct {
	min, lowerQuartile, median, max float64
}

// String returns the median and, in brackets, the smallest and the largest.
func (s spread) String() string { return fmt.Sprintf("%.2f (%.2f–%.2f)", s.median, s.min, s.max) }

// newSpread sums up the rounds, of which there must be at least one.
func newSpread(rounds []float64) spread {
	sorted := slices.Sorted(slices.Values(rounds))
	n := len(sorted)
	return spread{min: sorted[0], lowerQuartile: sorted[(n-1)/4], median: sorted[n/2], max: sorted[n-1]}
}

// ratios returns the spread of a/b, round by round: what slows the machine down for a
// while slows down both.
func ratios(a, b []float64) spread {
	quotients := make([]float64, len(a))
	for i := range a {
		quotients[i] = a[i] / b[i]
	}
	return newSpread(quotients)
}

// goal is a measured figure and the largest value that it may have.
type goal struct {
	what   string
	figure spread
	atMost float64
}

// missed reports whether the goal is missed by more than the noise of the rounds, which
// means that three of four are above it.
func (g goal) missed() bool { return g.figure.lowerQuartile > g.atMost }

func (g goal) String() string {
	word := "reached"
	switch {
	case g.missed():
		word = "MISSED"
	case g.figure.median > g.atMost:
		word = "within the noise"
	}
	return fmt.Sprintf("%-55s at most %5.2f: %s, %s", g.what, g.atMost, g.figure, word)
}

func TestSpread(t *testing.T) {
	got := newSpread([]float64{5, 1, 4, 2, 3})
	if want := (spread{min: 1, lowerQuartile: 2, median: 3, max: 5}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := newSpread([]float64{7}), (spread{7, 7, 7, 7}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A round in which the machine was half as fast gives the same ratio.
func TestRatiosAreOfTheSameRound(t *testing.T) {
	if got, want := ratios([]float64{3, 6, 3}, []float64{2, 4, 2}), (spread{1.5, 1.5, 1.5, 1.5}); got != want {
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
		g := goal{"figure", newSpread(tt.rounds), 2}
		if !strings.HasSuffix(g.String(), " "+tt.want) || g.missed() != (tt.want == "MISSED") {
			t.Errorf("%v: got %s", tt.rounds, g)
		}
	}
}
