// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/native"
)

// BenchmarkRead measures a whole reading of a fake chronyd with each codec and number
// of sources. The fake's allocations count, too.
func BenchmarkRead(b *testing.B) {
	for _, r := range []struct {
		name string
		read reader
	}{{"libchrony", readerOf(libchronyCodec(b))}, {"native", readerOf(native.Codec{})}} {
		for _, sources := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%d", r.name, sources), func(b *testing.B) {
				report := healthy()
				for len(report.Sources) < sources {
					report.Sources = append(report.Sources, report.Sources[0])
				}
				report.Sources = report.Sources[:sources]
				fake := chronydtest.NewFake(b, "udp4", chronydtest.Answer(report))
				wait := cmdmon.Limit{Deadline: time.Now().Add(time.Minute), Context: context.Background}
				b.ReportAllocs()
				for b.Loop() {
					got, err := r.read(fake.Address, wait)
					if err != nil || len(got.Sources) != sources {
						b.Fatal(got, err)
					}
				}
			})
		}
	}
}
