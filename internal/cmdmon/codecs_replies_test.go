// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/native"
)

// commands returns the requests that a reading makes.
func commands() map[string]struct {
	command uint16
	length  int // of its reply
} {
	type c = struct {
		command uint16
		length  int
	}
	return map[string]c{
		"tracking":          {chronydtest.RequestTracking, chronydtest.TrackingLength},
		"number of sources": {chronydtest.RequestNumberSources, chronydtest.NumberSourcesLength},
		"source":            {chronydtest.RequestSource, chronydtest.SourceLength},
	}
}

func TestCodecsAgreeOnEveryStatus(t *testing.T) {
	// candm.h STT_*; all others are unexpected.
	known := map[uint16]error{
		2: chrony.ErrNotAuthorised, 3: chrony.ErrServerTooOld, 6: chrony.ErrDisabled,
		13: chrony.ErrDisabled, 18: chrony.ErrServerTooNew, 19: chrony.ErrServerTooNew,
	}
	statuses := []uint16{255, 256, 65535}
	for status := range uint16(26) {
		statuses = append(statuses, status)
	}
	for name, c := range commands() {
		for _, status := range statuses {
			t.Run(fmt.Sprintf("%s %d", name, status), func(t *testing.T) {
				want := known[status]
				if want == nil && status != 0 {
					want = chrony.ErrUnexpectedStatus
				}
				// chronyd's errors are bare headers; a status counts whatever follows it.
				for _, length := range []int{chronydtest.HeaderLength, c.length} {
					if status == 0 && length != c.length {
						continue
					}
					readAndCompare(t, "udp4", answeredTimeout, stateless(chronydtest.Changed(chronydtest.Answer(healthy()), c.command,
						chronydtest.Set16(chronydtest.AtStatus, status), chronydtest.Cut(length))), want)
				}
			})
		}
	}
}

func TestCodecsAgreeOnEveryKindOfReply(t *testing.T) {
	for name, c := range commands() {
		for kind := range uint16(30) {
			t.Run(fmt.Sprintf("%s %d", name, kind), func(t *testing.T) {
				want := chrony.ErrServerTooNew
				switch [2]uint16{c.command, kind} {
				case [2]uint16{chronydtest.RequestTracking, chronydtest.ReplyTracking},
					[2]uint16{chronydtest.RequestNumberSources, chronydtest.ReplyNumberSources},
					[2]uint16{chronydtest.RequestSource, chronydtest.ReplySource}:
					want = nil
				}
				readAndCompare(t, "udp4", answeredTimeout, stateless(chronydtest.Changed(chronydtest.Answer(healthy()), c.command,
					chronydtest.Set16(chronydtest.AtReply, kind), chronydtest.Extend(600))), want)
			})
		}
	}
}

func TestCodecsAgreeOnEveryLength(t *testing.T) {
	for name, c := range commands() {
		for length := chronydtest.HeaderLength; length < c.length; length++ {
			t.Run(fmt.Sprintf("%s cut to %d", name, length), func(t *testing.T) {
				readAndCompare(t, "udp4", answeredTimeout, stateless(chronydtest.Changed(chronydtest.Answer(healthy()), c.command,
					chronydtest.Cut(length))), chrony.ErrInvalidReply)
			})
		}
		for _, length := range []int{c.length + 1, 500, 1023, 1024, 1025, 9000} {
			t.Run(fmt.Sprintf("%s extended to %d", name, length), func(t *testing.T) {
				got := readAndCompare(t, "udp4", answeredTimeout, stateless(chronydtest.Changed(chronydtest.Answer(healthy()), c.command,
					chronydtest.Extend(length))), nil)
				for _, d := range differences(got, healthy()) {
					t.Error("read by one, sent by the other:", d)
				}
			})
		}
	}
}

