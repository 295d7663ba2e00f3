// SPDX-License-Identifier: MIT

package chronydtest

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"check_chrony/internal/chrony"
)

// Accept judges a datagram, as cmdmon.Ask's last argument does.
type Accept = func(datagram []byte) (bool, error)

// Ask is a conversation in memory for a codec (a cmdmon.Ask): each request gets the
// datagrams that answer returns, and no reply after them.
func Ask(answer func(request []byte) [][]byte) func(what string, request []byte, accept Accept) error {
	return func(_ string, request []byte, accept Accept) error {
		for _, datagram := range answer(request) {
			if accepted, err := accept(datagram); accepted || err != nil {
				return err
			}
		}
		return chrony.ErrNoReply
	}
}

// AddReplies adds the seeds of a fuzz target: the right reply to each command, and
// some that aren't, with the command and whether the fuzzer's header is to be put
// right.
func AddReplies(f *testing.F) {
	request := make([]byte, TrackingLength)
	for command, reply := range map[uint16][]byte{
		RequestTracking:      Tracking(request, chrony.Tracking{Address: "192.0.2.1", Stratum: 3}),
		RequestNumberSources: NumberSources(request, 1),
		RequestSource:        Source(request, chrony.Source{Address: "ID#0000000001", Poll: -1}),
	} {
		f.Add(reply, command, true)
		f.Add(reply[:len(reply)-1], command, true)
		f.Add(Extend(len(reply)+1000)(reply), command, false)
		f.Add(Header(request, ReplyNull, 2), command, true)
	}
}

// FuzzedReply returns the reply to a request that a fuzz target was given: the right
// one but for the fuzzed command. Right puts the start of the header right, which
// makes it a reply to that request whatever follows.
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

// CheckFuzzed fails a fuzz target unless the codec's error is one of those that it
// may return, and no reply at all exactly where the datagram isn't one.
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
