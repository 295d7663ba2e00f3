// SPDX-License-Identifier: MIT

package check

import (
	"slices"
	"strings"
	"time"

	"check_chrony/internal/chrony"
)

// Evaluate judges readings. Every subcheck that means something is evaluated,
// and the worst state wins.
//
// While the clock is not synchronised the figures of the tracking report are
// placeholders: they are neither judged nor measured, so that "not
// synchronised" can't pass for "offset 0".
func Evaluate(r Readings, th Thresholds) Result {
	t := r.Tracking
	var grace time.Duration // what is left of it
	if r.Uptime > 0 {
		grace = max(th.Grace-r.Uptime, 0)
	}

	var result Result
	if t.Synchronised() {
		result.judge(figure{
			name: "offset", label: "offset", value: t.CurrentCorrection, unit: Seconds,
			limits: Limits{th.OffsetWarning, th.OffsetCritical}, signed: true, signs: [2]string{"slow", "fast"}, headline: true,
		})
		result.judge(figure{
			name: "stratum", label: "stratum", value: float64(t.Stratum), max: chrony.MaxStratum,
			limits: Limits{th.StratumWarning, th.StratumCritical}, headline: true,
		})
	}
	result.add(leapSubcheck(t.LeapStatus, th, grace))
	result.measure(Metric{Label: "leap_status", Value: float64(t.LeapStatus), Max: float64(chrony.LeapNotSynchronised)})
	// The sources come before the figures, since they are the cause of most that is
	// wrong with these; the first line keeps the order. Their metrics come last.
	var sources Result
	sources.judgeSources(r, th, grace)
	if t.Synchronised() {
		result.add(referenceSubcheck(t, th))
	}
	for _, s := range sources.Subchecks {
		result.add(s)
	}
	if t.Synchronised() {
		for _, f := range figures(t, th) {
			result.judge(f)
		}
		result.judgeAge(r.age(), th.ageLimits(r.Report))
	}
	result.Metrics = append(result.Metrics, sources.Metrics...)
	return result
}

// figures are the numbers of the tracking report that have no words of their own.
func figures(t chrony.Tracking, th Thresholds) []figure {
	return []figure{
		{name: "last offset", label: "last_offset", value: t.LastOffset, unit: Seconds, limits: Limits{th.LastOffsetWarning, th.LastOffsetCritical}, signed: true},
		{name: "RMS offset", label: "rms_offset", value: t.RMSOffset, unit: Seconds, limits: Limits{th.RMSOffsetWarning, th.RMSOffsetCritical}},
		{name: "frequency", label: "frequency", value: t.FrequencyPPM, unit: PPM, limits: Limits{th.FrequencyWarning, th.FrequencyCritical}, signed: true, signs: [2]string{"fast", "slow"}},
		{name: "residual frequency", label: "residual_freq", value: t.ResidualFrequencyPPM, unit: PPM},
		{name: "skew", label: "skew", value: t.SkewPPM, unit: PPM, limits: Limits{th.SkewWarning, th.SkewCritical}},
		{name: "root delay", label: "root_delay", value: t.RootDelay, unit: Seconds, limits: Limits{th.RootDelayWarning, th.RootDelayCritical}},
		{name: "root dispersion", label: "root_dispersion", value: t.RootDispersion, unit: Seconds, limits: Limits{th.RootDispersionWarning, th.RootDispersionCritical}, unknown: unknownError(t)},
		{name: "update interval", label: "update_interval", value: t.UpdateInterval, unit: Seconds},
		{name: "max error", label: "max_error", value: t.MaxError(), unit: Seconds, limits: Limits{th.MaxErrorWarning, th.MaxErrorCritical}, headline: true, unknown: unknownError(t)},
	}
}

// figure is a number of the tracking report and what it is judged by.
type figure struct {
	name, label string
	value       float64
	unit        Unit
	limits      Limits
	signed      bool      // a bare N in its ranges means -N:N
	signs       [2]string // the words for a positive and a negative value
	max         float64   // see Metric.Max
	headline    bool
	unknown     string // why the value means nothing, if it doesn't
}

