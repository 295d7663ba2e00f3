// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"text/template"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

const manPage = "../../docs/check_chrony.1"

// manPageText returns the man page: its template, filled in.
func manPageText(t *testing.T, all []option) string {
	t.Helper()
	page, err := template.New("check_chrony.1.tmpl").Funcs(template.FuncMap{
		"options":     func(group string) (string, error) { return manOptions(all, group) },
		"environment": func() string { return manEnvironment(all) },
	}).ParseFiles(manPage + ".tmpl")
	if err != nil {
		t.Fatal(err)
	}
	_, date := latest(t)
	var b strings.Builder
	if err := page.Execute(&b, map[string]string{"Date": date.Format("January 2, 2006")}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// manOptions returns the mdoc(7) list of the options of a group, which is given by its
// key.
func manOptions(options []option, group string) (string, error) {
	var b strings.Builder
	for i, o := range options {
		if o.group != group {
			continue
		}
		b.WriteString(".It")
		separator := ""
		for _, name := range o.names() {
			b.WriteString(separator + " Fl " + strings.TrimPrefix(name, "-"))
			if o.operand != "" && strings.HasPrefix(name, "--") {
				b.WriteString(" Ns = Ns")
			}
			if o.operand != "" {
				b.WriteString(" Ar " + o.operand)
			}
			separator = " ,"
		}
		b.WriteString("\n")
		if i+1 < len(options) && options[i+1].isCritical() {
			continue // they are explained together
		}
		b.WriteString(manText(o.help))
		switch {
		case o.fallback == "":
		case o.isCritical():
			b.WriteString(manText(fmt.Sprintf("Default: %s, %s.", options[i-1].fallback, o.fallback)))
		default:
			b.WriteString(manText("Default: " + o.fallback + "."))
		}
	}
	if b.Len() == 0 {
		return "", fmt.Errorf("no group %q", group)
	}
	return b.String(), nil
}

// manEnvironment returns the mdoc(7) list of the environment variables that stand in
// for options.
func manEnvironment(options []option) string {
	var b strings.Builder
	for _, o := range options {
		if o.variable != "" {
			fmt.Fprintf(&b, ".It Ev %s\nThe same as\n.Fl -%s .\n", o.variable, o.name)
		}
	}
	return b.String()
}

// manText formats text as mdoc(7) wants it: each sentence begins a line, lines are
// short, and none begins with a control character.
func manText(text string) string {
	var b strings.Builder
	for sentence := range strings.SplitSeq(text, ". ") {
		if sentence != "" && !strings.HasSuffix(sentence, ".") {
			sentence += "."
		}
		line := ""
		for word := range strings.FieldsSeq(sentence) {
			if len(line)+len(word) > 75 {
				b.WriteString(line + "\n")
				line = ""
			}
			word = strings.NewReplacer(`\`, `\e`, "--", `\-\-`).Replace(word)
			switch {
			case line != "":
				line += " " + word
			case strings.HasPrefix(word, ".") || strings.HasPrefix(word, "'"):
				line = `\&` + word
			default:
				line = word
			}
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

func TestManPageLint(t *testing.T) {
	if _, err := exec.LookPath("mandoc"); err != nil {
		chronydtest.Missing(t, "mandoc")
	}
	out, _ := exec.Command("mandoc", "-T", "lint", manPage).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		// Whether chrony's own pages are installed and indexed doesn't matter.
		if !strings.Contains(line, "outdated mandoc.db") && !strings.Contains(line, "referenced manual not found") {
			t.Errorf("mandoc -T lint: %s", line)
		}
	}
}

// TestManPageLabels checks that the page explains every label of the performance data.
func TestManPageLabels(t *testing.T) {
	page, err := os.ReadFile(manPage)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	readings := check.Readings{Now: now, Report: chrony.Report{
		Tracking: chrony.Tracking{Stratum: 1, ReferenceTime: now},
		Sources:  []chrony.Source{{}},
	}}
	metrics := check.Evaluate(readings, check.Thresholds{}).Metrics
	if len(metrics) != 16 {
		t.Errorf("got %d metrics, want 16", len(metrics))
	}
	for _, m := range append(metrics, check.Metric{Label: "time"}) {
		if !strings.Contains(string(page), "\n.It Li "+m.Label+"\n") {
			t.Errorf("%s is not explained", m.Label)
		}
	}
}
