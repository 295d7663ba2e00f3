// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
)

// validateReferences tells which entry of --expect-reference can't be one.
func (c *cli) validateReferences() error {
	for _, text := range c.References {
		r := parseReference(text)
		if r.ID == 0 && len(r.Addresses) == 0 && !isRefName(text) && !isHostname(text) {
			return fmt.Errorf("--expect-reference: %+q is no address, name or reference ID", text)
		}
	}
	return nil
}

// parseReference reads an entry as an address or as eight hexadecimal digits;
// what is neither is a name, of a host or of a reference clock.
func parseReference(text string) check.Reference {
	r := check.Reference{Text: text}
	if ip, err := netip.ParseAddr(text); err == nil {
		r.Addresses = []netip.Addr{ip}
	}
	if digits := strings.TrimPrefix(text, "0x"); len(digits) == 8 {
		id, _ := strconv.ParseUint(digits, 16, 32)
		r.ID = chrony.RefID(id)
	}
	return r
}

// isRefName tells whether text could be the ID of a reference clock: up to four
// printable characters.
func isRefName(text string) bool {
	return len(text) >= 1 && len(text) <= 4 && strings.Trim(text, " ") == text && text[0] != '-' &&
		!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// expected is what --expect-reference lists. Host names are looked up only if
// none of the other entries is followed.
func (c *cli) expected(ctx context.Context, t chrony.Tracking) []check.Reference {
	var references []check.Reference
	for _, text := range c.References {
		references = append(references, parseReference(text))
	}
	if slices.ContainsFunc(references, func(r check.Reference) bool { return r.Matches(t) }) {
		return references
	}
	for i, r := range references {
		if t.Address == "" || r.ID != 0 || len(r.Addresses) > 0 || !isHostname(r.Text) {
			continue
		}
		ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", r.Text)
		if err != nil && !isRefName(r.Text) {
			references[i].Text += " (not resolved)"
		}
		for _, ip := range ips {
			references[i].Addresses = append(references[i].Addresses, ip.Unmap())
		}
	}
	return references
}
