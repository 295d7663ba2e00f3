// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
)

func networks() []string { return []string{"udp4", "udp6", "unixgram"} }

func TestCodecsWaitOutASilentChronyd(t *testing.T) {
	for _, network := range networks() {
		t.Run(network, func(t *testing.T) {
			fakes := [2]*chronydtest.Fake{}
			for i := range fakes {
				fakes[i] = chronydtest.NewFake(t, network, func([]byte, int) []chronydtest.Datagram { return nil })
			}
			n, l := readBoth(t, fakes[0].Address, fakes[1].Address, silentTimeout)
			checkAgree(t, silentTimeout, n, l, chrony.ErrNoReply)
			if n.elapsed < silentTimeout || l.elapsed < silentTimeout {
				t.Errorf("gave up after %s (native) and %s (libchrony), before the deadline", n.elapsed, l.elapsed)
			}
			for _, f := range fakes[:len(readers(t))] {
				requests := f.Requests()
				// There are fewer than eight only if the machine left the reader no time for them.
				if len(requests) < 4 || len(requests) > 8 {
					t.Errorf("%d requests, want 8", len(requests))
				}
				for _, r := range requests {
					if !bytes.Equal(r, requests[0]) {
						t.Errorf("sent %x first and %x again", requests[0], r)
					}
				}
			}
		})
	}
}

func TestResend(t *testing.T) {
	for lost := 1; lost <= 8; lost++ {
		t.Run(fmt.Sprintf("%d lost", lost), func(t *testing.T) {
			var want error
			timeout := 900 * time.Millisecond
			if lost == 8 {
				want, timeout = chrony.ErrNoReply, silentTimeout
			}
			readAndCompare(t, "udp4", timeout, stateless(func(request []byte, n int) []chronydtest.Datagram {
				if n < lost {
					return nil
				}
				return chronydtest.Send(chronydtest.Reply(request, healthy()))
			}), want)
		})
	}
}

// The answer to any of the sends counts, however late it comes, even if all of them are
// answered late.
func TestLateAnswersCount(t *testing.T) {
	chronydtest.Slow(t)
	const timeout = 1200 * time.Millisecond
	for name, answers := range map[string]func(n int) bool{
		"to the first":  func(n int) bool { return n == 0 },
		"to the second": func(n int) bool { return n == 1 },
		"to the last":   func(n int) bool { return n == 5 },
		"to all":        func(int) bool { return true },
	} {
		t.Run(name, func(t *testing.T) {
			readAndCompare(t, "udp4", timeout, stateless(func(request []byte, n int) []chronydtest.Datagram {
				switch {
				case chronydtest.Command(request) != chronydtest.RequestTracking:
					return chronydtest.Send(chronydtest.Reply(request, healthy()))
				case answers(n):
					return chronydtest.Later(timeout/3, chronydtest.Reply(request, healthy()))
				}
				return nil
			}), nil)
		})
	}
}

func TestNoWaitBeyondTheDeadline(t *testing.T) {
	readAndCompare(t, "udp4", silentTimeout, stateless(func(request []byte, _ int) []chronydtest.Datagram {
		return chronydtest.Later(2*silentTimeout, chronydtest.Reply(request, healthy()))
	}), chrony.ErrNoReply)
}

// An answer to the request before is not an answer to this one.
func TestRepliesToEarlierRequestsAreIgnored(t *testing.T) {
	got := readAndCompare(t, "udp4", answeredTimeout, func() chronydtest.Handler {
		var earlier []byte
		return func(request []byte, _ int) []chronydtest.Datagram {
			reply := chronydtest.Reply(request, healthy())
			datagrams := chronydtest.Send(slices.Clone(earlier), reply)
			earlier = reply
			return datagrams
		}
	}, nil)
	for _, d := range differences(got, healthy()) {
		t.Error("read by one, sent by the other:", d)
	}
}

