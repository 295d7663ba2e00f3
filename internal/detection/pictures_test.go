// SPDX-License-Identifier: MIT

package detection

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/check"
)

// drawn is the folder with the data from which make detection draws.
const drawn = "../../build/detection/"

// saveOutage saves the longest outage: every ten minutes the hours since it began, and
// the clock's error and chronyd's bound in ms; and when the state changes.
func saveOutage(t *testing.T, h host) {
	t.Helper()
	begin := h.events[len(h.events)-1]
	hours := func(i int) float64 { return (h.after(i) - begin.at).Hours() }
	var data strings.Builder
	var changes []string
	for i, s := range h.samples {
		if hours(i) < -6 || hours(i) > begin.lasts.Hours()+6 {
			continue
		}
		if i%int(10*time.Minute/h.every) == 0 {
			fmt.Fprintf(&data, "%.3f %.4f %.4f\n", hours(i), 1e3*math.Abs(s.ClockError()), 1e3*s.Report.Tracking.MaxError())
		}
		if state := h.byDefault[i]; state != h.byDefault[i-1] {
			changes = append(changes, fmt.Sprintf("%s = %.3f", [...]string{"back", "warning", "critical"}[state], hours(i)))
		}
	}
	save(t, "outage.dat", data.String())
	save(t, "outage.gp", strings.Join(changes, "\n")+fmt.Sprintf("\nends = %g\n", begin.lasts.Hours()))
}

// saveBoot saves the first minutes of a boot: seconds since chronyd's start, the
// clock's error in ms, chronyd's bound in ms, and the state. The bound has one column
// for when the plugin takes it as known, and one for when it doesn't.
func saveBoot(t *testing.T, h host) {
	t.Helper()
	var data strings.Builder
	thresholds, _ := thresholdsOf(t)
	for i, s := range h.samples[:300] {
		known, unknown := "NaN", "NaN"
		tracking := s.Report.Tracking
		switch bound := fmt.Sprintf("%.4f", 1e3*tracking.MaxError()); {
		case s.Answered && measures(check.Evaluate(readings(s), thresholds), "max_error"):
			known = bound
		case tracking.Synchronised():
			unknown = bound
		}
		fmt.Fprintf(&data, "%.0f %.4f %s %s %d\n", h.after(i).Seconds(), 1e3*math.Abs(s.ClockError()), known, unknown, h.byDefault[i])
	}
	save(t, "boot.dat", data.String())
}

func measures(r check.Result, label string) bool {
	for _, m := range r.Metrics {
		if m.Label == label {
			return true
		}
	}
	return false
}

func save(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(drawn, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(drawn, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
