// SPDX-License-Identifier: MIT

package output

import "check_chrony/internal/check"

const (
	// maxLine is the longest first line with its newline, in bytes.
	maxLine = 1000
	// minText is the space, in bytes, that is always left for the text. The plugin's own
	// metrics leave that much without their ranges.
	minText = 200
)

// fit returns the text and the performance data, in at most limit bytes together. If they
// are too long, fit drops the ranges from the performance data and, if that isn't enough,
// shortens the text. If there are more metrics than the plugin has, it drops the last.
func (h headline) fit(metrics []check.Metric, limit int) (text, data string) {
	text, data = h.join(len(h.parts)), perfdata(metrics, withRanges)
	for n := len(metrics); len(text)+len(data) > limit; n-- {
		data = perfdata(metrics[:n], withoutRanges)
		if limit-len(data) >= minText {
			break
		}
	}
	return h.shorten(limit - len(data)), data
}

// shorten returns the text in at most limit bytes. If it is too long, shorten drops the
// figures that are OK, and then the middle of the text. The worst problem keeps its
// beginning, which says what it is, and its end, which often says why.
func (h headline) shorten(limit int) string {
	text := h.join(len(h.parts))
	if len(text) <= limit {
		return text
	}
	if h.problems > 0 {
		text = h.join(h.problems)
	}
	first, rest := h.parts[0], text[len(h.parts[0]):]
	return elide(elide(first, max(limit-len(rest), limit/2))+rest, limit)
}

// elide replaces the middle of a text that is longer than limit bytes with an ellipsis. Two
// thirds of what remains come before it.
func elide(text string, limit int) string {
	const ellipsis = "..."
	if len(text) <= limit {
		return text
	}
	tail := (limit - len(ellipsis)) / 3
	return text[:limit-len(ellipsis)-tail] + ellipsis + text[len(text)-tail:]
}
