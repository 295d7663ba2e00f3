// SPDX-License-Identifier: MIT

package chronydtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"time"

	"check_chrony/internal/chrony"
)

// The offsets of a reply's fields, in bytes (candm.h CMD_Reply, RPY_Tracking,
// RPY_Source_Data, RPY_Activity, RPY_SelectData), for [Set8], [Set16], [Set32] and [Cut].
const (
	AtVersion    = 0
	AtPacketType = 1
	AtReserved   = 2
	AtCommand    = 4
	AtReply      = 6
	AtStatus     = 8
	AtSequence   = 16
	HeaderLength = 28

	NumberSourcesLength = HeaderLength + 4

	AtReferenceID       = HeaderLength
	AtAddress           = HeaderLength + 4
	AtAddressFamily     = HeaderLength + 20
	AtStratum           = HeaderLength + 24
	AtLeapStatus        = HeaderLength + 26
	AtReferenceTime     = HeaderLength + 28
	AtCurrentCorrection = HeaderLength + 40 // the first of nine floats
	TrackingLength      = HeaderLength + 76

	AtSourceAddress       = HeaderLength
	AtSourceAddressFamily = HeaderLength + 16
	AtPoll                = HeaderLength + 20
	AtSourceStratum       = HeaderLength + 22
	AtState               = HeaderLength + 24
	AtMode                = HeaderLength + 26
	AtReachability        = HeaderLength + 30
	AtLastSampleAgo       = HeaderLength + 32
	AtLastSampleOffset    = HeaderLength + 40
	AtLastSampleError     = HeaderLength + 44
	SourceLength          = HeaderLength + 48

	AtOnline       = HeaderLength // the first of five numbers of sources
	ActivityLength = HeaderLength + 20

	AtSelectReferenceID   = HeaderLength
	AtSelectAddress       = HeaderLength + 4
	AtSelectAddressFamily = HeaderLength + 20
	AtSelectState         = HeaderLength + 24
	AtAuthentication      = HeaderLength + 25
	SelectDataLength      = HeaderLength + 48
)

// Commands and kinds of reply, with candm.h's numbers.
const (
	RequestNumberSources = 14
	RequestSource        = 15
	RequestTracking      = 33
	RequestActivity      = 44
	RequestSelectData    = 69

	ReplyNull          = 1
	ReplyNumberSources = 2
	ReplySource        = 3
	ReplyTracking      = 5
	ReplyActivity      = 12
	ReplySelectData    = 23
)

// Command returns the command of a request.
func Command(request []byte) uint16 {
	return binary.BigEndian.Uint16(request[4:])
}

// Index returns the number of the source that a request is for.
func Index(request []byte) uint32 {
	return binary.BigEndian.Uint32(request[20:])
}

// Header returns the start of a reply to the request, which is the whole of a reply that
// holds only a status.
func Header(request []byte, reply, status uint16) []byte {
	b := make([]byte, HeaderLength)
	b[AtVersion], b[AtPacketType] = 6, 2
	copy(b[AtCommand:], request[4:6])
	binary.BigEndian.PutUint16(b[AtReply:], reply)
	binary.BigEndian.PutUint16(b[AtStatus:], status)
	copy(b[AtSequence:], request[8:12])
	return b
}

// NumberSources returns the reply that says how many sources there are.
func NumberSources(request []byte, number uint32) []byte {
	return binary.BigEndian.AppendUint32(Header(request, ReplyNumberSources, 0), number)
}

// Tracking returns the reply that holds t.
func Tracking(request []byte, t chrony.Tracking) []byte {
	b := Header(request, ReplyTracking, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(t.ReferenceID))
	b = appendAddress(b, t.Address)
	b = binary.BigEndian.AppendUint16(b, t.Stratum)
	b = binary.BigEndian.AppendUint16(b, uint16(t.LeapStatus))
	b = appendTime(b, t.ReferenceTime)
	for _, f := range []float64{
		t.CurrentCorrection, t.LastOffset, t.RMSOffset,
		t.FrequencyPPM, t.ResidualFrequencyPPM, t.SkewPPM,
		t.RootDelay, t.RootDispersion, t.UpdateInterval,
	} {
		b = binary.BigEndian.AppendUint32(b, Float(f))
	}
	return b
}

