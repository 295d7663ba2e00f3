// SPDX-License-Identifier: MIT

// Package bench measures what a check costs, as a whole process against a real
// chronyd, next to what else could be run in its place: make bench.
package bench

import (
	"fmt"
	"slices"
)

// Spread is what several rounds of measuring the same thing gave.
type Spread struct {
	Min, LowerQuartile, Median, Max float64
}

// String is the median, and in what it lies.
func (s Spread) String() string { return fmt.Sprintf("%.2f (%.2f–%.2f)", s.Median, s.Min, s.Max) }

// NewSpread sums up the rounds, of which there must be one at least.
func NewSpread(rounds []float64) Spread {
	sorted := slices.Sorted(slices.Values(rounds))
	n := len(sorted)
	return Spread{Min: sorted[0], LowerQuartile: sorted[(n-1)/4], Median: sorted[n/2], Max: sorted[n-1]}
}

// Ratios is the spread of a to b, round by round: what slows the machine down for
// a while slows down both.
func Ratios(a, b []float64) Spread {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	return NewSpread(ratios)
}

// Goal is a measured figure and the most that it may be.
type Goal struct {
	What   string
	Figure Spread
	AtMost float64
}

// Missed tells whether the goal is missed by more than the noise of the rounds:
// three of four are above it.
func (g Goal) Missed() bool { return g.Figure.LowerQuartile > g.AtMost }

func (g Goal) String() string {
	word := "reached"
	switch {
	case g.Missed():
		word = "MISSED"
	case g.Figure.Median > g.AtMost:
		word = "within the noise"
	}
	return fmt.Sprintf("%-55s at most %5.2f: %s, %s", g.What, g.AtMost, g.Figure, word)
}
