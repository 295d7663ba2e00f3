// SPDX-License-Identifier: MIT

package chronydtest

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"check_chrony/internal/chrony"
)

// Accept judges a datagram. It is the last argument of a cmdmon.RoundTrip.
type Accept = func(datagram []byte) (bool, error)

// RoundTrip returns a cmdmon.RoundTrip without a network, for a codec. Each request gets the
// datagrams that answer returns. If none is accepted the error is [chrony.ErrNoReply].
func RoundTrip(answer func(request []byte) [][]byte) func(name string, request []byte, accept Accept) error {
	return func(_ string, request []byte, accept Accept) error {
		for _, datagram := range answer(request) {
			if accepted, err := accept(datagram); accepted || err != nil {
				return err
			}
		}
		return chrony.ErrNoReply
	}
}

// AddReplies adds the seeds of a fuzz target: the right reply to each command and some
// wrong ones, each with the command and whether [FuzzedReply] is to correct the header.
func AddReplies(f *testing.F) {
	request := make([]byte, TrackingLength)
	for command, reply := range map[uint16][]byte{
		RequestTracking:      Tracking(request, chrony.Tracking{Address: "192.0.2.1", Stratum: 3}),
		RequestNumberSources: NumberSources(request, 1),
		RequestSource:        Source(request, chrony.Source{Address: "ID#0000000001", Poll: -1}),
		RequestActivity:      Activity(request, chrony.Activity{Offline: 2}),
		RequestSelectData:    SelectData(request, chrony.SelectData{Address: "192.0.2.1", Authentication: 1}),
	} {
		f.Add(reply, command, true)
		f.Add(reply[:len(reply)-1], command, true)
		f.Add(Extend(len(reply)+1000)(reply), command, false)
		f.Add(Header(request, ReplyNull, 2), command, true)
	}
}

// FuzzedReply returns the fuzzer's reply to a request with the fuzzed command, and the
// right reply to any other request. If right is true it corrects the start of the
// fuzzer's header, which makes it a reply to that request whatever follows.
func FuzzedReply(request, reply []byte, command uint16, right bool) []byte {
	answer := Reply(request, chrony.Report{Sources: []chrony.Source{{Address: "192.0.2.1"}}})
	if Command(request) != command {
		return answer
	}
	reply = append([]byte{}, reply...)
	if right && len(reply) >= HeaderLength {
		copy(reply, answer[:AtReply])
		copy(reply[AtSequence:], answer[AtSequence:HeaderLength])
	}
	return reply
}

// IsReply reports whether a datagram is a reply to the request: version, packet
// type, command and sequence number are right.
func IsReply(request, datagram []byte) bool {
	right := Header(request, 0, 0)
	return len(datagram) >= HeaderLength &&
		bytes.Equal(datagram[:AtReply], right[:AtReply]) &&
		bytes.Equal(datagram[AtSequence:AtSequence+4], right[AtSequence:AtSequence+4])
}

// CheckFuzzed fails a fuzz target unless the codec's error is one that it may return,
// and is [chrony.ErrNoReply] exactly if the datagram isn't a reply.
func CheckFuzzed(t *testing.T, err error, isReply bool) {
	t.Helper()
	if errors.Is(err, chrony.ErrNoReply) == isReply {
		t.Errorf("a reply: %t; got %v", isReply, err)
	}
	if !slices.ContainsFunc([]error{
		nil, chrony.ErrNoReply, chrony.ErrNotAuthorised, chrony.ErrDisabled, chrony.ErrServerTooOld,
		chrony.ErrServerTooNew, chrony.ErrUnexpectedStatus, chrony.ErrInvalidReply,
	}, func(known error) bool { return errors.Is(err, known) }) {
		t.Errorf("got %v", err)
	}
}
