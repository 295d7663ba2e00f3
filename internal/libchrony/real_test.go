// SPDX-License-Identifier: MIT

package libchrony_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/libchrony"
)

// load loads the libchrony that CHECK_CHRONY_LIBCHRONY names, or the system's.
func load(t *testing.T) *libchrony.Codec {
	t.Helper()
	l, err := libchrony.Load(os.Getenv("CHECK_CHRONY_LIBCHRONY"), time.Now().Add(time.Minute))
	if err != nil {
		chronydtest.Missing(t, err.Error())
	}
	t.Cleanup(l.Close)
	return l
}

func read(t *testing.T, l *libchrony.Codec, address string) chrony.Report {
	t.Helper()
	wait := cmdmon.Limit{Deadline: time.Now().Add(5 * time.Second), Context: context.Background}
	at, err := cmdmon.Socket(address)
	if udp, no := netip.ParseAddrPort(address); no == nil {
		at, err = cmdmon.UDP(udp.Addr(), udp.Port()), nil
	}
	if err != nil {
		t.Fatal(err)
	}
	report, err := cmdmon.Read(l, at, cmdmon.Reports{}, wait, t.Logf)
	if err != nil || report.SourcesErr != nil {
		t.Fatalf("%s: %v, %v", address, err, report.SourcesErr)
	}
	return report
}

// states start a chronyd in each state that a real one can have on loopback.
var states = map[string]func(t *testing.T) *chronydtest.Daemon{
	"synchronised": func(t *testing.T) *chronydtest.Daemon {
		_, d := chronydtest.StartPair(t)
		return d
	},
	"never synchronised": func(t *testing.T) *chronydtest.Daemon {
		return chronydtest.Start(t, chronydtest.ServerLine(chronydtest.FreePort(t)))
	},
	"local": func(t *testing.T) *chronydtest.Daemon {
		return chronydtest.Start(t, "local stratum 7")
	},
	"large offset": func(t *testing.T) *chronydtest.Daemon {
		port := chronydtest.NTPServer{Shift: -90 * time.Second, Stratum: 3}.Start(t)
		d := chronydtest.Start(t, chronydtest.ServerLine(port))
		d.WaitSynchronised()
		return d
	},
}

// TestTrackingEqualsChronyc reads each chronyd over each transport, between two
// runs of chronyc, and compares every field.
func TestTrackingEqualsChronyc(t *testing.T) {
	l := load(t)
	for name, start := range states {
		t.Run(name, func(t *testing.T) {
			d := start(t)
			for transport, address := range d.Addresses() {
				t.Run(transport, func(t *testing.T) {
					var got chrony.Report
					before, after := between(t, d, func() { got = read(t, l, address) })
					compareTracking(t, got.Tracking, before, after)
				})
			}
		})
	}
}

// between runs f between two readings of chronyc that saw the same clock update.
func between(t *testing.T, d *chronydtest.Daemon, f func()) (before, after []string) {
	t.Helper()
	const referenceTime, attempts = 3, 20
	for range attempts {
		before = tracking(t, d)
		f()
		after = tracking(t, d)
		if before[referenceTime] == after[referenceTime] {
			return before, after
		}
	}
	t.Fatalf("chronyd updated its clock within each of %d readings", attempts)
	return nil, nil
}

func tracking(t *testing.T, d *chronydtest.Daemon) []string {
	t.Helper()
	out, err := d.Chronyc("tracking")
	if err != nil {
		t.Fatal(err)
	}
	fields, err := csv.NewReader(strings.NewReader(out)).Read()
	if err != nil || len(fields) != 14 {
		t.Fatalf("chronyc printed %q (%v)", out, err)
	}
	return fields
}

