// SPDX-License-Identifier: MIT

package check

import (
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// Evaluate judges readings by thresholds. It evaluates every subcheck that has a meaning,
// and the worst state wins.
//
// While the clock is not synchronised, the figures of the tracking report are
// placeholders. They are neither judged nor returned as metrics, so that "not
// synchronised" can't pass for "offset 0".
func Evaluate(r Readings, th Thresholds) Result {
	t := r.Tracking
	var grace time.Duration // what is left of it
	if r.Uptime > 0 {
		grace = max(th.Grace-r.Uptime, 0)
	}

	stratumIsLocal := false
	result := Result{Subchecks: make([]Subcheck, 0, 20), Metrics: make([]Metric, 0, 20)}
	if t.Synchronised() {
		result.addOffset(t.CurrentCorrection, th.Offset)
		stratum := figure{
			name: "stratum", label: "stratum", value: float64(t.Stratum), max: chrony.MaxStratum,
			limits: th.Stratum, headline: true,
		}
		s := stratum.subcheck()
		// In local mode it is that of the "local" directive, 10 if it gives none: the
		// reference is the cause.
		stratumIsLocal = t.ReferenceID == chrony.LocalReferenceID && s.Status != OK
		if stratumIsLocal {
			result.add(referenceSubcheck(r, th, grace))
			s.applyGrace(grace)
		}
		result.add(s)
		result.addMetric(stratum.metric())
	}
	result.add(leapSubcheck(t.LeapStatus, th, grace))
	result.addMetric(Metric{Label: "leap_status", Value: float64(t.LeapStatus), Max: float64(chrony.LeapNotSynchronised)})
	// Causes come before consequences: most problems with the figures come from the
	// sources. The first line keeps this order. The sources' metrics come last.
	sources, sourcesMetrics := judgeSources(r, th, grace)
	if t.Synchronised() && !stratumIsLocal {
		result.add(referenceSubcheck(r, th, grace))
	}
	result.add(sources...)
	if t.Synchronised() {
		if r.SourcesErr == nil {
			result.Disagreeing = disagreeing(r.Sources, th.Offset)
			subchecks, metric := judgeDisagreeing(r.Report, result.Disagreeing, th)
			result.add(subchecks...)
			sourcesMetrics = append(sourcesMetrics, metric)
		}
		for _, f := range figures(t, th) {
			result.addFigure(f, grace)
		}
		result.explainMaxError(t, th.MaxError)
		result.addAge(r, th)
		result.explainFuture(r.age(), t.CurrentCorrection)
	}
	result.Metrics = append(result.Metrics, sourcesMetrics...)
	result.addAuthenticated(r, th, grace)
	return result
}

// applyGrace sets the state to OK during the start-up grace, and notes it.
func (s *Subcheck) applyGrace(grace time.Duration) {
	if s.Status != OK && grace > 0 {
		s.Status, s.Reason = OK, ""
		s.Notes = append(s.Notes, "start-up grace, "+threshold.Seconds.Text(grace.Seconds())+" left")
		s.Headline = true
	}
}
