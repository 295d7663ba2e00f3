// SPDX-License-Identifier: MIT

package output

import (
	"strconv"
	"strings"

	"github.com/atc0005/go-nagios"

	"check_chrony/internal/check"
	"check_chrony/internal/threshold"
)

// ranges says whether performance data includes its thresholds. Without them their
// fields are empty.
type ranges bool

const withRanges, withoutRanges ranges = true, false

// perfdata returns metrics in their order, after a " |"; empty if there are none.
func perfdata(metrics []check.Metric, ranges ranges) string {
	if len(metrics) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(" |")
	for _, m := range metrics {
		p := nagios.PerformanceData{Label: m.Label}
		if ranges {
			p.Warn, p.Crit = rangeText(m.Limits.Warning), rangeText(m.Limits.Critical)
		}
		switch m.Unit {
		case threshold.Seconds:
			p.Value, p.UnitOfMeasurement = fixed(m.Value, 9), "s"
		case threshold.PPM:
			p.Value = fixed(m.Value, 3)
		default:
			p.Value = fixed(m.Value, 0)
		}
		if m.Max != 0 {
			p.Min, p.Max = "0", fixed(m.Max, 0)
		}
		// It begins with a space. go-nagios quotes the label, and Sensu would keep the
		// quotes in the name.
		b.WriteString(strings.ReplaceAll(p.String(), "'", ""))
	}
	return b.String()
}

func rangeText(r *threshold.Range) string {
	if r == nil {
		return ""
	}
	return r.String()
}

// fixed formats a number without an exponent (pnp4nagios reads 3e-06 as 3) and without
// a negative zero.
func fixed(value float64, decimals int) string {
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return text
}