// Half an answer is better than none: the report says why the sources are missing.
func TestTrackingKeptWithoutSources(t *testing.T) {
	for name, tt := range map[string]struct {
		handler chronydtest.Handler
		want    error
	}{
		"silent":  {func([]byte, int) []chronydtest.Datagram { return nil }, chrony.ErrNoReply},
		"invalid": {chronydtest.Changed(chronydtest.Answer(healthy()), chronydtest.RequestNumberSources, chronydtest.Cut(chronydtest.HeaderLength)), chrony.ErrInvalidReply},
		"refused": {chronydtest.Changed(chronydtest.Answer(healthy()), chronydtest.RequestNumberSources, chronydtest.Set16(chronydtest.AtStatus, 2)), chrony.ErrNotAuthorised},
	} {
		t.Run(name, func(t *testing.T) {
			got := readAndCompare(t, "udp4", 600*time.Millisecond, stateless(func(request []byte, n int) []chronydtest.Datagram {
				if chronydtest.Command(request) == chronydtest.RequestTracking {
					return chronydtest.Send(chronydtest.Reply(request, healthy()))
				}
				return tt.handler(request, n)
			}), tt.want)
			if got.Tracking != healthy().Tracking || got.Sources != nil {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Where the sources stop answering, the error says how far they were read. A datagram of
// another version that came before has no part in it.
func TestSourcesThatStopAnswering(t *testing.T) {
	report := healthy()
	report.Sources = append(report.Sources, report.Sources...)
	answer := chronydtest.Answer(report)
	got := readAndCompare(t, "udp4", 600*time.Millisecond, stateless(func(request []byte, n int) []chronydtest.Datagram {
		reply := chronydtest.Reply(request, report)
		switch {
		case chronydtest.Command(request) == chronydtest.RequestTracking:
			return chronydtest.Send(chronydtest.Set8(chronydtest.AtVersion, 5)(slices.Clone(reply)), reply)
		case chronydtest.Command(request) == chronydtest.RequestSource && chronydtest.Index(request) == uint32(len(report.Sources)-1):
			return nil
		}
		return answer(request, n)
	}), chrony.ErrNoReply)
	if want := fmt.Sprintf("no reply after %d of %d sources", len(report.Sources)-1, len(report.Sources)); got.SourcesErr == nil || got.SourcesErr.Error() != want {
		t.Errorf("got %v, want %s", got.SourcesErr, want)
	}
}

// Datagrams in another version of the protocol are remembered, and don't hide an answer.
func TestOtherProtocolVersionsAreSaid(t *testing.T) {
	older := chronydtest.Set8(chronydtest.AtVersion, 5)
	answer := chronydtest.Answer(healthy())
	for _, network := range networks() {
		t.Run(network, func(t *testing.T) {
			address := chronydtest.NewFake(t, network, func(request []byte, n int) []chronydtest.Datagram {
				return chronydtest.Send(older(chronydtest.Header(request, chronydtest.ReplyNull, 18)))
			}).Address
			for codec, reader := range readers(t) {
				got := read(reader, address, 2*silentTimeout)
				if want := "tracking report: chronyd speaks protocol version 5, but this plugin needs 6"; got.err == nil || got.err.Error() != want || !errors.Is(got.err, chrony.ErrNoReply) {
					t.Errorf("%s: got %v, want %s", codec, got.err, want)
				}
			}
			readAndCompare(t, network, answeredTimeout, stateless(func(request []byte, n int) []chronydtest.Datagram {
				return append(chronydtest.Send(older(chronydtest.Reply(request, healthy()))), answer(request, n)...)
			}), nil)
		})
	}
}

func TestCodecsTakeDuplicatesOnce(t *testing.T) {
	for _, network := range networks() {
		t.Run(network, func(t *testing.T) {
			got := readAndCompare(t, network, answeredTimeout, stateless(func(request []byte, _ int) []chronydtest.Datagram {
				reply := chronydtest.Reply(request, healthy())
				return chronydtest.Send(reply, reply, reply)
			}), nil)
			for _, d := range differences(got, healthy()) {
				t.Error("read by one, sent by the other:", d)
			}
		})
	}
}

func TestJunkDoesNotStretchTheDeadline(t *testing.T) {
	chronydtest.Slow(t)
	for _, network := range networks() {
		for _, pause := range []time.Duration{0, time.Millisecond} {
			t.Run(fmt.Sprintf("%s every %s", network, pause), func(t *testing.T) {
				readAndCompare(t, network, silentTimeout, stateless(func(request []byte, _ int) []chronydtest.Datagram {
					reply := chronydtest.Flip(chronydtest.AtSequence)(chronydtest.Reply(request, healthy()))
					datagrams := make([]chronydtest.Datagram, 100000) // enough until the test ends
					for i := range datagrams {
						datagrams[i] = chronydtest.Datagram{Bytes: reply, After: pause}
					}
					return datagrams
				}), chrony.ErrNoReply)
			})
		}
	}
}

// A check that is told to end does so soon, whatever datagrams come.
func TestCodecsEndWhenTold(t *testing.T) {
	chronydtest.Slow(t)
	flood := func(request []byte, _ int) []chronydtest.Datagram {
		junk := make([]chronydtest.Datagram, 100000)
		for i := range junk {
			junk[i].Bytes = request
		}
		return junk
	}
	many := healthy()
	for len(many.Sources) < 4000 {
		many.Sources = append(many.Sources, many.Sources[0])
	}
	const told = cmdmon.Interrupted("SIGTERM")
	for name, handler := range map[string]chronydtest.Handler{
		"silence": func([]byte, int) []chronydtest.Datagram { return nil },
		"flood":   flood,
		"answers": func(request []byte, _ int) []chronydtest.Datagram {
			return chronydtest.Later(2*time.Millisecond, chronydtest.Reply(request, many))
		},
	} {
		for _, network := range networks() {
			for codec, read := range readers(t) {
				t.Run(fmt.Sprintf("%s %s %s", codec, network, name), func(t *testing.T) {
					f := chronydtest.NewFake(t, network, handler)
					start := time.Now()
					ctx, cancel := context.WithTimeoutCause(context.Background(), 100*time.Millisecond, told)
					defer cancel()
					_, err := read(f.Address, cmdmon.Limit{Deadline: start.Add(time.Hour), Context: func() context.Context { return ctx }})
					if elapsed := time.Since(start); !errors.Is(err, told) || elapsed > 2*time.Second {
						t.Errorf("got %v after %s, told to end after 100 ms", err, elapsed)
					}
					if network == "unixgram" {
						onlyThis(t, f.Address)
					}
				})
			}
		}
	}
}

// A short conversation doesn't listen for signals, which costs threads. A busy machine may
// make it a long one.
func TestShortConversationsDontListenForSignals(t *testing.T) {
	const short = 50 * time.Millisecond
	f := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy()))
	for codec, read := range readers(t) {
		for elapsed := short; elapsed >= short; {
			asked := 0
			start := time.Now()
			report, err := read(f.Address, cmdmon.Limit{Deadline: start.Add(answeredTimeout), Context: func() context.Context {
				asked++
				return context.Background()
			}})
			elapsed = time.Since(start)
			if err != nil || len(report.Sources) == 0 || asked > 0 && elapsed < short {
				t.Errorf("%s: asked %d times in %v, %v", codec, asked, elapsed, err)
			}
		}
	}
}