// ignored returns changes after which a datagram is no longer a reply to our request.
func ignored() map[string]chronydtest.Change {
	changes := map[string]chronydtest.Change{
		"version 5":        chronydtest.Set8(chronydtest.AtVersion, 5),
		"version 7":        chronydtest.Set8(chronydtest.AtVersion, 7),
		"version 0":        chronydtest.Set8(chronydtest.AtVersion, 0),
		"a request":        chronydtest.Set8(chronydtest.AtPacketType, 1),
		"packet type 3":    chronydtest.Set8(chronydtest.AtPacketType, 3),
		"reserved byte 1":  chronydtest.Set8(chronydtest.AtReserved, 1),
		"reserved byte 2":  chronydtest.Set8(chronydtest.AtReserved+1, 0x80),
		"command's byte 1": chronydtest.Flip(chronydtest.AtCommand),
		"command's byte 2": chronydtest.Flip(chronydtest.AtCommand + 1),
		"another command":  chronydtest.Set16(chronydtest.AtCommand, 34),
	}
	for i := range 4 {
		changes[fmt.Sprintf("sequence's byte %d", i+1)] = chronydtest.Flip(chronydtest.AtSequence + i)
	}
	for length := range chronydtest.HeaderLength {
		changes[fmt.Sprintf("cut to %d", length)] = chronydtest.Cut(length)
	}
	return changes
}

func TestCodecsIgnoreWhatIsNoReplyToThem(t *testing.T) {
	chronydtest.Slow(t)
	codecs := map[string]cmdmon.Codec{"native": native.Codec{}}
	if len(readers(t)) > 1 {
		codecs["libchrony"] = libchronyCodec(t)
	}
	for _, network := range []string{"udp4", "unixgram"} {
		for name, change := range ignored() {
			if network == "unixgram" && name != "version 5" && name != "another command" {
				continue // the socket makes no difference
			}
			t.Run(network+" "+name, func(t *testing.T) {
				// The changed reply alone is as good as silence.
				for codec, c := range codecs {
					if _, err := c.Tracking(chronydtest.RoundTrip(func(request []byte) [][]byte {
						return [][]byte{change(chronydtest.Reply(request, healthy()))}
					})); !errors.Is(err, chrony.ErrNoReply) {
						t.Errorf("%s: got %v, want %v", codec, err, chrony.ErrNoReply)
					}
				}
				if name == "version 5" || name == "another command" {
					readAndCompare(t, network, silentTimeout, stateless(chronydtest.Changed(chronydtest.Answer(healthy()),
						chronydtest.RequestTracking, change)), chrony.ErrNoReply)
				}
				// It doesn't hide the right one.
				got := readAndCompare(t, network, answeredTimeout, stateless(func(request []byte, _ int) []chronydtest.Datagram {
					return chronydtest.Send(
						change(chronydtest.Reply(request, healthy())),
						change(chronydtest.Header(request, chronydtest.ReplyNull, 2)),
						chronydtest.Reply(request, healthy()))
				}), nil)
				for _, d := range differences(got, healthy()) {
					t.Error("read by one, sent by the other:", d)
				}
			})
		}
	}
}

func TestCodecsAgreeOnJunk(t *testing.T) {
	// Random bytes in the body. The header is right, since all of its fields matter.
	for seed := range uint64(300) {
		handler := func(request []byte, _ int) []chronydtest.Datagram {
			// The same for each request, however often it is sent.
			r := rand.New(rand.NewPCG(seed, uint64(chronydtest.Command(request))<<32|uint64(chronydtest.Index(request))))
			reply := chronydtest.Reply(request, healthy())
			if chronydtest.Command(request) != chronydtest.RequestNumberSources {
				for range 1 + r.IntN(4) {
					reply[chronydtest.HeaderLength+r.IntN(len(reply)-chronydtest.HeaderLength)] = byte(r.Uint32())
				}
			}
			return chronydtest.Send(reply)
		}
		n, l := readBoth(t, chronydtest.NewFake(t, "udp4", handler).Address, chronydtest.NewFake(t, "udp4", handler).Address, answeredTimeout)
		var want error
		if l.err != nil {
			want = chrony.ErrInvalidReply
		}
		checkAgree(t, answeredTimeout, n, l, want)
		if t.Failed() {
			t.Fatalf("by seed %d", seed)
		}
	}
}
