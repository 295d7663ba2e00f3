// SPDX-License-Identifier: MIT

package output

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/threshold"
)

// Subchecks returns the lines of the table of -v: each subcheck, its ranges and its state.
func Subchecks(r check.Result) []string {
	rows := [][]string{{"check", "value", "warning", "critical", "state"}}
	for _, s := range r.Subchecks {
		rows = append(rows, []string{s.Name, annotate(s.Value, s.Notes), s.Warning, s.Critical, label(s.Status)})
	}
	return table(rows)
}

// maxRows is how many sources the table has at most. chronyd may report thousands, and
// programs that read plugins' output may not accept megabytes.
const maxRows = 100

// Sources returns the lines of a table of the sources report. The state of a source is in
// the words of the first line, and its last sample says how much the clock is fast or
// slow. A column marks the sources that disagree with the clock, and another those that are
// authenticated if the selectdata report was read. The table has at most maxRows sources; a
// last line says how many more there are.
func Sources(report chrony.Report, disagreeing []chrony.Source) []string {
	sources, states := report.Sources, check.SourceStates(report)
	rows := [][]string{{"source", "state", "stratum", "poll", "reach", "last sample", "disagrees"}}
	for i, s := range sources[:min(len(sources), maxRows)] {
		name := s.Name()
		if !s.Resolved() {
			name = "(unresolved)"
		}
		sample := "none"
		if s.LastSampleAgo != chrony.NoSample {
			sample = fmt.Sprintf("%s ago, %s", threshold.Seconds.Text(float64(s.LastSampleAgo)),
				threshold.NameSign(threshold.Seconds.Text(s.LastSampleOffset), [2]string{"fast", "slow"})+" +/- "+threshold.Seconds.Text(s.LastSampleError))
		}
		disagrees := ""
		if slices.Contains(disagreeing, s) {
			disagrees = "yes"
		}
		rows = append(rows, []string{
			name, states[i], strconv.Itoa(int(s.Stratum)), strconv.Itoa(int(s.Poll)),
			strconv.FormatUint(uint64(s.Reachability), 8), sample, disagrees,
		})
	}
	addAuthentication(rows, report.SelectData)
	lines := table(rows)
	if more := len(sources) - maxRows; more > 0 {
		lines = append(lines, "and "+thousands(more)+" more")
	}
	return lines
}

// thousands formats a number below a million with a comma: 3,996.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// table aligns rows; an empty cell is shown as "-".
func table(rows [][]string) []string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			if cell == "" {
				cell = "-"
			}
			fmt.Fprint(w, cell)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// addAuthentication adds a column to the table of sources, unless there are no records.
func addAuthentication(rows [][]string, records []chrony.SelectData) {
	if len(records) == 0 {
		return
	}
	rows[0] = append(rows[0], "auth")
	for i := range rows[1:] {
		text := "no"
		if records[i].Authenticated() {
			text = "yes"
		}
		rows[1+i] = append(rows[1+i], text)
	}
}
