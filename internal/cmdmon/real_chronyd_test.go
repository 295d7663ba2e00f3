// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"slices"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/native"
)

// TestCodecsAgreeOnARealChronyd lets libchrony read before and after the native reader.
// What libchrony read the same both times, the native reader must have read as well.
func TestCodecsAgreeOnARealChronyd(t *testing.T) {
	chronydtest.Slow(t)
	library := readerOf(libchronyCodec(t))
	clock := chronydtest.NewReferenceClock(t)
	_, synchronised := chronydtest.StartPair(t, "server ::1 port 9", "server nosuch.invalid", clock.Line("GPS"))
	for name, d := range map[string]*chronydtest.Daemon{
		"synchronised":       synchronised,
		"never synchronised": chronydtest.Start(t, chronydtest.ServerLine(chronydtest.FreePort(t))),
		"local":              chronydtest.Start(t, "local stratum 7"),
		"large offset":       chronydtest.Start(t, chronydtest.ServerLine(chronydtest.NTPServer{Shift: -time.Hour}.Start(t))),
	} {
		for transport, address := range d.Addresses() {
			before := read(library, address, answeredTimeout)
			got := read(readerOf(native.Codec{}), address, answeredTimeout)
			after := read(library, address, answeredTimeout)
			if before.err != nil || got.err != nil || after.err != nil {
				t.Fatalf("%s over %s: %v, %v, %v", name, transport, before.err, got.err, after.err)
			}
			moving := differences(before.report, after.report)
			for _, difference := range differences(got.report, before.report) {
				if !slices.ContainsFunc(moving, func(m string) bool { return field(m) == field(difference) }) {
					t.Errorf("%s over %s: %s", name, transport, difference)
				}
			}
			if name == "synchronised" && !slices.ContainsFunc(got.report.Sources, func(s chrony.Source) bool { return s.Mode == chrony.ReferenceClock && s.Name() == "GPS" }) {
				t.Errorf("no reference clock in %+v", got.report.Sources)
			}
		}
	}
}

// field returns the field that a difference is about: the words before its colon.
func field(difference string) string {
	for i, c := range difference {
		if c == ':' {
			return difference[:i]
		}
	}
	return difference
}
