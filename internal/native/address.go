// SPDX-License-Identifier: MIT

package native

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	wire "github.com/facebook/time/ntp/chrony"
)

// address returns the text of an address (addressing.h IPAddr: 16 bytes, the family, two
// bytes of padding) as libchrony prints it; empty if the address is unspecified.
func address(field []byte) string {
	switch binary.BigEndian.Uint16(field[16:]) {
	case wire.IPAddrUnspec:
		return ""
	case wire.IPAddrInet4:
		return netip.AddrFrom4([4]byte(field)).String()
	case wire.IPAddrInet6:
		return netip.AddrFrom16([16]byte(field)).String()
	case wire.IPAddrID:
		// Decimal, as in chronyc; the facebook package prints it in hexadecimal.
		return fmt.Sprintf("ID#%010d", binary.BigEndian.Uint32(field))
	}
	return "?"
}
