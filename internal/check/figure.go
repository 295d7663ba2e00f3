// SPDX-License-Identifier: MIT

package check

import (
	"math"
	"strings"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// figure is a number and the limits that it is judged by.
type figure struct {
	name, label string
	value       float64
	unit        threshold.Unit
	limits      threshold.Limits
	signed      bool      // a bare N in its ranges means -N:N
	signs       [2]string // the words for a positive and a negative value
	max         float64   // see Metric.Max
	headline    bool
	unknown     string // why the value isn't known; empty if it is
}

// figures returns the numbers of the tracking report that the first line doesn't show
// while they are OK, and last the maximum error, which it does show.
func figures(t chrony.Tracking, th Thresholds) []figure {
	fastSlow := [2]string{"fast", "slow"}
	return []figure{
		{name: "last offset", label: "last_offset", value: t.LastOffset, unit: threshold.Seconds, limits: th.LastOffset, signed: true, signs: fastSlow},
		{name: "RMS offset", label: "rms_offset", value: t.RMSOffset, unit: threshold.Seconds, limits: th.RMSOffset},
		{name: "frequency", label: "frequency", value: t.FrequencyPPM, unit: threshold.PPM, limits: th.Frequency, signed: true, signs: fastSlow},
		{name: "residual frequency", label: "residual_freq", value: t.ResidualFrequencyPPM, unit: threshold.PPM},
		{name: "skew", label: "skew", value: t.SkewPPM, unit: threshold.PPM, limits: th.Skew},
		{name: "root delay", label: "root_delay", value: t.RootDelay, unit: threshold.Seconds, limits: th.RootDelay},
		{name: "root dispersion", label: "root_dispersion", value: t.RootDispersion, unit: threshold.Seconds, limits: th.RootDispersion, unknown: unknownErrorBound(t)},
		{name: "update interval", label: "update_interval", value: t.UpdateInterval, unit: threshold.Seconds},
		{name: "max error", label: "max_error", value: t.MaxError(), unit: threshold.Seconds, limits: th.MaxError, headline: true, unknown: unknownErrorBound(t)},
	}
}

// placeholderSkew is the smallest skew, in ppm, that counts as a placeholder: until chronyd
// knows its frequency, from its drift file or from samples, it reports 1,000,000 ppm, and an
// error bound that grows by a second every second. Real skews are far below
// (maxupdateskew). docs/detection.md shows a boot.
const placeholderSkew = 100_000

// unknownErrorBound returns why the root dispersion and the maximum error aren't known;
// empty if they are.
func unknownErrorBound(t chrony.Tracking) string {
	if t.SkewPPM < placeholderSkew {
		return ""
	}
	return "frequency not known yet"
}

// addOffset adds the offset, in seconds and positive if the clock is slow. chronyd takes
// hours or days to slew an offset of more than a second (maxslewrate).
func (r *Result) addOffset(offset float64, limits threshold.Limits) {
	f := figure{
		name: "offset", label: "offset", value: offset, unit: threshold.Seconds,
		limits: limits, signed: true, signs: [2]string{"slow", "fast"}, headline: true,
	}
	s := f.subcheck()
	if s.Status == Critical && math.Abs(offset) > 1 {
		s.Notes = []string{`chronyd is slewing it, "chronyc makestep" would step it`}
	}
	r.add(s)
	r.addMetric(f.metric())
}

// explainMaxError attributes a max error that breaks its limits to the offset if it
// doesn't without it.
func (r *Result) explainMaxError(t chrony.Tracking, limits threshold.Limits) {
	if status, _ := judge(limits, t.MaxError()-math.Abs(t.CurrentCorrection)); status == OK {
		r.attributeLast()
	}
}

// attributeLast makes the last alarm a consequence of the offset, which is the first
// subcheck, unless the offset's is milder. The overall state stays the same.
func (r *Result) attributeLast() {
	offset, last := r.Subchecks[0].Status, &r.Subchecks[len(r.Subchecks)-1]
	if (last.Status == Warning || last.Status == Critical) && offset.Severity() >= last.Status.Severity() {
		last.Status, last.Reason = OK, ""
		last.Notes = append(last.Notes, "follows from the offset")
	}
}

// addFigure adds the subcheck and the metric of a figure. A figure that isn't known has
// no metric. Its state is OK, or UNKNOWN if the user gave a limit and the start-up grace
// doesn't excuse it: a threshold that can't be checked must not pass as OK.
func (r *Result) addFigure(f figure, grace time.Duration) {
	if f.unknown == "" {
		r.add(f.subcheck())
		r.addMetric(f.metric())
		return
	}
	s := Subcheck{
		Name: f.name, Value: f.text(nil) + " by chronyd's count, " + f.unknown, Headline: f.headline,
		Warning: f.rangeText(f.limits.Warning), Critical: f.rangeText(f.limits.Critical),
	}
	if f.limits.AnyGiven() {
		s.Status = Unknown
		s.applyGrace(grace)
	}
	r.add(s)
}

// metric returns the figure as performance data.
func (f figure) metric() Metric {
	return Metric{Label: f.label, Value: f.value, Unit: f.unit, Limits: f.limits, Max: f.max}
}

// text returns the value with the word for its sign, unless it is rounded to zero. If it
// broke a range, it has enough digits to show that.
func (f figure) text(broken *threshold.Range) string {
	text := f.unit.TextBeside(f.value, broken)
	if f.signs[0] == "" {
		return text
	}
	return threshold.NameSign(text, f.signs)
}

// subcheck judges the figure by its limits.
func (f figure) subcheck() Subcheck {
	status, broken := judge(f.limits, f.value)
	s := Subcheck{
		Name: f.name, Value: f.text(broken), Status: status, Headline: f.headline,
		Warning: f.rangeText(f.limits.Warning), Critical: f.rangeText(f.limits.Critical),
	}
	switch {
	case broken == nil:
	case broken.Inside:
		s.Reason = "inside " + strings.TrimPrefix(f.rangeText(broken), "@")
	default:
		s.Reason = "outside " + f.rangeText(broken)
	}
	return s
}

// rangeText returns a range for the table; empty if there is none.
func (f figure) rangeText(r *threshold.Range) string {
	if r == nil {
		return ""
	}
	return r.Text(f.unit, f.signed)
}

// judge returns the state of value, and the range that it broke; nil if none. Critical
// is judged first (guidelines, "Threshold and Ranges").
func judge(l threshold.Limits, value float64) (Status, *threshold.Range) {
	switch {
	case l.Critical != nil && l.Critical.Alert(value):
		return Critical, l.Critical
	case l.Warning != nil && l.Warning.Alert(value):
		return Warning, l.Warning
	}
	return OK, nil
}
