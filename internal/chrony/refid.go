// SPDX-License-Identifier: MIT

package chrony

import "fmt"

// RefID is an NTP reference ID: the IPv4 address of a server, a hash of its
// IPv6 address, or up to four letters that name a reference clock.
type RefID uint32

// LocalReferenceID is NTP_REFID_LOCAL (127.127.1.1): chronyd is in local mode, and the
// clock follows nothing.
const LocalReferenceID RefID = 0x7F7F0101

// String returns the ID in eight hexadecimal digits, as chronyc prints it.
func (r RefID) String() string {
	return fmt.Sprintf("%08X", uint32(r))
}

// Name returns the text of a reference clock's ID, such as GPS: its printable ASCII
// characters, as chronyc shows them, or the hexadecimal ID if it has none.
func (r RefID) Name() string {
	var name []byte
	for shift := 24; shift >= 0; shift -= 8 {
		if c := byte(r >> shift); c > ' ' && c < 0x7f {
			name = append(name, c)
		}
	}
	if len(name) == 0 {
		return r.String()
	}
	return string(name)
}