// Source returns the reply that holds s. Its original offset, which no reader uses, is
// the same as the adjusted one.
func Source(request []byte, s chrony.Source) []byte {
	b := Header(request, ReplySource, 0)
	if s.Mode == chrony.ReferenceClock {
		// As chronyd sends it: an address of family 1 (IPv4) whose bytes are the ID.
		b = binary.BigEndian.AppendUint32(b, uint32(s.ReferenceID))
		b = append(b, make([]byte, 12)...)
		b = binary.BigEndian.AppendUint32(b, familyIPv4<<16)
	} else {
		b = appendAddress(b, s.Address)
	}
	for _, v := range []uint16{uint16(s.Poll), s.Stratum, uint16(s.State), uint16(s.Mode), 0, s.Reachability} {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	b = binary.BigEndian.AppendUint32(b, s.LastSampleAgo)
	for _, f := range []float64{s.LastSampleOffset, s.LastSampleOffset, s.LastSampleError} {
		b = binary.BigEndian.AppendUint32(b, Float(f))
	}
	return b
}

// Activity returns the reply that holds a. What no reader uses are other numbers of sources.
func Activity(request []byte, a chrony.Activity) []byte {
	b := Header(request, ReplyActivity, 0)
	for _, n := range []uint32{101, a.Offline, 102, 103, 104} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// SelectData returns the reply that holds d. What no reader uses is that of a selected
// source without options.
func SelectData(request []byte, d chrony.SelectData) []byte {
	b := Header(request, ReplySelectData, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(d.ReferenceID))
	b = appendAddress(b, d.Address)
	b = append(b, '*', d.Authentication, 0, 0) // leap status, padding
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 7)      // options configured, effective; last sample ago
	for _, f := range []float64{1, -0x1p-10, 0x1p-10} {
		b = binary.BigEndian.AppendUint32(b, Float(f)) // score, low limit, high limit
	}
	return b
}

// Float returns the bits of the nearest candm.h Float: a signed exponent of 7 bits above
// a signed coefficient of 25 bits, for coefficient * 2^(exponent - 25). A number that is
// too large becomes the largest; one that is too small, and NaN, become zero.
func Float(f float64) uint32 {
	const (
		limit          = 1 << 24 // coefficients are -limit to limit-1
		maxExp, minExp = 63, -64
	)
	if f == 0 || math.IsNaN(f) {
		return 0
	}
	fraction, exp := math.Frexp(f) // magnitude 0.5 to 1
	if math.IsInf(f, 0) {
		fraction, exp = math.Copysign(1, f), maxExp+1
	}
	exp++ // the coefficient's largest magnitude is half of 2^25
	fraction *= limit
	if exp < minExp {
		fraction, exp = math.Ldexp(fraction, exp-minExp), minExp
	}
	coefficient := math.Round(fraction)
	if coefficient == limit {
		coefficient, exp = coefficient/2, exp+1
	}
	if exp > maxExp {
		coefficient, exp = max(math.Copysign(limit, f), -limit), maxExp
		coefficient = min(coefficient, limit-1)
	}
	return uint32(exp)<<25 | uint32(int32(coefficient))&(1<<25-1)
}

// addressing.h IPADDR_*
const (
	familyNone = iota
	familyIPv4
	familyIPv6
	familyID
)

// appendAddress appends an encoded address, which may be "ID#" and a number, or empty.
func appendAddress(b []byte, text string) []byte {
	var (
		field  [20]byte
		id     uint32
		family uint16 = familyNone
	)
	if ip, err := netip.ParseAddr(text); err == nil {
		copy(field[:], ip.AsSlice())
		family = familyIPv6
		if ip.Is4() {
			family = familyIPv4
		}
	} else if _, err := fmt.Sscanf(text, "ID#%d", &id); err == nil {
		binary.BigEndian.PutUint32(field[:], id)
		family = familyID
	}
	binary.BigEndian.PutUint16(field[16:], family)
	return append(b, field[:]...)
}

// appendTime appends a candm.h Timespec.
func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix()))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}
