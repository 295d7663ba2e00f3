// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/native"
)

func sprint(v any) string { return fmt.Sprintf("%#v", v) }

// healthy returns the report of a chronyd with one source of each kind. The protocol's
// floats can hold its numbers exactly.
func healthy() chrony.Report {
	return chrony.Report{
		Tracking: chrony.Tracking{
			ReferenceID:          0xC0000201,
			Address:              "192.0.2.1",
			Stratum:              3,
			LeapStatus:           chrony.LeapInsertSecond,
			ReferenceTime:        time.Unix(1790000000, 123456789).UTC(),
			CurrentCorrection:    -0x1.8p-20,
			LastOffset:           0x1.123456p-21,
			RMSOffset:            0x1p-19,
			FrequencyPPM:         -12.5,
			ResidualFrequencyPPM: -0x1p-10,
			SkewPPM:              0.0625,
			RootDelay:            0.015625,
			RootDispersion:       0x1.8p-11,
			UpdateInterval:       64.25,
		},
		Sources: []chrony.Source{
			{
				Address: "192.0.2.1", State: chrony.Selected, Stratum: 2, Poll: 6, Reachability: 0o377,
				LastSampleAgo: 17, LastSampleOffset: -0x1p-15, LastSampleError: 0x1p-9,
			},
			{
				Address: "2001:db8::5", Mode: chrony.Peer, State: chrony.Combined, Stratum: 15, Poll: -7,
				Reachability: 1, LastSampleAgo: math.MaxUint32, LastSampleOffset: 0x1p-16, LastSampleError: 0x1p-8,
			},
			{ReferenceID: 0x47505300, Mode: chrony.ReferenceClock, State: chrony.Falseticker, Poll: 4},
			{Address: "ID#0000000007", State: chrony.NotSelectable, Poll: 10, LastSampleAgo: chrony.NoSample},
		},
	}
}

// stateless returns a newHandler for same. The handler remembers nothing, so both
// readers can share it.
func stateless(h chronydtest.Handler) func() chronydtest.Handler {
	return func() chronydtest.Handler { return h }
}

func TestCodecsFindWhatChronydHas(t *testing.T) {
	for _, network := range []string{"udp4", "udp6", "unixgram"} {
		t.Run(network, func(t *testing.T) {
			got := readAndCompare(t, network, answeredTimeout, stateless(chronydtest.Answer(healthy())), nil)
			for _, d := range differences(got, healthy()) {
				t.Error("read by one, sent by the other:", d)
			}
		})
	}
}

func TestCodecsAgreeOnTheNumberOfSources(t *testing.T) {
	for _, test := range []struct {
		number uint32
		want   error
	}{
		{0, nil},
		{1, nil},
		{1000, nil},
		{chrony.MaxSources + 1, chrony.ErrInvalidReply},
		{math.MaxInt32, chrony.ErrInvalidReply},
		{math.MaxInt32 + 1, chrony.ErrInvalidReply},
		{math.MaxUint32, chrony.ErrInvalidReply},
	} {
		t.Run(fmt.Sprint(test.number), func(t *testing.T) {
			report := healthy()
			for range min(test.number, 1000) {
				report.Sources = append(report.Sources, report.Sources[0])
			}
			handler := chronydtest.Changed(chronydtest.Answer(report), chronydtest.RequestNumberSources,
				chronydtest.Set32(chronydtest.HeaderLength, test.number))
			got := readAndCompare(t, "udp4", 4*answeredTimeout, stateless(handler), test.want)
			if test.want == nil && len(got.Sources) != int(test.number) {
				t.Errorf("%d sources, want %d", len(got.Sources), test.number)
			}
		})
	}
}

