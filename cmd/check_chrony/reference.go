// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
)

// validateReferences rejects entries of --expect-reference that could never match.
func (c *cli) validateReferences() error {
	for _, text := range c.References {
		if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() != "" {
			return fmt.Errorf("--expect-reference: %+q has a zone, and chronyd reports addresses without one (write %s)", text, ip.WithZone(""))
		}
		r := parseReference(text)
		if r.ID == 0 && len(r.Addresses) == 0 && !isRefName(text) && !isHostname(text) {
			return fmt.Errorf("--expect-reference: %+q is not an address, name or reference ID", text)
		}
	}
	return nil
}

// parseReference parses an entry of --expect-reference: an address, eight hexadecimal
// digits, or else the name of a host or of a reference clock.
func parseReference(text string) check.Reference {
	r := check.Reference{Text: text}
	if ip, err := netip.ParseAddr(text); err == nil {
		r.Addresses = []netip.Addr{ip.Unmap()} // chronyd keeps ::ffff:192.0.2.1 as IPv4
	}
	if digits := strings.TrimPrefix(text, "0x"); len(digits) == 8 {
		id, _ := strconv.ParseUint(digits, 16, 32)
		r.ID = chrony.RefID(id)
	}
	return r
}

// isRefName reports whether text could be the ID of a reference clock: up to four
// printable characters.
func isRefName(text string) bool {
	return len(text) >= 1 && len(text) <= 4 && strings.Trim(text, " ") == text && text[0] != '-' &&
		!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// isAnswer reports whether the error of a lookup is DNS's answer that there is no such
// address.
func isAnswer(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, new(noAddressError))
}

// expected returns the references that --expect-reference lists. Host names are looked
// up only if the clock follows none of the other entries.
func (c *cli) expected(dns resolver, t chrony.Tracking) ([]check.Reference, error) {
	var references []check.Reference
	for _, text := range c.References {
		references = append(references, parseReference(text))
	}
	if slices.ContainsFunc(references, func(r check.Reference) bool { return r.Matches(t) }) {
		return references, nil
	}
	for i, r := range references {
		if t.Address == "" || r.ID != 0 || len(r.Addresses) > 0 || !isHostname(r.Text) {
			continue
		}
		ips, err := dns.addresses("ip", r.Text)
		if errors.As(err, new(interrupted)) {
			return nil, err
		}
		isID := isRefName(r.Text) && r.Text == strings.ToUpper(r.Text) // GPS, PHC0
		switch {
		case err == nil || isID:
		case isAnswer(err):
			references[i].Text += " (not found)"
		default:
			references[i].Unresolved = true
		}
		references[i].Addresses = ips
	}
	return references, nil
}
