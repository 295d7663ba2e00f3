// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"testing"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/options"
	"check_chrony/internal/output"
)

// These benchmarks measure the plugin's own work, step by step and as a whole. Starting
// the process costs more than all of it: make bench measures that.

var benchArgs = []string{"-H", "127.0.0.1", "-w", "10ms", "-c", "-100ms:100ms", "--max-error-critical", "1s"}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := options.Parse(benchArgs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	c, err := options.Parse(benchArgs)
	if err != nil {
		b.Fatal(err)
	}
	readings := check.Readings{Report: chronydtest.Healthy(), Now: time.Now()}
	b.ReportAllocs()
	for b.Loop() {
		if r := check.Evaluate(readings, c.Thresholds()); r.Status != check.OK {
			b.Fatal(r)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	c, err := options.Parse(benchArgs)
	if err != nil {
		b.Fatal(err)
	}
	result := check.Evaluate(check.Readings{Report: chronydtest.Healthy(), Now: time.Now()}, c.Thresholds())
	b.ReportAllocs()
	for b.Loop() {
		if code := output.Write(io.Discard, result, nil); code != 0 {
			b.Fatal(code)
		}
	}
}

// BenchmarkRun does all three, with a reader that returns a fixed report.
func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if out, code := runWith(answering{report: chronydtest.Healthy()}, benchArgs...); code != 0 {
			b.Fatal(out)
		}
	}
}
