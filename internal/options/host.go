// SPDX-License-Identifier: MIT

package options

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"check_chrony/internal/cmdmon"
)

// parseHost parses -H, with -p, -4 and -6, before any name is looked up.
func (o *Options) parseHost() error {
	host := o.Hostname
	switch ip, err := netip.ParseAddr(host); {
	case host == "":
		return nil
	case strings.HasPrefix(host, "/"):
		return o.parseSocket()
	case err == nil:
		return o.parseAddress(ip)
	}
	if _, err := netip.ParseAddrPort(host); err == nil || strings.HasPrefix(host, "[") {
		return fmt.Errorf("--hostname: %+q: write the address without brackets and the port with --port", host)
	}
	if !isHostname(host) {
		return fmt.Errorf("--hostname: %+q is not a host name, address or absolute path", host)
	}
	return nil
}

func (o *Options) parseSocket() (err error) {
	if o.Port != 0 || o.IPv4 || o.IPv6 {
		return fmt.Errorf("--hostname: %+q is a Unix socket, which has no port or address family", o.Hostname)
	}
	if o.Address, err = cmdmon.Socket(o.Hostname); err != nil {
		return fmt.Errorf("--hostname: %+q: %w", o.Hostname, err)
	}
	return nil
}

func (o *Options) parseAddress(ip netip.Addr) error {
	zone := ip.Zone()
	ip = ip.Unmap() // drops the zone of an IPv4-mapped address
	switch {
	case ip.WithZone("").IsUnspecified():
		return fmt.Errorf("--hostname: %+q is not a host's address (omit -H to check this host)", o.Hostname)
	case zone != "" && ip.Is4():
		return fmt.Errorf("--hostname: %+q is an IPv4 address, which has no interface (write %s)", o.Hostname, ip)
	case o.IPv4 && !ip.Is4():
		return fmt.Errorf("--hostname: %+q is not an IPv4 address, as --ipv4 requires", o.Hostname)
	case o.IPv6 && ip.Is4():
		return fmt.Errorf("--hostname: %+q is not an IPv6 address, as --ipv6 requires", o.Hostname)
	case ip.IsLinkLocalUnicast() && ip.Is6() && zone == "":
		return fmt.Errorf("--hostname: %+q is a link-local address, which needs its interface (for example %s%%eth0)", o.Hostname, ip)
	}
	if _, err := cmdmon.ZoneID(zone); err != nil {
		return fmt.Errorf("--hostname: %+q: there is no network interface %+q", o.Hostname, zone)
	}
	o.Address = cmdmon.UDP(ip, cmp.Or(o.Port, cmdmon.DefaultPort))
	return nil
}

// isHostname reports whether text could be a DNS name: letters, digits, "-", "_" and
// dots. Digits and dots alone are a mistyped address, not a name.
func isHostname(text string) bool {
	name := strings.TrimSuffix(text, ".")
	if name == "" || len(name) > 253 || strings.Trim(name, "0123456789.") == "" {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			switch {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			default:
				return false
			}
		}
	}
	return true
}

// Network returns the address family for lookups: "ip", "ip4" or "ip6".
func (o *Options) Network() string {
	switch {
	case o.IPv4:
		return "ip4"
	case o.IPv6:
		return "ip6"
	}
	return "ip"
}

// validateGrace rejects --grace for another host's chronyd: only this host's uptime is
// known.
func (o *Options) validateGrace() error {
	if o.Grace == 0 || o.Hostname == "" || o.Hostname == "localhost" || o.Address.IsLocal() {
		return nil
	}
	return fmt.Errorf("--grace: uses the uptime of this host, and %+q is another host", o.Hostname)
}
