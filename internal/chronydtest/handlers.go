// SPDX-License-Identifier: MIT

package chronydtest

import (
	"encoding/binary"
	"time"

	"check_chrony/internal/chrony"
)

// Healthy returns the report of a chronyd that nothing is wrong with.
func Healthy() chrony.Report {
	return chrony.Report{
		Tracking: chrony.Tracking{
			ReferenceID: 0xC0000201, Address: "192.0.2.1", Stratum: 3, ReferenceTime: time.Now().Add(-time.Minute),
			CurrentCorrection: 0x1p-20, RootDelay: 0x1p-10, RootDispersion: 0x1p-12,
		},
		Sources: []chrony.Source{{Address: "192.0.2.1", State: chrony.Selected, Stratum: 2, Reachability: 0o377}},
	}
}

// Answer returns a handler that answers as a chronyd with this report does.
func Answer(r chrony.Report) Handler {
	return func(request []byte, _ int) []Datagram {
		return Send(Reply(request, r))
	}
}

// Reply returns the right reply to a request. Its status is STT_UNAUTH for sources if
// r.SourcesErr is set, and STT_INVALID for an unknown command. Without r.Activity none
// is offline, and without r.SelectData none is authenticated.
func Reply(request []byte, r chrony.Report) []byte {
	const unauthorised, invalid, noSuchSource = 2, 3, 4
	byIndex := map[uint16]bool{RequestSource: true, RequestSelectData: true}
	switch command := Command(request); {
	case command == RequestTracking:
		return Tracking(request, r.Tracking)
	case command == RequestActivity && r.Activity != nil:
		return Activity(request, *r.Activity)
	case command == RequestActivity:
		return Activity(request, chrony.Activity{})
	case command != RequestNumberSources && !byIndex[command]:
		return Header(request, ReplyNull, invalid)
	case r.SourcesErr != nil:
		return Header(request, ReplyNull, unauthorised)
	case command == RequestNumberSources:
		return NumberSources(request, uint32(len(r.Sources)))
	case Index(request) >= uint32(len(r.Sources)):
		return Header(request, ReplyNull, noSuchSource)
	case command == RequestSource:
		return Source(request, r.Sources[Index(request)])
	case r.SelectData != nil:
		return SelectData(request, r.SelectData[Index(request)])
	default:
		s := r.Sources[Index(request)]
		return SelectData(request, chrony.SelectData{ReferenceID: s.ReferenceID, Address: s.Address})
	}
}

// Send returns datagrams that are sent at once.
func Send(datagrams ...[]byte) []Datagram {
	var sent []Datagram
	for _, d := range datagrams {
		sent = append(sent, Datagram{Bytes: d})
	}
	return sent
}

// Later returns one datagram that is sent after a pause.
func Later(pause time.Duration, datagram []byte) []Datagram {
	return []Datagram{{Bytes: datagram, After: pause}}
}

// Change returns a changed reply. It may change the bytes in place.
type Change func(reply []byte) []byte

// Changed returns a handler that answers as next does, but with changed replies to one
// command.
func Changed(next Handler, command uint16, changes ...Change) Handler {
	return func(request []byte, n int) []Datagram {
		datagrams := next(request, n)
		if Command(request) == command {
			for i := range datagrams {
				for _, change := range changes {
					datagrams[i].Bytes = change(datagrams[i].Bytes)
				}
			}
		}
		return datagrams
	}
}

// Set8 sets one byte.
func Set8(at int, value uint8) Change {
	return func(b []byte) []byte { b[at] = value; return b }
}

// Set16 sets two bytes.
func Set16(at int, value uint16) Change {
	return func(b []byte) []byte { binary.BigEndian.PutUint16(b[at:], value); return b }
}

// Set32 sets four bytes.
func Set32(at int, value uint32) Change {
	return func(b []byte) []byte { binary.BigEndian.PutUint32(b[at:], value); return b }
}

// Flip inverts one byte.
func Flip(at int) Change {
	return func(b []byte) []byte { b[at] ^= 0xff; return b }
}

// Cut keeps only the first length bytes.
func Cut(length int) Change {
	return func(b []byte) []byte { return b[:length] }
}

// Extend adds nonzero bytes up to the length.
func Extend(length int) Change {
	return func(b []byte) []byte {
		for len(b) < length {
			b = append(b, 0xa5)
		}
		return b
	}
}
