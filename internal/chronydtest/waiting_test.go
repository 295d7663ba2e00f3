// SPDX-License-Identifier: MIT

//go:build cgo

package chronydtest_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
)

func networks() []string { return []string{"udp4", "udp6", "unixgram"} }

func TestReadersWaitOutASilentChronyd(t *testing.T) {
	for _, network := range networks() {
		t.Run(network, func(t *testing.T) {
			fakes := [2]*chronydtest.Fake{}
			for i := range fakes {
				fakes[i] = chronydtest.NewFake(t, network, func([]byte, int) []chronydtest.Datagram { return nil })
			}
			n, l := readBoth(t, fakes[0].Address, fakes[1].Address, silent)
			agree(t, silent, n, l, os.ErrDeadlineExceeded)
			if n.elapsed < silent || l.elapsed < silent {
				t.Errorf("gave up after %s (cmdmon) and %s (libchrony), before the deadline", n.elapsed, l.elapsed)
			}
			for _, f := range fakes {
				requests := f.Requests()
				// Fewer than eight only where the machine left the reader no time for them.
				if len(requests) < 4 || len(requests) > 8 {
					t.Errorf("%d requests, want 8", len(requests))
				}
				sequences := make(map[string]bool)
				for _, r := range requests {
					sequences[string(r[8:12])] = true
				}
				if len(sequences) != len(requests) {
					t.Errorf("%d sequence numbers in %d requests", len(sequences), len(requests))
				}
			}
		})
	}
}

func TestReadersAskAgain(t *testing.T) {
	for lost := 1; lost <= 8; lost++ {
		t.Run(fmt.Sprintf("%d lost", lost), func(t *testing.T) {
			var want error
			timeout := 900 * time.Millisecond
			if lost == 8 {
				want, timeout = os.ErrDeadlineExceeded, silent
			}
			same(t, "udp4", timeout, stateless(func(request []byte, n int) []chronydtest.Datagram {
				if n < lost {
					return nil
				}
				return chronydtest.Send(chronydtest.Reply(request, healthy()))
			}), want)
		})
	}
}

// slow answers tracking requests after a pause.
func slow(pause time.Duration) chronydtest.Handler {
	return func(request []byte, _ int) []chronydtest.Datagram {
		if chronydtest.Command(request) != chronydtest.RequestTracking {
			pause = 0
		}
		return chronydtest.Later(pause, chronydtest.Reply(request, healthy()))
	}
}

func TestReadersHearAChronydThatTakesAThirdOfTheTime(t *testing.T) {
	const timeout = 900 * time.Millisecond
	same(t, "udp4", timeout, func() chronydtest.Handler { return slow(timeout / 3) }, nil)
}

func TestReadersDoNotWaitForALateReply(t *testing.T) {
	same(t, "udp4", silent, func() chronydtest.Handler { return slow(2 * silent) }, os.ErrDeadlineExceeded)
}

// Each reply here is right, but comes when the next request was already sent.
func TestReadersIgnoreRepliesToEarlierRequests(t *testing.T) {
	handler := func() chronydtest.Handler {
		var earlier []byte
		stale := healthy()
		stale.Tracking.Stratum = 9
		return func(request []byte, n int) []chronydtest.Datagram {
			if n == 0 {
				earlier = chronydtest.Reply(request, stale)
				return nil
			}
			return chronydtest.Send(earlier, chronydtest.Reply(request, healthy()))
		}
	}
	got := same(t, "udp4", 900*time.Millisecond, handler, nil)
	if got.Tracking.Stratum != healthy().Tracking.Stratum {
		t.Errorf("stratum %d is that of the earlier reply", got.Tracking.Stratum)
	}
}

func TestReadersTakeDuplicatesOnce(t *testing.T) {
	for _, network := range networks() {
		t.Run(network, func(t *testing.T) {
			got := same(t, network, answered, stateless(func(request []byte, _ int) []chronydtest.Datagram {
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
	for _, network := range networks() {
		for _, pause := range []time.Duration{0, time.Millisecond} {
			t.Run(fmt.Sprintf("%s every %s", network, pause), func(t *testing.T) {
				same(t, network, silent, stateless(func(request []byte, _ int) []chronydtest.Datagram {
					reply := chronydtest.Flip(chronydtest.AtSequence)(chronydtest.Reply(request, healthy()))
					datagrams := make([]chronydtest.Datagram, 100000) // until the test ends
					for i := range datagrams {
						datagrams[i] = chronydtest.Datagram{Bytes: reply, After: pause}
					}
					return datagrams
				}), os.ErrDeadlineExceeded)
			})
		}
	}
}

func TestReadersEndWhenCancelled(t *testing.T) {
	flood := func(request []byte, _ int) []chronydtest.Datagram {
		junk := make([]chronydtest.Datagram, 100000)
		for i := range junk {
			junk[i].Bytes = request
		}
		return junk
	}
	mute := func([]byte, int) []chronydtest.Datagram { return nil }
	for name, handler := range map[string]chronydtest.Handler{"silence": mute, "flood": flood} {
		for _, network := range networks() {
			for readerName, read := range map[string]reader{"cmdmon": cmdmon.Read, "libchrony": loadLibchrony(t)} {
				t.Run(fmt.Sprintf("%s %s %s", readerName, network, name), func(t *testing.T) {
					f := chronydtest.NewFake(t, network, handler)
					timeout, cancelTimeout := context.WithTimeout(t.Context(), time.Minute)
					defer cancelTimeout()
					ctx, cancel := context.WithCancel(timeout)
					defer time.AfterFunc(50*time.Millisecond, cancel).Stop()
					start := time.Now()
					_, err := read(ctx, f.Address, func(string, ...any) {})
					if elapsed := time.Since(start); elapsed > 2*time.Second {
						t.Errorf("ended %s after it began, cancelled after 50 ms", elapsed)
					}
					agree(t, time.Minute, reading{err: err}, reading{err: err}, os.ErrDeadlineExceeded)
					if network == "unixgram" {
						onlyThis(t, f.Address)
					}
				})
			}
		}
	}
}
