// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/native"
)

// further is a request for a report that not every reading needs.
type further struct {
	name   string
	reply  uint16
	length int // of the reply
	ask    func(cmdmon.Codec, cmdmon.RoundTrip) (any, error)
	want   any // what fullReport answers
}

// fullReport returns healthy's report with the further ones.
func fullReport() chrony.Report {
	r := healthy()
	r.Activity = &chrony.Activity{Offline: math.MaxUint32}
	r.SelectData = []chrony.SelectData{
		{ReferenceID: 0xC0000201, Address: "192.0.2.1", Authentication: 1},
		{ReferenceID: 0x9a2b3c4d, Address: "2001:db8::5"},
		{ReferenceID: 0x47505300},
		{ReferenceID: 7, Address: "ID#0000000007", Authentication: 1},
	}
	return r
}

func furtherRequests() []further {
	requests := []further{{
		"activity", chronydtest.ReplyActivity, chronydtest.ActivityLength,
		func(c cmdmon.Codec, roundTrip cmdmon.RoundTrip) (any, error) { return c.Activity(roundTrip) },
		*fullReport().Activity,
	}}
	for i, want := range fullReport().SelectData {
		requests = append(requests, further{
			fmt.Sprint("selectdata ", i), chronydtest.ReplySelectData, chronydtest.SelectDataLength,
			func(c cmdmon.Codec, roundTrip cmdmon.RoundTrip) (any, error) {
				return c.SelectData(roundTrip, uint32(i))
			},
			want,
		})
	}
	return requests
}

// askBoth makes a request with each codec and returns the answer. The reply is
// fullReport's, changed. It fails unless the requests are the same, and the answers.
func askBoth(t *testing.T, library cmdmon.Codec, request further, change chronydtest.Change, want error) any {
	t.Helper()
	ask := func(codec cmdmon.Codec) (sent []byte, got any, err error) {
		got, err = request.ask(codec, chronydtest.RoundTrip(func(request []byte) [][]byte {
			sent = append(sent, request...)
			return [][]byte{change(chronydtest.Reply(request, fullReport()))}
		}))
		clear(sent[8:12]) // the sequence number
		return sent, got, err
	}
	nativeSent, n, nativeErr := ask(native.Codec{})
	librarySent, l, libraryErr := ask(library)
	if !bytes.Equal(nativeSent, librarySent) {
		t.Errorf("requests:\nnative    %x\nlibchrony %x", nativeSent, librarySent)
	}
	if n != l {
		t.Errorf("%+v by native, %+v by libchrony", n, l)
	}
	compareErrors(t, request.name, nativeErr, libraryErr, want)
	return n
}

func TestCodecsAgreeOnFurtherReports(t *testing.T) {
	library := libchronyCodec(t)
	known := map[uint16]error{
		2: chrony.ErrNotAuthorised, 3: chrony.ErrServerTooOld, 6: chrony.ErrDisabled,
		13: chrony.ErrDisabled, 18: chrony.ErrServerTooNew, 19: chrony.ErrServerTooNew,
	}
	for _, request := range furtherRequests() {
		t.Run(request.name, func(t *testing.T) {
			for _, length := range []int{request.length, request.length + 1, 1023, 1024, 1025, 9000} {
				if got := askBoth(t, library, request, chronydtest.Extend(length), nil); got != request.want {
					t.Errorf("%d bytes: got %+v, want %+v", length, got, request.want)
				}
			}
			for length := chronydtest.HeaderLength; length < request.length; length++ {
				askBoth(t, library, request, chronydtest.Cut(length), chrony.ErrInvalidReply)
			}
			for kind := range uint16(30) {
				want := chrony.ErrServerTooNew
				if kind == request.reply {
					want = nil
				}
				askBoth(t, library, request, chronydtest.Set16(chronydtest.AtReply, kind), want)
			}
			for status := uint16(1); status < 30; status++ {
				want := known[status]
				if want == nil {
					want = chrony.ErrUnexpectedStatus
				}
				askBoth(t, library, request, chronydtest.Set16(chronydtest.AtStatus, status), want)
				askBoth(t, library, request, func(reply []byte) []byte {
					return chronydtest.Set16(chronydtest.AtStatus, status)(reply)[:chronydtest.HeaderLength]
				}, want)
			}
			for _, change := range ignored() {
				askBoth(t, library, request, change, chrony.ErrNoReply)
			}
		})
	}
}

// Random bytes in the body.
func TestCodecsAgreeOnJunkInFurtherReports(t *testing.T) {
	library := libchronyCodec(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, request := range furtherRequests() {
		for range 500 {
			seed := r.Uint64()
			askBoth(t, library, request, func(reply []byte) []byte {
				r := rand.New(rand.NewPCG(seed, 0))
				for range 1 + r.IntN(4) {
					reply[chronydtest.HeaderLength+r.IntN(request.length-chronydtest.HeaderLength)] = byte(r.Uint32())
				}
				return reply
			}, nil)
		}
	}
	for _, family := range []uint16{0, 1, 2, 3, 4, math.MaxUint16} {
		for _, request := range furtherRequests()[1:] {
			askBoth(t, library, request, chronydtest.Set16(chronydtest.AtSelectAddressFamily, family), nil)
		}
	}
}
