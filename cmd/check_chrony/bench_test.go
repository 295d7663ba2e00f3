// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/output"
)

// What a check does of its own, step by step and as a whole: make bench has what
// it costs as a process, which is more than all of it.

var benchArgs = []string{"-H", "127.0.0.1", "-w", "10ms", "-c", "-100ms:100ms", "--max-error-critical", "1s"}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := parseCLI(benchArgs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	c, _, err := parseCLI(benchArgs)
	if err != nil {
		b.Fatal(err)
	}
	readings := check.Readings{Report: healthy(), Now: time.Now()}
	b.ReportAllocs()
	for b.Loop() {
		if r := check.Evaluate(readings, check.Thresholds(c.thresholds)); r.Status != check.OK {
			b.Fatal(r)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	c, _, err := parseCLI(benchArgs)
	if err != nil {
		b.Fatal(err)
	}
	result := check.Evaluate(check.Readings{Report: healthy(), Now: time.Now()}, check.Thresholds(c.thresholds))
	b.ReportAllocs()
	for b.Loop() {
		if code := output.Write(io.Discard, result, nil); code != 0 {
			b.Fatal(code)
		}
	}
}

// BenchmarkRun is all three, with a reader that knows the report.
func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if out, code := runWith(answering{report: healthy()}, benchArgs...); code != 0 {
			b.Fatal(out)
		}
	}
}
