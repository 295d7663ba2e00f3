// SPDX-License-Identifier: MIT

package chronydtest

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chrony"
)

const fleet = "../../testdata/fleet/"

// Each recording is whole, and what is read from it encodes to the same bytes again.
func TestRecordings(t *testing.T) {
	names, err := filepath.Glob(fleet + "*.rec.gz")
	if err != nil || len(names) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	request := make([]byte, HeaderLength)
	for _, name := range names {
		var last time.Time
		for i, s := range OpenRecording(t, name) {
			if !s.Time.After(last) {
				t.Fatalf("%s: sample %d: %v is not after %v", name, i+1, s.Time, last)
			}
			last = s.Time
			if err := s.Report.Tracking.Validate(); err != nil && s.Answered {
				t.Fatalf("%s: sample %d: %v", name, i+1, err)
			}
			if got := Tracking(request, s.Report.Tracking)[HeaderLength:]; s.Answered && !bytes.Equal(got, s.tracking) {
				t.Fatalf("%s: sample %d: tracking %+v makes\n%x, not\n%x", name, i+1, s.Report.Tracking, got, s.tracking)
			}
			for n, source := range s.Report.Sources {
				got, want := Source(request, source)[HeaderLength:], s.sources[n]
				// Flags and the original offset, which no reader uses, aren't kept.
				for _, at := range []int{AtMode + 2, AtMode + 3, AtLastSampleOffset - 4, AtLastSampleOffset - 3, AtLastSampleOffset - 2, AtLastSampleOffset - 1} {
					got[at-HeaderLength] = want[at-HeaderLength]
				}
				if err := source.Validate(); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%s: sample %d: source %+v (%v) makes\n%x, not\n%x", name, i+1, source, err, got, want)
				}
			}
		}
	}
}

func TestARecordingThatIsCutShort(t *testing.T) {
	whole, err := os.ReadFile(fleet + "boot-10s-off.rec.gz")
	if err != nil {
		t.Fatal(err)
	}
	zipped := func(data []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(data)
		w.Close()
		return b.Bytes()
	}
	// One sample of an absent chronyd, and the start of one with a source.
	absent := append(bytes.Repeat([]byte{0}, 16), 0xff, 0xff, 0xff, 0xff)
	absent = append(absent, make([]byte, trackingReplyLength)...)
	present := bytes.Clone(absent)
	present[16], present[17], present[18], present[19] = 1, 0, 0, 0
	many := bytes.Clone(absent)
	many[19] = 0x7f

	for name, tt := range map[string]struct {
		data []byte
		want string // of the error; empty: one sample
	}{
		"an absent chronyd":          {zipped(absent), ""},
		"in the middle of the file":  {whole[:len(whole)/2], "recording is cut short in sample "},
		"the last bytes of the file": {whole[:len(whole)-8], "recording is cut short in sample 181"},
		"in the head of a sample":    {zipped(append(bytes.Clone(absent), 1)), "recording is cut short in sample 2"},
		"in tracking":                {zipped(absent[:50]), "recording is cut short in sample 1"},
		"before tracking":            {zipped(absent[:20]), "recording is cut short in sample 1"},
		"before a source":            {zipped(present), "recording is cut short in sample 1"},
		"in a source":                {zipped(append(bytes.Clone(present), 1, 2, 3)), "recording is cut short in sample 1"},
		"too many sources":           {zipped(many), "recording: sample 1: 2147483647 sources"},
		"empty":                      {nil, "recording: EOF"},
		"another file":               {[]byte("no gzip, but long enough"), "recording: gzip: invalid header"},
	} {
		samples, err := ReadRecording(bytes.NewReader(tt.data))
		if tt.want == "" {
			if err != nil || len(samples) != 1 || samples[0].Answered {
				t.Errorf("%s: got %+v, %v", name, samples, err)
			}
		} else if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %d samples, error %v; want %s", name, len(samples), err, tt.want)
		}
	}
}

// The clock that chronyd shows to others is the host's plus what remains to be corrected.
func TestSampleNow(t *testing.T) {
	s := Sample{Time: time.Unix(1_700_000_000, 0), Error: 0.5}
	s.Report.Tracking.CurrentCorrection = -20
	for _, tt := range []struct{ err, want float64 }{{0.5, 20.5}, {math.NaN(), 20}} {
		s.Error = tt.err
		if got := s.Now().Sub(s.Time).Seconds(); got != tt.want {
			t.Errorf("error %v: got %v s ahead, want %v", tt.err, got, tt.want)
		}
	}
}

// A sample can be replayed at another time than its own, and keeps its age.
func TestSampleAnswer(t *testing.T) {
	s := OpenRecording(t, fleet+"lan.rec.gz")[100]
	now := time.Unix(1_800_000_000, 0)
	request := make([]byte, TrackingLength)
	binary.BigEndian.PutUint16(request[4:], RequestTracking)
	got := decodeTracking(s.Answer(now)(request, 0)[0].Bytes[HeaderLength:])
	want := s.Report.Tracking
	if age := got.Age(now); math.Abs(age-want.Age(s.Now())) > 1e-6 {
		t.Errorf("got age %v, want %v", age, want.Age(s.Now()))
	}
	got.ReferenceTime = want.ReferenceTime
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// While the clock isn't synchronised there is no reference time to shift.
	s = Sample{Answered: true, tracking: make([]byte, trackingReplyLength)}
	s.Report.Tracking = decodeTracking(s.tracking)
	if got := decodeTracking(s.Answer(now)(request, 0)[0].Bytes[HeaderLength:]); got != s.Report.Tracking {
		t.Errorf("got %+v, want %+v", got, s.Report.Tracking)
	}
	if got := (Sample{Report: chrony.Report{}}).Answer(now)(request, 0); got != nil {
		t.Errorf("an absent chronyd answers with %v", got)
	}
}
