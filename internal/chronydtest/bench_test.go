// SPDX-License-Identifier: MIT

//go:build cgo

package chronydtest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
)

// BenchmarkRead is a whole reading of a fake chronyd by each reader, by the number
// of sources. The fake's allocations count, too.
func BenchmarkRead(b *testing.B) {
	for _, r := range []struct {
		name string
		read reader
	}{{"libchrony", loadLibchrony(b)}, {"native", cmdmon.Read}} {
		for _, sources := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%d", r.name, sources), func(b *testing.B) {
				report := healthy()
				for len(report.Sources) < sources {
					report.Sources = append(report.Sources, report.Sources[0])
				}
				report.Sources = report.Sources[:sources]
				fake := chronydtest.NewFake(b, "udp4", chronydtest.Answer(report))
				ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
				defer cancel()
				b.ReportAllocs()
				for b.Loop() {
					got, err := r.read(ctx, fake.Address, func(string, ...any) {})
					if err != nil || len(got.Sources) != sources {
						b.Fatal(got, err)
					}
				}
			})
		}
	}
}
