// SPDX-License-Identifier: MIT

package native

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

// floats returns the values of nine floats that chronyd sends as these bits.
func floats(t testing.TB, bits [9]uint32) [9]float64 {
	t.Helper()
	got, err := Codec{}.Tracking(chronydtest.RoundTrip(func(request []byte) [][]byte {
		reply := chronydtest.Tracking(request, chrony.Tracking{})
		for i, b := range bits {
			binary.BigEndian.PutUint32(reply[chronydtest.AtCurrentCorrection+4*i:], b)
		}
		return [][]byte{reply}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return [9]float64{
		got.CurrentCorrection, got.LastOffset, got.RMSOffset, got.FrequencyPPM, got.ResidualFrequencyPPM,
		got.SkewPPM, got.RootDelay, got.RootDispersion, got.UpdateInterval,
	}
}

// A float64 can hold every candm.h Float exactly, so every bit must be right.
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

func TestPollsAreSigned(t *testing.T) {
	const want = -7
	got, err := Codec{}.Source(chronydtest.RoundTrip(func(request []byte) [][]byte {
		return [][]byte{chronydtest.Reply(request, chrony.Report{Sources: []chrony.Source{{Poll: want}}})}
	}), 0)
	if err != nil || got.Poll != want {
		t.Errorf("got %d %v, want %d", got.Poll, err, want)
	}
}

// askEach asks each question once. Each request gets the reply that answer returns. It
// returns the errors, by command.
func askEach(answer func(request []byte) []byte) map[uint16]error {
	roundTrip := chronydtest.RoundTrip(func(request []byte) [][]byte { return [][]byte{answer(request)} })
	_, tracking := Codec{}.Tracking(roundTrip)
	_, number := Codec{}.NumberSources(roundTrip)
	_, source := Codec{}.Source(roundTrip, 258)
	_, activity := Codec{}.Activity(roundTrip)
	_, selectData := Codec{}.SelectData(roundTrip, 258)
	return map[uint16]error{
		chronydtest.RequestTracking: tracking, chronydtest.RequestNumberSources: number, chronydtest.RequestSource: source,
		chronydtest.RequestActivity: activity, chronydtest.RequestSelectData: selectData,
	}
}

// report returns the report of a chronyd that has the source that askEach asks for.
func report() chrony.Report { return chrony.Report{Sources: make([]chrony.Source, 259)} }

// A request is as long as its reply, and is zero after its first 24 bytes.
func TestRequests(t *testing.T) {
	want := map[uint16]string{
		chronydtest.RequestTracking:      "\x06\x01\x00\x00\x00\x21\x00\x00____\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		chronydtest.RequestNumberSources: "\x06\x01\x00\x00\x00\x0e\x00\x00____\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		chronydtest.RequestSource:        "\x06\x01\x00\x00\x00\x0f\x00\x00____\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02",
		chronydtest.RequestActivity:      "\x06\x01\x00\x00\x00\x2c\x00\x00____\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		chronydtest.RequestSelectData:    "\x06\x01\x00\x00\x00\x45\x00\x00____\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02",
	}
	var sequences []string
	for command, err := range askEach(func(request []byte) []byte {
		command := chronydtest.Command(request)
		sequences = append(sequences, string(request[8:12]))
		reply := chronydtest.Reply(request, report())
		got := slices.Clone(request)
		copy(got[8:], "____") // the sequence number
		if want := want[command] + strings.Repeat("\x00", len(reply)-24); string(got) != want {
			t.Errorf("request %d: got %x, want %x", command, got, want)
		}
		return reply
	}) {
		if err != nil {
			t.Errorf("request %d: %v", command, err)
		}
	}
	slices.Sort(sequences)
	if len(slices.Compact(sequences)) == 1 {
		t.Errorf("all have the sequence number %x", sequences[0])
	}
}

func TestReplies(t *testing.T) {
	for _, test := range []struct {
		name   string
		change chronydtest.Change
		want   error
	}{
		{"longer", chronydtest.Extend(1000), nil},
		{"cut short", func(b []byte) []byte { return b[:len(b)-1] }, chrony.ErrInvalidReply},
		{"another type", chronydtest.Set16(chronydtest.AtReply, 4), chrony.ErrServerTooNew},
		{"STT_FAILED", chronydtest.Set16(chronydtest.AtStatus, 1), chrony.ErrUnexpectedStatus},
		{"STT_UNAUTH", chronydtest.Set16(chronydtest.AtStatus, 2), chrony.ErrNotAuthorised},
		{"STT_INVALID", chronydtest.Set16(chronydtest.AtStatus, 3), chrony.ErrServerTooOld},
		{"STT_NOTENABLED", chronydtest.Set16(chronydtest.AtStatus, 6), chrony.ErrDisabled},
		{"STT_NORTC", chronydtest.Set16(chronydtest.AtStatus, 13), chrony.ErrDisabled},
		{"STT_BADPKTVERSION", chronydtest.Set16(chronydtest.AtStatus, 18), chrony.ErrServerTooNew},
		{"STT_BADPKTLENGTH", chronydtest.Set16(chronydtest.AtStatus, 19), chrony.ErrServerTooNew},
		{"a bare header", chronydtest.Cut(chronydtest.HeaderLength), chrony.ErrInvalidReply},
		{"less than a header", chronydtest.Cut(chronydtest.HeaderLength - 1), chrony.ErrNoReply},
		{"version 5", chronydtest.Set8(chronydtest.AtVersion, 5), chrony.ErrNoReply},
		{"a request", chronydtest.Set8(chronydtest.AtPacketType, 1), chrony.ErrNoReply},
		{"a reserved byte", chronydtest.Set8(chronydtest.AtReserved, 1), chrony.ErrNoReply},
		{"another command", chronydtest.Flip(chronydtest.AtCommand + 1), chrony.ErrNoReply},
		{"another sequence number", chronydtest.Flip(chronydtest.AtSequence + 3), chrony.ErrNoReply},
	} {
		for command, err := range askEach(func(request []byte) []byte {
			return test.change(chronydtest.Reply(request, report()))
		}) {
			if !errors.Is(err, test.want) {
				t.Errorf("%s, request %d: got %v, want %v", test.name, command, err, test.want)
			}
		}
	}
}

// FuzzReply hands any datagram to the codec as the reply to one of its requests.
func FuzzReply(f *testing.F) {
	chronydtest.AddReplies(f)
	f.Fuzz(func(t *testing.T, reply []byte, command uint16, right bool) {
		isReply := false
		roundTrip := chronydtest.RoundTrip(func(request []byte) [][]byte {
			datagram := chronydtest.FuzzedReply(request, reply, command, right)
			isReply = chronydtest.IsReply(request, datagram)
			return [][]byte{datagram}
		})
		_, tracking := Codec{}.Tracking(roundTrip)
		chronydtest.CheckFuzzed(t, tracking, isReply)
		_, number := Codec{}.NumberSources(roundTrip)
		chronydtest.CheckFuzzed(t, number, isReply)
		_, source := Codec{}.Source(roundTrip, 0)
		chronydtest.CheckFuzzed(t, source, isReply)
		_, activity := Codec{}.Activity(roundTrip)
		chronydtest.CheckFuzzed(t, activity, isReply)
		_, selectData := Codec{}.SelectData(roundTrip, 0)
		chronydtest.CheckFuzzed(t, selectData, isReply)
	})
}
