// SPDX-License-Identifier: MIT

package check

import (
	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// Result is a judged reading.
type Result struct {
	// Status is the worst of the subchecks'.
	Status Status
	// Subchecks holds everything that was looked at, in the order of the table.
	Subchecks []Subcheck
	// Metrics holds the performance data, in order.
	Metrics []Metric
	// Disagreeing holds the sources that disagree with the clock, the worst first.
	Disagreeing []chrony.Source
}

// Subcheck is one figure or fact and its state.
type Subcheck struct {
	// Name and Value make up the text: "offset" and "3.1us slow".
	Name, Value string
	Status      Status
	// Reason is why Status isn't OK, unless Name and Value already say so.
	Reason string
	// Notes are further facts, for parentheses after the text.
	Notes []string
	// Warning and Critical are the ranges or settings that it was judged by, as people
	// read them; empty if there are none.
	Warning, Critical string
	// Headline is true if the first line shows the subcheck even while it is OK.
	Headline bool
}

// Metric is one item of performance data, in base units.
type Metric struct {
	Label  string
	Value  float64
	Unit   threshold.Unit
	Limits threshold.Limits
	// Max is the largest possible value, if the smallest is 0; 0 if there are no such
	// bounds.
	Max float64
}

func (r *Result) add(subchecks ...Subcheck) {
	for _, s := range subchecks {
		r.Status = worst(r.Status, s.Status)
		r.Subchecks = append(r.Subchecks, s)
	}
}

func (r *Result) addMetric(m Metric) {
	r.Metrics = append(r.Metrics, m)
}

// Failure returns the result of a check that got no reading. The first line shows the
// message even if the state is OK, as with --unreachable=ok.
func Failure(status Status, message string) Result {
	return Result{Status: status, Subchecks: []Subcheck{{Value: message, Status: status, Headline: true}}}
}
