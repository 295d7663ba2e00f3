// SPDX-License-Identifier: MIT

//go:build cgo

package libchrony

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

// The traps of libchrony 0.2, each with what keeps us out of it. Those of the
// command line (a port that wraps), of the text (raw reference IDs) and of
// signals (directories left behind) are tested with the plugin.

func loaded(t *testing.T) *Library {
	t.Helper()
	l, err := Load(os.Getenv("CHECK_CHRONY_LIBCHRONY"))
	if err != nil {
		chronydtest.Missing(t, err.Error())
	}
	return l
}

// trapReport has two sources, one of them with a negative poll.
func trapReport() chrony.Report {
	return chrony.Report{
		Tracking: chrony.Tracking{Stratum: 3, Address: "192.0.2.1", ReferenceTime: time.Unix(1_790_000_000, 5).UTC()},
		Sources:  []chrony.Source{{Address: "192.0.2.1", Poll: -7}, {Address: "2001:db8::2", Poll: 10}},
	}
}

func readFake(t *testing.T, timeout time.Duration, handler chronydtest.Handler) (chrony.Report, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return loaded(t).Read(ctx, chronydtest.NewFake(t, "udp4", handler).Address, t.Logf)
}

func TestTrapProcessResponseBlocksForEver(t *testing.T) {
	start := time.Now()
	_, err := readFake(t, 100*time.Millisecond, func([]byte, int) []chronydtest.Datagram { return nil })
	if took := time.Since(start); !errors.Is(err, os.ErrDeadlineExceeded) || took > 2*time.Second {
		t.Errorf("got %v after %v", err, took)
	}
}

func TestTrapAnIgnoredReplyIsSuccess(t *testing.T) {
	report, err := readFake(t, 5*time.Second, func(request []byte, _ int) []chronydtest.Datagram {
		wrong := chronydtest.Flip(chronydtest.AtSequence)(chronydtest.Reply(request, chrony.Report{}))
		return chronydtest.Send(wrong, wrong, chronydtest.Reply(request, trapReport()))
	})
	if err != nil || report.Tracking.Stratum != 3 {
		t.Errorf("got stratum %d, %v", report.Tracking.Stratum, err)
	}
}

func TestTrapNoRetransmission(t *testing.T) {
	_, err := readFake(t, 2*time.Second, func(request []byte, n int) []chronydtest.Datagram {
		if n < 3 {
			return nil
		}
		return chronydtest.Send(chronydtest.Reply(request, trapReport()))
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTrapThePreviousRecordStaysReadable(t *testing.T) {
	report, err := readFake(t, 5*time.Second, func(request []byte, _ int) []chronydtest.Datagram {
		reply := chronydtest.Reply(request, trapReport())
		if chronydtest.Command(request) == chronydtest.RequestSource && chronydtest.Index(request) == 1 {
			reply = reply[:chronydtest.HeaderLength]
		}
		return chronydtest.Send(reply)
	})
	if !errors.Is(err, chrony.ErrInvalidReply) || len(report.Sources) != 0 || report.Tracking.Stratum != 0 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestTrapGettersOfMissingAndOtherFields(t *testing.T) {
	loaded(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s, err := open(chronydtest.NewFake(t, "udp4", chronydtest.Answer(trapReport())).Address, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
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
		r, err := s.request(ctx, "tracking", 0)
		if err != nil {
			t.Fatal(err)
		}
		if get(r); !errors.Is(r.err, chrony.ErrInvalidReply) && name != "more than two bytes" {
			t.Errorf("%s: got %v", name, r.err)
		}
	}
}

func TestTrapInt16IsNotSignExtended(t *testing.T) {
	report, err := readFake(t, 5*time.Second, chronydtest.Answer(trapReport()))
	if err != nil || report.Sources[0].Poll != -7 || report.Sources[1].Poll != 10 {
		t.Errorf("got %+v, %v", report.Sources, err)
	}
}

func TestTrapStringsShareOneBuffer(t *testing.T) {
	report, err := readFake(t, 5*time.Second, chronydtest.Answer(trapReport()))
	got := fmt.Sprint(report.Tracking.Address, " ", report.Sources[0].Address, " ", report.Sources[1].Address)
	if want := "192.0.2.1 192.0.2.1 2001:db8::2"; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestTrapNoHighSeconds(t *testing.T) {
	report, err := readFake(t, 5*time.Second, chronydtest.Changed(chronydtest.Answer(trapReport()), chronydtest.RequestTracking,
		chronydtest.Set32(chronydtest.AtReferenceTime, 0x7fffffff)))
	if want := trapReport().Tracking.ReferenceTime; err != nil || report.Tracking.ReferenceTime != want {
		t.Errorf("got %v, %v; want %v", report.Tracking.ReferenceTime, err, want)
	}
}

// Without an address libchrony goes to the default places, silently.
func TestTrapNoAddressIsSomeAddress(t *testing.T) {
	if _, err := loaded(t).Read(t.Context(), "", t.Logf); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("got %v", err)
	}
}

func TestTrapALibraryWithoutTheFunctions(t *testing.T) {
	_, err := Load("libc.so.6")
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "no function chrony_open_socket") {
		t.Errorf("got %v", err)
	}
	// The one that was loaded before is still there.
	if _, err := readFake(t, 5*time.Second, chronydtest.Answer(trapReport())); err != nil {
		t.Error(err)
	}
}