func TestCodecsAgreeOnFields(t *testing.T) {
	type change = chronydtest.Change
	tests := []struct {
		name    string
		command uint16
		change  change
		want    error
	}{
		{"TV_NOHIGHSEC", chronydtest.RequestTracking, chronydtest.Set32(chronydtest.AtReferenceTime, 0x7fffffff), nil},
		{"seconds beyond 32 bits", chronydtest.RequestTracking, chronydtest.Set32(chronydtest.AtReferenceTime, 1), nil},
		{"far future", chronydtest.RequestTracking, chronydtest.Set32(chronydtest.AtReferenceTime, 0x7ffffffe), nil},
		{"before 1970", chronydtest.RequestTracking, chronydtest.Set32(chronydtest.AtReferenceTime, math.MaxUint32), nil},
		{"low half with its highest bit", chronydtest.RequestTracking, chronydtest.Set32(chronydtest.AtReferenceTime+4, math.MaxUint32), nil},
		{"a second of nanoseconds", chronydtest.RequestTracking, chronydtest.Set32(chronydtest.AtReferenceTime+8, 1e9), nil},
		{"all nanoseconds", chronydtest.RequestTracking, chronydtest.Set32(chronydtest.AtReferenceTime+8, math.MaxUint32), nil},
		{"time zero", chronydtest.RequestTracking, func(b []byte) []byte {
			clear(b[chronydtest.AtReferenceTime:][:12])
			return b
		}, nil},
		{"reference ID of junk", chronydtest.RequestTracking, chronydtest.Set32(chronydtest.AtReferenceID, 0x7c0a0022), nil},
		{"reference clock's ID of junk", chronydtest.RequestSource, chronydtest.Set32(chronydtest.AtSourceAddress, 0xff7c0a00), nil},
		{"IPv4 in IPv6", chronydtest.RequestTracking, setIPv6(chronydtest.AtAddress, "::ffff:192.0.2.1"), nil},
		{"IPv4 in IPv6, source", chronydtest.RequestSource, setIPv6(chronydtest.AtSourceAddress, "::ffff:192.0.2.1"), nil},
		// which libchrony writes as ::192.0.2.1
		{"IPv6 that ends like IPv4", chronydtest.RequestSource, setIPv6(chronydtest.AtSourceAddress, "::c000:201"), nil},
		{"ID of ten digits", chronydtest.RequestSource, func(b []byte) []byte {
			return chronydtest.Set16(chronydtest.AtSourceAddressFamily, 3)(chronydtest.Set32(chronydtest.AtSourceAddress, math.MaxUint32)(b))
		}, nil},
		{"poll -32768", chronydtest.RequestSource, chronydtest.Set16(chronydtest.AtPoll, 0x8000), nil},
		{"poll -1", chronydtest.RequestSource, chronydtest.Set16(chronydtest.AtPoll, 0xffff), nil},
		{"poll 32767", chronydtest.RequestSource, chronydtest.Set16(chronydtest.AtPoll, 0x7fff), nil},
		{"reachability 256", chronydtest.RequestSource, chronydtest.Set16(chronydtest.AtReachability, 256), chrony.ErrInvalidReply},
		{"flags", chronydtest.RequestSource, chronydtest.Set16(chronydtest.AtReachability-2, 0xffff), nil},
		{"stratum 0 of a synchronised clock", chronydtest.RequestTracking, chronydtest.Set16(chronydtest.AtStratum, 0), chrony.ErrInvalidReply},
		{"negative root delay", chronydtest.RequestTracking, chronydtest.Set32(chronydtest.AtCurrentCorrection+24, chronydtest.Float(-1)), chrony.ErrInvalidReply},
	}
	add := func(name string, command uint16, at int, limit uint16, values ...uint16) {
		for _, v := range values {
			var want error
			if v > limit {
				want = chrony.ErrInvalidReply
			}
			tests = append(tests, struct {
				name    string
				command uint16
				change  change
				want    error
			}{fmt.Sprintf("%s %d", name, v), command, chronydtest.Set16(at, v), want})
		}
	}
	add("stratum", chronydtest.RequestTracking, chronydtest.AtStratum, 16, 1, 16, 17, 255, 65535)
	add("leap status", chronydtest.RequestTracking, chronydtest.AtLeapStatus, 3, 0, 1, 2, 3, 4, 65535)
	add("address family", chronydtest.RequestTracking, chronydtest.AtAddressFamily, 65535, 0, 1, 2, 3, 4, 65535)
	add("source's address family", chronydtest.RequestSource, chronydtest.AtSourceAddressFamily, 65535, 0, 1, 2, 3, 4, 65535)
	add("source's stratum", chronydtest.RequestSource, chronydtest.AtSourceStratum, 16, 0, 16, 17, 255)
	add("state", chronydtest.RequestSource, chronydtest.AtState, 5, 0, 5, 6, 65535)
	add("mode", chronydtest.RequestSource, chronydtest.AtMode, 2, 0, 1, 2, 3, 65535)

	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			readAndCompare(t, "udp4", answeredTimeout, stateless(chronydtest.Changed(chronydtest.Answer(healthy()), test.command, test.change)), test.want)
		})
	}
}

