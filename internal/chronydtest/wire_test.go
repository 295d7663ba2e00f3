// SPDX-License-Identifier: MIT

package chronydtest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"math"
	"net/netip"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/native"
)

// captured returns the replies of a chronyd 4.3 that followed another one on loopback,
// and had an unreachable server on each protocol, an unknown name and a dead reference
// clock. The requests were like chronyc's, with the sequence number 01020304.
func captured() (tracking, number string, sources []string) {
	return "060200000021000500000000000000000102030400000000000000007f0000017f0000010000000000000000000000000001000000040000000000006b03fc9623b4c8fcdd0584c2d49a6831da8a7ec7f8dac6e7eabae80efeee0459e0ca667cde9cd43704804ad6",
		"06020000000e0002000000000000000001020304000000000000000000000005",
		[]string{
			"06020000000f000300000000000000000102030400000000000000004750530000000000000000000000000000010000000400000001000200000000ffffffff000000000000000000000000",
			"06020000000f000300000000000000000102030400000000000000007f000001000000000000000000000000000100000000000300000000000000ff00000001d8af8e8ad888f480e080062e",
			"06020000000f00030000000000000000010203040000000000000000c000020700000000000000000000000000010000000600000001000000000000ffffffff000000000000000000000000",
			"06020000000f0003000000000000000001020304000000000000000020010db800000000000000000000000500020000000600000001000000000000ffffffff000000000000000000000000",
			"06020000000f000300000000000000000102030400000000000000000000000100000000000000000000000000030000000600000001000000000000ffffffff000000000000000000000000",
		}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRepliesAreEncodedAsARealChronydDoes(t *testing.T) {
	tracking, number, sources := captured()
	// The captured replies, with the request's sequence number.
	replay := func(request []byte, _ int) []chronydtest.Datagram {
		text := tracking
		switch chronydtest.Command(request) {
		case chronydtest.RequestNumberSources:
			text = number
		case chronydtest.RequestSource:
			text = sources[chronydtest.Index(request)]
		}
		reply := unhex(t, text)
		copy(reply[chronydtest.AtSequence:], request[8:12])
		return chronydtest.Send(reply)
	}
	wait := cmdmon.Limit{Deadline: time.Now().Add(5 * time.Second), Context: context.Background}
	report, err := cmdmon.Read(native.Codec{}, at(chronydtest.NewFake(t, "udp4", replay)), cmdmon.Reports{}, wait, t.Logf)
	if err = cmp.Or(err, report.SourcesErr); err != nil {
		t.Fatal(err)
	}

	request := make([]byte, chronydtest.TrackingLength)
	copy(request[8:], []byte{1, 2, 3, 4})
	command := func(c byte) []byte { request[5] = c; return request }
	if got, want := chronydtest.Tracking(command(chronydtest.RequestTracking), report.Tracking), unhex(t, tracking); !bytes.Equal(got, want) {
		t.Errorf("tracking:\ngot  %x\nwant %x", got, want)
	}
	if got, want := chronydtest.NumberSources(command(chronydtest.RequestNumberSources), uint32(len(report.Sources))), unhex(t, number); !bytes.Equal(got, want) {
		t.Errorf("number of sources:\ngot  %x\nwant %x", got, want)
	}
	for i, source := range report.Sources {
		got, want := chronydtest.Source(command(chronydtest.RequestSource), source), unhex(t, sources[i])
		copy(got[chronydtest.AtLastSampleOffset-4:], want[chronydtest.AtLastSampleOffset-4:][:4]) // the original offset
		if !bytes.Equal(got, want) {
			t.Errorf("source %d:\ngot  %x\nwant %x", i, got, want)
		}
	}
}

func TestFloatIsTheNearestThatFits(t *testing.T) {
	for _, test := range []struct {
		value float64
		want  uint32
	}{
		{0, 0},
		{math.Copysign(0, -1), 0},
		{math.NaN(), 0},
		{1, 2<<25 | 1<<23},
		{-1, 2<<25 | 1<<25 - 1<<23},
		{1.5, 2<<25 | 3<<22},
		{0x1p-89, 64<<25 | 1}, // the smallest: coefficient 1, exponent -64
		{-0x1p-89, 65<<25 - 1},
		{0x1p-91, 64 << 25},
		{0x1p61, 63<<25 | 1<<23},
		{0x1p62, 63<<25 | 1<<24 - 1}, // too large
		{-0x1p62, 63<<25 | 1<<24},
		{math.Inf(1), 63<<25 | 1<<24 - 1},
		{math.Inf(-1), 63<<25 | 1<<24},
		{math.MaxFloat64, 63<<25 | 1<<24 - 1},
	} {
		if got := chronydtest.Float(test.value); got != test.want {
			t.Errorf("Float(%g) = %#08x, want %#08x", test.value, got, test.want)
		}
	}
}

func TestFakeAnswersAsAChronydInThatState(t *testing.T) {
	want := chrony.ErrNotAuthorised
	wait := cmdmon.Limit{Deadline: time.Now().Add(5 * time.Second), Context: context.Background}
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chrony.Report{Tracking: chrony.Tracking{Stratum: 3}, SourcesErr: want}))
	report, err := cmdmon.Read(native.Codec{}, at(fake), cmdmon.Reports{}, wait, t.Logf)
	if err != nil || report.SourcesErr != want {
		t.Errorf("got %v and the sources' %v, want only the latter: %v", err, report.SourcesErr, want)
	}
	if got := len(fake.Requests()); got != 2 {
		t.Errorf("%d requests, want 2", got)
	}
}

// at returns the address of a fake chronyd.
func at(fake *chronydtest.Fake) cmdmon.Address {
	udp := netip.MustParseAddrPort(fake.Address)
	return cmdmon.UDP(udp.Addr(), udp.Port())
}
