// SPDX-License-Identifier: MIT

package chronydtest

import (
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"check_chrony/internal/chrony"
)

// Sample is one reading of a chronyd on a simulated host, whose true time is
// known. testdata/fleet/README.md has the format of the recordings.
type Sample struct {
	// Time is the true time.
	Time time.Time
	// Error is how far ahead of the true time the clock was that chronyd shows to
	// others, in seconds; NaN if it showed none.
	Error float64
	// Answered reports whether chronyd answered at all. Report is empty if it didn't.
	Answered bool
	Report   chrony.Report

	tracking []byte   // as it came, without the header
	sources  [][]byte // likewise
}

// The lengths of a recording's parts, in bytes.
const (
	sampleLength        = 8 + 8 + 4
	trackingReplyLength = TrackingLength - HeaderLength
	sourceReplyLength   = SourceLength - HeaderLength
)

// noAnswer is the number of sources in a sample in which chronyd didn't answer.
const noAnswer = math.MaxUint32

// OpenRecording reads a recorded host from a file.
func OpenRecording(t testing.TB, name string) []Sample {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	samples, err := ReadRecording(file)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return samples
}

// ReadRecording reads a recording to its end. A recording that is cut short is an error:
// the missing part would pass for a quiet host.
func ReadRecording(r io.Reader) ([]Sample, error) {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	var samples []Sample
	for {
		s, err := readSample(unzipped)
		switch {
		case errors.Is(err, io.EOF):
			return samples, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("recording is cut short in sample %d", len(samples)+1)
		case err != nil:
			return nil, fmt.Errorf("recording: sample %d: %w", len(samples)+1, err)
		}
		samples = append(samples, s)
	}
}

// readSample reads the next sample. The error is [io.EOF] only at the end of a sample.
func readSample(r io.Reader) (Sample, error) {
	head := make([]byte, sampleLength)
	if _, err := io.ReadFull(r, head); err != nil {
		return Sample{}, err
	}
	number := binary.LittleEndian.Uint32(head[16:])
	s := Sample{
		Time:     seconds(math.Float64frombits(binary.LittleEndian.Uint64(head))),
		Error:    math.Float64frombits(binary.LittleEndian.Uint64(head[8:])),
		Answered: number != noAnswer,
		tracking: make([]byte, trackingReplyLength),
	}
	if err := readRest(r, s.tracking); err != nil || !s.Answered {
		return s, err
	}
	if number > chrony.MaxSources {
		return s, fmt.Errorf("%d sources", number)
	}
	s.Report.Tracking = decodeTracking(s.tracking)
	for range number {
		source := make([]byte, sourceReplyLength)
		if err := readRest(r, source); err != nil {
			return s, err
		}
		s.sources = append(s.sources, source)
		s.Report.Sources = append(s.Report.Sources, decodeSource(source))
	}
	return s, nil
}

// readRest fills b. In the middle of a sample an end of file is always unexpected.
func readRest(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// seconds returns the time that is s seconds after 1970.
func seconds(s float64) time.Time {
	whole, fraction := math.Modf(s)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC()
}

// ClockError returns how far ahead of the true time the host's own clock was, in seconds;
// NaN if that isn't known. What chronyd has still to correct is missing from it, but not
// from the clock that chronyd shows to others.
func (s Sample) ClockError() float64 {
	return s.Error - s.Report.Tracking.CurrentCorrection
}

// Now returns the time that a program on the host reads from its clock.
func (s Sample) Now() time.Time {
	ahead := s.ClockError()
	if math.IsNaN(ahead) {
		ahead = -s.Report.Tracking.CurrentCorrection
	}
	return s.Time.Add(time.Duration(ahead * float64(time.Second)))
}

// Answer returns a handler that gives the recorded replies as if the sample were taken
// at the given time of the host's clock. If chronyd didn't answer, neither does it.
func (s Sample) Answer(now time.Time) Handler {
	if !s.Answered {
		return func([]byte, int) []Datagram { return nil }
	}
	tracking := s.tracking
	if t := s.Report.Tracking.ReferenceTime; t.Unix() != 0 {
		tracking = slices.Clone(tracking)
		copy(tracking[AtReferenceTime-HeaderLength:], appendTime(nil, t.Add(now.Sub(s.Now()))))
	}
	return func(request []byte, _ int) []Datagram {
		switch command := Command(request); {
		case command == RequestTracking:
			return Send(append(Header(request, ReplyTracking, 0), tracking...))
		case command == RequestSource && Index(request) < uint32(len(s.sources)):
			return Send(append(Header(request, ReplySource, 0), s.sources[Index(request)]...))
		default:
			return Send(Reply(request, s.Report))
		}
	}
}