// setIPv6 changes an address and its family.
func setIPv6(at int, text string) chronydtest.Change {
	return func(b []byte) []byte {
		ip := netip.MustParseAddr(text).As16()
		copy(b[at:], append(ip[:], 0, 2)) // IPADDR_INET6
		return b
	}
}

// withFloats returns changes to the replies that hold a tracking report and a source: the
// fields that may have any value get the floats of this exponent, from the i-th
// coefficient on.
func withFloats(exponent uint32, i int) (tracking, source chronydtest.Change) {
	set := func(fields ...int) chronydtest.Change {
		return func(reply []byte) []byte {
			for n, at := range fields {
				reply = chronydtest.Set32(at, exponent<<25|coefficients[(i+n)%len(coefficients)])(reply)
			}
			return reply
		}
	}
	const first = chronydtest.AtCurrentCorrection
	return set(first, first+4, first+12, first+16),
		set(chronydtest.AtLastSampleOffset-4, chronydtest.AtLastSampleOffset, chronydtest.AtLastSampleError)
}

// coefficients are those of floats at the ends of their ranges, and one between them.
var coefficients = []uint32{0, 1, 2, 1<<23 - 1, 1 << 23, 1<<24 - 1, 1 << 24, 1<<24 + 1, 1<<25 - 1, 0x155aa55}

func TestCodecsAgreeOnExtremeFloats(t *testing.T) {
	for _, exponent := range []uint32{0, 1, 63, 64, 127} {
		for i := range coefficients {
			report := healthy()
			report.Sources = report.Sources[:1]
			tracking, source := withFloats(exponent, i)
			readAndCompare(t, "udp4", answeredTimeout, stateless(chronydtest.Changed(
				chronydtest.Changed(chronydtest.Answer(report), chronydtest.RequestTracking, tracking),
				chronydtest.RequestSource, source)), nil)
		}
	}
}

// The other floats don't need a network.
func TestCodecsAgreeOnFloats(t *testing.T) {
	library := libchronyCodec(t)
	for exponent := range uint32(128) {
		for i := range coefficients {
			tracking, source := withFloats(exponent, i)
			read := func(codec cmdmon.Codec) (r chrony.Report) {
				changed := func(change chronydtest.Change) cmdmon.RoundTrip {
					return chronydtest.RoundTrip(func(request []byte) [][]byte {
						return [][]byte{change(chronydtest.Reply(request, healthy()))}
					})
				}
				var errTracking, errSource error
				r.Tracking, errTracking = codec.Tracking(changed(tracking))
				r.Sources = make([]chrony.Source, 1)
				r.Sources[0], errSource = codec.Source(changed(source), 0)
				if err := errors.Join(errTracking, errSource); err != nil {
					t.Errorf("exponent %d, coefficient %d: %v", exponent, i, err)
				}
				return r
			}
			for _, d := range differences(read(native.Codec{}), read(library)) {
				t.Errorf("exponent %d, coefficient %d: %s", exponent, i, d)
			}
		}
	}
}

func TestCodecsMakeTheSameRequests(t *testing.T) {
	n := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy()))
	l := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy()))
	readBoth(t, n.Address, l.Address, neverResent)
	byNative, byLibrary := n.Requests(), l.Requests()
	if len(byLibrary) == 0 {
		t.Skip("one codec alone")
	}
	if len(byNative) != len(byLibrary) {
		t.Fatalf("%d requests by native, %d by libchrony", len(byNative), len(byLibrary))
	}
	for i := range byNative {
		clear(byNative[i][8:12]) // the sequence number
		clear(byLibrary[i][8:12])
		if got, want := fmt.Sprintf("%x", byNative[i]), fmt.Sprintf("%x", byLibrary[i]); got != want {
			t.Errorf("request %d:\nnative    %s\nlibchrony %s", i, got, want)
		}
	}
}

func TestCodecsRemoveTheirSockets(t *testing.T) {
	fakes := [2]*chronydtest.Fake{}
	for i := range fakes {
		fakes[i] = chronydtest.NewFake(t, "unixgram", chronydtest.Answer(healthy()))
	}
	readBoth(t, fakes[0].Address, fakes[1].Address, answeredTimeout)
	for _, f := range fakes {
		onlyThis(t, f.Address)
	}
}

// onlyThis fails if there is anything else in the file's directory.
func onlyThis(t *testing.T, path string) {
	t.Helper()
	dir := path[:len(path)-len("/chronyd.sock")]
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "chronyd.sock" {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}
