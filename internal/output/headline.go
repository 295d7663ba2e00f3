// SPDX-License-Identifier: MIT

package output

import (
	"slices"
	"strings"

	"check_chrony/internal/check"
)

// headline is the text of the first line, in parts that are safe for every reader.
type headline struct {
	// parts are the problems, the worst first, and then the figures that are always shown.
	parts []string
	// problems is how many of the parts are problems.
	problems int
}

func newHeadline(r check.Result) headline {
	subchecks := slices.Clone(r.Subchecks)
	slices.SortStableFunc(subchecks, func(a, b check.Subcheck) int {
		return b.Status.Severity() - a.Status.Severity()
	})
	var h headline
	for _, s := range subchecks {
		if s.Status == check.OK && !s.Headline {
			continue
		}
		if s.Status != check.OK {
			h.problems++
		}
		h.parts = append(h.parts, clean(part(s, r.Status)))
	}
	return h
}

// part returns the text of one subcheck: "stratum 10 (warning: outside 1:9, a note)". The
// state is left out if it is the line's.
func part(s check.Subcheck, line check.Status) string {
	why := s.Reason
	if s.Status != check.OK && s.Status != line {
		why = strings.TrimSuffix(strings.ToLower(label(s.Status))+": "+why, ": ")
	}
	notes := s.Notes
	if why != "" {
		notes = append([]string{why}, notes...)
	}
	return annotate(s.Name+" "+s.Value, notes)
}

// annotate returns text with notes in parentheses, if there are any.
func annotate(text string, notes []string) string {
	if len(notes) > 0 {
		text = strings.TrimSpace(text) + " (" + strings.Join(notes, ", ") + ")"
	}
	return strings.TrimSpace(text)
}

// join returns the text of the first n parts.
func (h headline) join(n int) string {
	return strings.Join(h.parts[:n], ", ")
}
