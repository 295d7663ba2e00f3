// SPDX-License-Identifier: MIT

package output

import (
	"strconv"
	"strings"

	"github.com/atc0005/go-nagios"

	"check_chrony/internal/check"
)

// perfdata renders metrics in their order, each with a leading blank.
func perfdata(metrics []check.Metric) string {
	var b strings.Builder
	for _, m := range metrics {
		p := nagios.PerformanceData{Label: m.Label, Warn: rangeText(m.Limits.Warning), Crit: rangeText(m.Limits.Critical)}
		switch m.Unit {
		case check.Seconds:
			p.Value, p.UnitOfMeasurement = fixed(m.Value, 9), "s"
		case check.PPM:
			p.Value = fixed(m.Value, 3)
		default:
			p.Value = fixed(m.Value, 0)
		}
		if m.Max != 0 {
			p.Min, p.Max = "0", fixed(m.Max, 0)
		}
		// go-nagios puts labels in quotes, and Sensu keeps the quotes in the name.
		b.WriteString(strings.ReplaceAll(p.String(), "'", ""))
	}
	return b.String()
}

func rangeText(r *check.Range) string {
	if r == nil {
		return ""
	}
	return r.String()
}

// fixed prints a number without an exponent (pnp4nagios reads 3e-06 as 3) and
// without a negative zero.
func fixed(value float64, decimals int) string {
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return text
}