// judge adds the subcheck and the metric of a figure.
func (r *Result) judge(f figure) {
	if f.unknown != "" {
		r.add(Subcheck{
			Name: f.name, Value: "unknown (" + f.unknown + ")", Headline: f.headline,
			Warning: f.rangeText(f.limits.Warning), Critical: f.rangeText(f.limits.Critical),
		})
		return
	}
	s := Subcheck{Name: f.name, Value: f.text(), Headline: f.headline}
	s.judgeFigure(f)
	r.add(s)
	r.measure(Metric{Label: f.label, Value: f.value, Unit: f.unit, Limits: f.limits, Max: f.max})
}

// text is the value with the word for its sign, if it isn't rounded to zero.
func (f figure) text() string {
	_, broken := f.limits.judge(f.value)
	rounded, text := f.unit.beside(f.value, broken)
	switch {
	case f.signs[0] == "" || rounded == 0:
		return text
	case rounded < 0:
		return strings.TrimPrefix(text, "-") + " " + f.signs[1]
	default:
		return text + " " + f.signs[0]
	}
}

// judge sets the state of a subcheck by the limits of a figure without a sign.
func (s *Subcheck) judge(value float64, unit Unit, limits Limits) {
	s.judgeFigure(figure{value: value, unit: unit, limits: limits})
}

// judgeFigure sets the state of a subcheck by the limits of a figure.
func (s *Subcheck) judgeFigure(f figure) {
	var broken *Range
	s.Status, broken = f.limits.judge(f.value)
	if broken != nil {
		s.Reason = "outside " + broken.text(f.unit, f.signed)
		if broken.Inside {
			s.Reason = "inside " + strings.TrimPrefix(broken.text(f.unit, f.signed), "@")
		}
	}
	s.Warning, s.Critical = f.rangeText(f.limits.Warning), f.rangeText(f.limits.Critical)
}

// rangeText is a range for the table; empty where there is none.
func (f figure) rangeText(r *Range) string {
	if r == nil {
		return ""
	}
	return r.text(f.unit, f.signed)
}

// placeholderSkew is from where on chronyd's skew is a placeholder. From its second
// sample to its third chronyd reports a skew of exactly 1,000,000 ppm, and so lets
// the root dispersion, and with it the maximum error, grow by a second a second, to 55
// to 65 s: thresholds on them would alert at every boot, 63 to 67 s after it. chronyd
// corrects its frequency only by estimates of 1,000 ppm or better (maxupdateskew),
// so no real skew is anywhere near.
const placeholderSkew = 100_000

// unknownError says why the root dispersion and the maximum error mean nothing;
// empty if they mean something.
func unknownError(t chrony.Tracking) string {
	if t.SkewPPM < placeholderSkew {
		return ""
	}
	return "skew " + PPM.Text(t.SkewPPM)
}

// leapSubcheck judges the leap status. A coming leap second is a normal event;
// a clock that isn't synchronised is not.
func leapSubcheck(leap chrony.LeapStatus, th Thresholds, grace time.Duration) Subcheck {
	s := Subcheck{
		Name: "leap", Value: strings.ToLower(leap.String()), Headline: true,
		Warning: th.LeapWarning.String(), Critical: th.LeapCritical.String(),
	}
	switch {
	case th.LeapCritical.Has(leap):
		s.Status = Critical
	case th.LeapWarning.Has(leap):
		s.Status = Warning
	}
	if leap == chrony.LeapNotSynchronised {
		s.Name, s.Value = "clock", "not synchronised"
		s.excuse(grace)
	}
	return s
}

// excuse makes the state OK during the start-up grace, and says so.
func (s *Subcheck) excuse(grace time.Duration) {
	if s.Status != OK && grace > 0 {
		s.Status = OK
		s.Value += " (start-up grace, " + Seconds.Text(grace.Seconds()) + " left)"
		s.Headline = true
	}
}

// referenceSubcheck judges what the clock follows.
func referenceSubcheck(t chrony.Tracking, th Thresholds) Subcheck {
	s := Subcheck{Name: "reference", Value: t.Reference(), Headline: true}
	if t.ReferenceID == chrony.LocalReferenceID {
		s.Status = th.LocalReference
		s.Value = "local (chronyd follows no source)"
	}
	if len(th.ExpectReference) == 0 {
		return s
	}
	var expected []string
	for _, e := range th.ExpectReference {
		expected = append(expected, e.Text)
	}
	if !slices.ContainsFunc(th.ExpectReference, func(e Reference) bool { return e.Matches(t) }) {
		s.Status = worst(s.Status, th.UnexpectedReference)
		s.Reason = "expected " + List(expected, "or", "references")
	}
	return s
}
