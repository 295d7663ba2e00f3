// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

func TestManPageLint(t *testing.T) {
	if _, err := exec.LookPath("mandoc"); err != nil {
		chronydtest.Missing(t, "mandoc")
	}
	out, _ := exec.Command("mandoc", "-T", "lint", root+manPage).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		// Whether chrony's own pages are installed and indexed doesn't matter.
		if !strings.Contains(line, "outdated mandoc.db") && !strings.Contains(line, "referenced manual not found") {
			t.Errorf("mandoc -T lint: %s", line)
		}
	}
}

// TestManPageLabels checks that the page explains every label of the performance data.
func TestManPageLabels(t *testing.T) {
	page, err := os.ReadFile(root + manPage)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	readings := check.Readings{Now: now, Report: chrony.Report{
		Tracking: chrony.Tracking{Stratum: 1, ReferenceTime: now},
		Sources:  []chrony.Source{{}},
	}}
	metrics := check.Evaluate(readings, check.Thresholds{}).Metrics
	if len(metrics) != 17 {
		t.Errorf("got %d metrics, want 17", len(metrics))
	}
	for _, m := range append(metrics, check.Metric{Label: "authenticated"}, check.Metric{Label: "time"}) {
		if !strings.Contains(string(page), "\n.It Li "+m.Label+"\n") {
			t.Errorf("%s is not explained", m.Label)
		}
	}
}
