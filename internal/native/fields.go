// SPDX-License-Identifier: MIT

package native

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"time"

	"check_chrony/internal/chrony"
)

// fields holds the fields of a reply that have not been read yet. Each method reads the
// next one.
type fields []byte

// next reads a field of so many bytes.
func (f *fields) next(length int) []byte {
	field := (*f)[:length]
	*f = (*f)[length:]
	return field
}

func (f *fields) uint8() uint8   { return f.next(1)[0] }
func (f *fields) uint16() uint16 { return binary.BigEndian.Uint16(f.next(2)) }
func (f *fields) uint32() uint32 { return binary.BigEndian.Uint32(f.next(4)) }

// float reads a Float: a signed exponent of 7 bits above a signed coefficient of 25
// bits, for coefficient * 2^(exponent - 25).
func (f *fields) float() float64 {
	bits := int32(f.uint32())
	exponent, coefficient := bits>>25, bits<<7>>7
	return math.Ldexp(float64(coefficient), int(exponent)-25)
}

// time reads a Timespec.
func (f *fields) time() time.Time {
	seconds := binary.BigEndian.Uint64(f.next(8))
	return chrony.Timestamp(seconds, f.uint32())
}

// ipAddrLength is the length of an IPAddr in bytes: the address, its family, padding.
const ipAddrLength = 20

// address returns the text of an IPAddr as libchrony prints it; empty if the address is
// unspecified.
func address(field []byte) string {
	switch binary.BigEndian.Uint16(field[16:]) {
	case 0: // IPADDR_UNSPEC
		return ""
	case 1: // IPADDR_INET4
		return netip.AddrFrom4([4]byte(field)).String()
	case 2: // IPADDR_INET6
		return netip.AddrFrom16([16]byte(field)).String()
	case 3: // IPADDR_ID
		return fmt.Sprintf("ID#%010d", binary.BigEndian.Uint32(field))
	}
	return "?"
}
