// SPDX-License-Identifier: MIT

package cmdmon

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

// memory is a socket to a daemon that answers each request at once with the
// datagrams of a function, and then is silent.
type memory struct {
	conn   // nil: nothing else is used
	answer func(request []byte) [][]byte
	queue  [][]byte
}

func (m *memory) mayBlock(int, time.Time) error { return nil }

func (m *memory) Write(request []byte) (int, error) {
	m.queue = m.answer(request)
	return len(request), nil
}

func (m *memory) Read(buffer []byte) (int, error) {
	if len(m.queue) == 0 {
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(buffer, m.queue[0])
	m.queue = m.queue[1:]
	return n, nil
}

// readMemory reads a daemon in memory. Without a deadline each request is made
// once.
func readMemory(ctx context.Context, answer func(request []byte) [][]byte) (chrony.Report, error) {
	return chrony.ReadReport(ctx, &session{&memory{answer: answer}, func(string, ...any) {}})
}

// floats reads nine floats that a daemon has sent as the given bits.
func floats(t testing.TB, bits [9]uint32) [9]float64 {
	t.Helper()
	s := &session{&memory{answer: func(request []byte) [][]byte {
		reply := chronydtest.Tracking(request, chrony.Tracking{})
		for i, b := range bits {
			binary.BigEndian.PutUint32(reply[chronydtest.AtCurrentCorrection+4*i:], b)
		}
		return [][]byte{reply}
	}}, func(string, ...any) {}}
	got, err := s.Tracking(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return [9]float64{
		got.CurrentCorrection, got.LastOffset, got.RMSOffset, got.FrequencyPPM, got.ResidualFrequencyPPM,
		got.SkewPPM, got.RootDelay, got.RootDispersion, got.UpdateInterval,
	}
}

// A candm.h Float is exact in a float64: every bit of it must be right.
func TestFloatsAreExact(t *testing.T) {
	step := uint32(1<<25) / 2000
	if testing.Short() {
		step *= 20
	}
	for exponent := int32(-64); exponent < 64; exponent++ {
		coefficients := []int32{0, 1, -1, 1<<24 - 1, -1 << 24, 1 << 23, -1 << 23}
		for c := uint32(exponent + 64); c < 1<<25; c += step {
			coefficients = append(coefficients, int32(c)-1<<24)
		}
		for batch := range slices.Chunk(coefficients, 9) {
			var bits [9]uint32
			for i, c := range batch {
				bits[i] = uint32(exponent)<<25 | uint32(c)&(1<<25-1)
			}
			got := floats(t, bits)
			for i, c := range batch {
				want := math.Ldexp(float64(c), int(exponent)-25)
				if math.Float64bits(got[i]) != math.Float64bits(want) {
					t.Errorf("%d * 2^(%d-25) is read as %g, want %g", c, exponent, got[i], want)
				}
			}
		}
	}
}

func TestFloatsComeBackAsTheyWere(t *testing.T) {
	for _, want := range []float64{0, 1, -1, 0.1, -0.1, 1e-9, -123.456, 1e6, 0x1p-89, 0x1p61, 0x1.fffffep61, -0x1p62} {
		got := floats(t, [9]uint32{chronydtest.Float(want)})[0]
		if math.Abs(got-want) > math.Abs(want)*0x1p-24 {
			t.Errorf("%g was read as %g", want, got)
		}
	}
}

func TestAddressesAreLibchronys(t *testing.T) {
	v6 := "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05"
	for _, test := range []struct{ field, want string }{
		{v6 + "\x00\x00\x00\x00", ""},
		{v6 + "\x00\x01\x00\x00", "32.1.13.184"},
		{v6 + "\x00\x02\x00\x00", "2001:db8::5"},
		{v6 + "\x00\x02\xff\xff", "2001:db8::5"}, // padding
		{v6 + "\x00\x03\x00\x00", "ID#0536939960"},
		{v6 + "\x00\x04\x00\x00", "?"},
		{v6 + "\xff\xff\x00\x00", "?"},
	} {
		if got := address([]byte(test.field)); got != test.want {
			t.Errorf("address(%x) = %q, want %q", test.field, got, test.want)
		}
	}
}

func TestRequestsHaveTheLengthOfTheirReplies(t *testing.T) {
	report := chrony.Report{Sources: make([]chrony.Source, 2)}
	_, err := readMemory(t.Context(), func(request []byte) [][]byte {
		reply := chronydtest.Reply(request, report)
		if len(request) != len(reply) {
			t.Errorf("request %d has %d bytes, its reply %d", chronydtest.Command(request), len(request), len(reply))
		}
		return [][]byte{reply}
	})
	if err != nil {
		t.Error(err)
	}
}

// FuzzReply sends any bytes as the reply to one of the requests, with what makes
// it a reply to that request put right or not.
func FuzzReply(f *testing.F) {
	request := make([]byte, chronydtest.TrackingLength)
	request[5] = chronydtest.RequestTracking
	f.Add(chronydtest.Tracking(request, chrony.Tracking{Address: "192.0.2.1", Stratum: 3}), uint16(chronydtest.RequestTracking), true)
	request[5] = chronydtest.RequestNumberSources
	f.Add(chronydtest.NumberSources(request, math.MaxUint32), uint16(chronydtest.RequestNumberSources), true)
	request[5] = chronydtest.RequestSource
	source := chronydtest.Source(request, chrony.Source{Address: "ID#0000000001", Poll: -1})
	f.Add(source, uint16(chronydtest.RequestSource), true)
	f.Add(source[:len(source)-1], uint16(chronydtest.RequestSource), true)
	f.Add(append(source, make([]byte, 1000)...), uint16(chronydtest.RequestSource), true)
	f.Add(chronydtest.Header(request, chronydtest.ReplyNull, 2), uint16(chronydtest.RequestSource), true)
	f.Add([]byte{}, uint16(chronydtest.RequestTracking), false)

	f.Fuzz(func(t *testing.T, data []byte, command uint16, ours bool) {
		right := chrony.Report{Sources: []chrony.Source{{Address: "192.0.2.1"}}}
		asked, accepted := 0, false
		report, err := readMemory(t.Context(), func(request []byte) [][]byte {
			if chronydtest.Command(request) != command {
				return [][]byte{chronydtest.Reply(request, right)}
			}
			datagram := slices.Clone(data)
			if ours && len(datagram) >= chronydtest.HeaderLength {
				copy(datagram, chronydtest.Header(request, 0, 0)[:chronydtest.AtReply])
				copy(datagram[chronydtest.AtSequence:], request[8:12])
				accepted = true
			}
			// By chance, or because the fuzzer learned it.
			accepted = accepted || answers(datagram, request)
			if asked++; asked > 10 {
				return nil // a number of sources: the first are enough
			}
			return [][]byte{datagram}
		})
		for _, known := range []error{
			nil, os.ErrDeadlineExceeded, chrony.ErrNotAuthorised, chrony.ErrDisabled, chrony.ErrServerTooOld,
			chrony.ErrServerTooNew, chrony.ErrUnexpectedStatus, chrony.ErrInvalidReply,
		} {
			if !errors.Is(err, known) {
				continue
			}
			switch {
			case err == nil && report.Tracking.Validate() != nil:
				t.Errorf("accepted: %+v", report)
			case err == nil && asked > 0 && !accepted:
				t.Errorf("accepted a datagram that is no reply: %x", data)
			}
			return
		}
		t.Errorf("unknown error %v", err)
	})
}

func TestDatagramsBeforeTheReplyLeaveNoTrace(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	want := chrony.Report{Sources: []chrony.Source{{Address: "192.0.2.1"}}}
	var before []byte
	got, err := readMemory(ctx, func(request []byte) [][]byte {
		reply := chronydtest.Reply(request, want)
		junk := bytes.Repeat([]byte{0xa5}, 1500)
		datagrams := [][]byte{before, reply[:10], junk, reply}
		before = reply
		return datagrams
	})
	if err != nil || len(got.Sources) != 1 || got.Sources[0] != want.Sources[0] || got.Tracking.Address != "" {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// flood is a socket on which there is always one more datagram, so that no
// deadline of the socket's ever ends a read.
type flood struct{ memory }

func (*flood) Read(buffer []byte) (int, error) { return copy(buffer, "junk"), nil }

func TestFloodOfDatagramsEndsAtTheDeadline(t *testing.T) {
	const timeout = 20 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	none := func([]byte) [][]byte { return nil }
	done := make(chan error)
	go func() {
		_, err := chrony.ReadReport(ctx, &session{&flood{memory{answer: none}}, func(string, ...any) {}})
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v, want %v", err, os.ErrDeadlineExceeded)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("still reading")
	}
}
