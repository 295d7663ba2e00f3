// SPDX-License-Identifier: MIT

//go:build cgo && linux

package libchrony

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
)

// The traps of libchrony 0.2, each with what keeps us out of it. Those in the command
// line (a port that wraps), in the text (raw reference IDs) and with signals
// (directories left behind) are tested with the plugin.

func loaded(t testing.TB) *Codec {
	t.Helper()
	c, err := Load(os.Getenv("CHECK_CHRONY_LIBCHRONY"), time.Now().Add(time.Minute))
	if err != nil {
		chronydtest.Missing(t, err.Error())
	}
	t.Cleanup(c.Close)
	return c
}

// trapReport returns a report with two sources, one of them with a negative poll.
func trapReport() chrony.Report {
	return chrony.Report{
		Tracking: chrony.Tracking{ReferenceID: 0xC0000201, Stratum: 3, Address: "192.0.2.1", ReferenceTime: time.Unix(1_790_000_000, 5).UTC()},
		Sources:  []chrony.Source{{Address: "192.0.2.1", Poll: -7}, {Address: "2001:db8::2", Poll: 10}},
	}
}

// answers returns a RoundTrip that passes on the datagrams that answer returns.
func answers(answer func(request []byte) [][]byte) cmdmon.RoundTrip {
	return chronydtest.RoundTrip(answer)
}

// validReply answers as chronyd would.
func validReply(request []byte) [][]byte {
	return [][]byte{chronydtest.Reply(request, trapReport())}
}

// Nothing here blocks. Waiting for the datagram in libchrony would block for ever.
func TestTrapProcessResponseBlocksForever(t *testing.T) {
	c := loaded(t)
	if _, err := c.Tracking(answers(func([]byte) [][]byte { return nil })); !errors.Is(err, chrony.ErrNoReply) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Tracking(answers(func([]byte) [][]byte { return [][]byte{{}, {6}} })); !errors.Is(err, chrony.ErrNoReply) {
		t.Errorf("got %v", err)
	}
	if tracking, err := c.Tracking(answers(validReply)); err != nil || tracking.Stratum != 3 {
		t.Errorf("got %+v, %v after those", tracking, err)
	}
}

func TestTrapAnIgnoredReplyIsSuccess(t *testing.T) {
	tracking, err := loaded(t).Tracking(answers(func(request []byte) [][]byte {
		wrong := chronydtest.Flip(chronydtest.AtSequence)(chronydtest.Reply(request, chrony.Report{}))
		return [][]byte{wrong, wrong, chronydtest.Reply(request, trapReport())}
	}))
	if err != nil || tracking.Stratum != 3 {
		t.Errorf("got stratum %d, %v", tracking.Stratum, err)
	}
}

func TestTrapThePreviousRecordStaysReadable(t *testing.T) {
	c := loaded(t)
	if _, err := c.Source(answers(validReply), 0); err != nil {
		t.Fatal(err)
	}
	source, err := c.Source(answers(func(request []byte) [][]byte {
		return [][]byte{chronydtest.Reply(request, trapReport())[:chronydtest.HeaderLength]}
	}), 1)
	if !errors.Is(err, chrony.ErrInvalidReply) || source != (chrony.Source{}) {
		t.Errorf("got %+v, %v", source, err)
	}
}

func TestTrapGettersOfMissingAndOtherFields(t *testing.T) {
	c := loaded(t)
	for name, get := range map[string]func(*record){
		"no such field":                        func(r *record) { r.float("no such field") },
		"a number is no float":                 func(r *record) { r.float("stratum") },
		"an address is no number":              func(r *record) { r.uint32("address") },
		"a float is no time":                   func(r *record) { r.time("skew") },
		"a time is no signed number":           func(r *record) { r.int16("reference time") },
		"a number is no address":               func(r *record) { r.address("leap status") },
		"more than two bytes":                  func(r *record) { r.uint16("reference ID") },
		"the first failure is kept":            func(r *record) { r.float("stratum"); r.uint16("leap status") },
		"a field of the report before is gone": func(r *record) { r.uint32("sources") },
	} {
		r, err := c.record(answers(validReply), "tracking", 0)
		if err != nil {
			t.Fatal(err)
		}
		if get(r); !errors.As(r.err, new(fieldError)) && (name != "more than two bytes" || !errors.Is(r.err, chrony.ErrInvalidReply)) {
			t.Errorf("%s: got %v", name, r.err)
		}
	}
}

func TestTrapInt16IsNotSignExtended(t *testing.T) {
	for index, want := range []int16{-7, 10} {
		if source, err := loaded(t).Source(answers(validReply), uint32(index)); err != nil || source.Poll != want {
			t.Errorf("got %+v, %v, want poll %d", source, err, want)
		}
	}
}

func TestTrapStringsShareOneBuffer(t *testing.T) {
	c := loaded(t)
	first, err := c.Source(answers(validReply), 0)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Source(answers(validReply), 1)
	if err != nil || first.Address != "192.0.2.1" || second.Address != "2001:db8::2" {
		t.Errorf("got %s and %s, %v", first.Address, second.Address, err)
	}
}

func TestTrapNoHighSeconds(t *testing.T) {
	tracking, err := loaded(t).Tracking(answers(func(request []byte) [][]byte {
		return [][]byte{chronydtest.Set32(chronydtest.AtReferenceTime, 0x7fffffff)(chronydtest.Reply(request, trapReport()))}
	}))
	if want := trapReport().Tracking.ReferenceTime; err != nil || tracking.ReferenceTime != want {
		t.Errorf("got %v, %v; want %v", tracking.ReferenceTime, err, want)
	}
}

// libchrony makes two requests for a report such as ntpdata. That isn't supported, and
// isn't taken for a datagram that isn't the reply.
func TestTrapAReportThatTakesTwoRequests(t *testing.T) {
	c := loaded(t)
	var commands []uint16
	_, err := c.record(answers(func(request []byte) [][]byte {
		commands = append(commands, chronydtest.Command(request))
		const sourcestats, replySourcestats = 34, 6
		if commands[len(commands)-1] != sourcestats {
			return nil
		}
		reply := chronydtest.Extend(chronydtest.HeaderLength + 56)(chronydtest.Header(request, replySourcestats, 0))
		copy(reply[chronydtest.HeaderLength+4:], "\xc0\x00\x02\x01")
		chronydtest.Set16(chronydtest.HeaderLength+20, 1)(reply) // IPv4
		return [][]byte{reply}
	}), "ntpdata", 0)
	if !errors.Is(err, errSecondRequest) || len(commands) != 1 {
		t.Errorf("asked %d, %v; want sourcestats and then an error", commands, err)
	}
}

func TestTrapALibraryWithoutTheFunctions(t *testing.T) {
	_, err := Load("libc.so.6", time.Now().Add(time.Minute))
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "no function chrony_open_socket") {
		t.Errorf("got %v", err)
	}
	// The library that was loaded before still works.
	if _, err := loaded(t).Tracking(answers(validReply)); err != nil {
		t.Error(err)
	}
}