func compareTracking(t *testing.T, got chrony.Tracking, before, after []string) {
	t.Helper()
	for i, text := range []string{
		got.ReferenceID.String(),
		got.Address,
		strconv.Itoa(int(got.Stratum)),
		fmt.Sprintf("%d.%09d", got.ReferenceTime.Unix(), got.ReferenceTime.Nanosecond()),
	} {
		want := before[i]
		if i == 1 && got.Address == "" {
			want = "" // chronyc shows the reference ID's letters there
		}
		if text != want {
			t.Errorf("field %d: got %q, chronyc printed %q", i, text, want)
		}
	}
	// The rest are numbers, rounded by chronyc, that may change between two readings.
	for i, f := range []struct {
		name     string
		value    float64
		rounding float64
	}{
		{"system time", got.CurrentCorrection, 1e-9},
		{"last offset", got.LastOffset, 1e-9},
		{"RMS offset", got.RMSOffset, 1e-9},
		{"frequency", got.FrequencyPPM, 1e-3},
		{"residual frequency", got.ResidualFrequencyPPM, 1e-3},
		{"skew", got.SkewPPM, 1e-3},
		{"root delay", got.RootDelay, 1e-9},
		{"root dispersion", got.RootDispersion, 1e-9},
		{"update interval", got.UpdateInterval, 0.1},
	} {
		a, b := number(t, before[4+i]), number(t, after[4+i])
		if low, high := math.Min(a, b)-f.rounding, math.Max(a, b)+f.rounding; f.value < low || f.value > high {
			t.Errorf("%s: got %v, chronyc printed %v before and %v after", f.name, f.value, a, b)
		}
	}
	if leap := got.LeapStatus.String(); leap != before[13] {
		t.Errorf("leap status: got %q, chronyc printed %q", leap, before[13])
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPychronyReadsTheSame compares every field of pychrony's TrackingStatus with ours.
func TestPychronyReadsTheSame(t *testing.T) {
	l := load(t)
	python := os.Getenv("CHECK_CHRONY_PYTHON")
	if python == "" {
		chronydtest.Missing(t, "a Python with pychrony (CHECK_CHRONY_PYTHON)")
	}
	for name, start := range states {
		t.Run(name, func(t *testing.T) {
			d := start(t)
			address := d.Addresses()["IPv4"]
			var before, after map[string]any
			var theirs map[string]any
			between(t, d, func() {
				before = pychronyFields(read(t, l, address).Tracking)
				theirs = pychrony(t, python, address)
				after = pychronyFields(read(t, l, address).Tracking)
			})
			if len(theirs) != len(before) {
				t.Errorf("pychrony has %d fields, and we %d: %v", len(theirs), len(before), theirs)
			}
			for field, want := range theirs {
				a, isNumber := before[field].(float64)
				b, _ := after[field].(float64)
				w, _ := want.(float64)
				// The offset and the root dispersion change between our two readings.
				if before[field] != want && (!isNumber || w < min(a, b) || w > max(a, b)) {
					t.Errorf("%s: we read %v before and %v after, pychrony %v", field, before[field], after[field], want)
				}
			}
		})
	}
}

// pychronyFields returns our values under the names of the fields in pychrony's
// TrackingStatus.
func pychronyFields(t chrony.Tracking) map[string]any {
	name := t.ReferenceID.Name()
	switch {
	case t.ReferenceID == 0:
		name = ""
	case name == t.ReferenceID.String():
		// An ID without letters: chronyc shows it in hexadecimal, pychrony dotted.
		id := uint32(t.ReferenceID)
		name = fmt.Sprintf("%d.%d.%d.%d", id>>24, id>>16&0xff, id>>8&0xff, id&0xff)
	}
	return map[string]any{
		"reference_id":      float64(t.ReferenceID),
		"reference_id_name": name,
		"reference_ip":      t.Address,
		"stratum":           float64(t.Stratum),
		"leap_status":       float64(t.LeapStatus),
		"ref_time":          float64(t.ReferenceTime.Unix()) + float64(t.ReferenceTime.Nanosecond())/1e9,
		"offset":            t.CurrentCorrection,
		"last_offset":       t.LastOffset,
		"rms_offset":        t.RMSOffset,
		"frequency":         t.FrequencyPPM,
		"residual_freq":     t.ResidualFrequencyPPM,
		"skew":              t.SkewPPM,
		"root_delay":        t.RootDelay,
		"root_dispersion":   t.RootDispersion,
		"update_interval":   t.UpdateInterval,
	}
}

func pychrony(t *testing.T, python, address string) map[string]any {
	t.Helper()
	const script = `
import dataclasses, enum, json, sys, pychrony
with pychrony.ChronyConnection(sys.argv[1]) as c:
    print(json.dumps(dataclasses.asdict(c.get_tracking()),
                     default=lambda o: o.value if isinstance(o, enum.Enum) else str(o)))
`
	out, err := exec.Command(python, "-c", script, address).Output()
	if err != nil {
		t.Fatalf("pychrony: %v", err)
	}
	var fields map[string]any
	if err := json.Unmarshal(out, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}
