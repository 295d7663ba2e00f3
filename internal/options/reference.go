// SPDX-License-Identifier: MIT

package options

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
)

// parseReference parses an entry of --expect-reference: an address, a reference ID in
// eight hexadecimal digits, or the name of a reference clock or of a host.
func parseReference(text string) (check.Reference, error) {
	r := check.Reference{Text: text}
	ip, err := netip.ParseAddr(text)
	switch digits := strings.TrimPrefix(text, "0x"); {
	case err == nil && ip.Zone() != "":
		return r, fmt.Errorf("%+q has a zone, and chronyd reports addresses without one (write %s)", text, ip.WithZone(""))
	case err == nil:
		r.Address = ip.Unmap() // chronyd keeps ::ffff:192.0.2.1 as IPv4
		return r, nil
	case len(digits) == 8:
		id, _ := strconv.ParseUint(digits, 16, 32)
		if r.ID = chrony.RefID(id); r.ID != 0 {
			return r, nil
		}
	}
	isClock := isClockName(text)
	if isHostname(text) && !(isClock && text == strings.ToUpper(text)) {
		r.Name = text // names in capitals, such as GPS, are never looked up
	}
	if r.Name == "" && !isClock {
		return r, fmt.Errorf("%+q is not an address, name or reference ID", text)
	}
	return r, nil
}

// isClockName reports whether text could be the ID of a reference clock: up to four
// printable characters.
func isClockName(text string) bool {
	return len(text) >= 1 && len(text) <= 4 && strings.Trim(text, " ") == text && text[0] != '-' &&
		!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
