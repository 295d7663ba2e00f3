// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"

	"check_chrony/internal/cmdmon"
)

// chronyd's defaults (chrony.conf: bindcmdaddress, cmdport).
const (
	defaultSocket = "/run/chrony/chronyd.sock"
	defaultPort   = 323
)

// validateHost rejects mistakes in -H, -p, -4 and -6 before any name is looked up.
func (c *cli) validateHost() error {
	host := c.Hostname
	switch ip, err := netip.ParseAddr(host); {
	case host == "":
		return nil
	case cmdmon.IsSocketPath(host):
		return c.validateSocket()
	case err == nil:
		return c.validateAddress(ip)
	}
	if _, err := netip.ParseAddrPort(host); err == nil || strings.HasPrefix(host, "[") {
		return fmt.Errorf("--hostname: %+q: write the address without brackets and the port with --port", host)
	}
	if !isHostname(host) {
		return fmt.Errorf("--hostname: %+q is not a host name, address or absolute path", host)
	}
	return nil
}

func (c *cli) validateSocket() error {
	if c.Port != 0 || c.IPv4 || c.IPv6 {
		return fmt.Errorf("--hostname: %+q is a Unix socket, which has no port or address family", c.Hostname)
	}
	if err := cmdmon.CheckSocketPath(c.Hostname); err != nil {
		return fmt.Errorf("--hostname: %+q: %w", c.Hostname, err)
	}
	return nil
}

func (c *cli) validateAddress(ip netip.Addr) error {
	zone := ip.Zone()
	ip = ip.Unmap() // drops the zone of an IPv4-mapped address
	switch {
	case zone != "" && ip.Is4():
		return fmt.Errorf("--hostname: %+q is an IPv4 address, which has no interface (write %s)", c.Hostname, ip)
	case c.IPv4 && !ip.Is4():
		return fmt.Errorf("--hostname: %+q is not an IPv4 address, as --ipv4 requires", c.Hostname)
	case c.IPv6 && ip.Is4():
		return fmt.Errorf("--hostname: %+q is not an IPv6 address, as --ipv6 requires", c.Hostname)
	case ip.IsLinkLocalUnicast() && ip.Is6() && zone == "":
		return fmt.Errorf("--hostname: %+q is a link-local address, which needs its interface (write %s%%eth0, for one)", c.Hostname, ip)
	case zone != "" && !hasZone(zone):
		return fmt.Errorf("--hostname: %+q: there is no network interface %+q", c.Hostname, zone)
	}
	return nil
}

// hasZone reports whether zone is the name or number of a network interface of this
// host.
func hasZone(zone string) bool {
	number, err := strconv.Atoi(zone)
	if err == nil {
		_, err = net.InterfaceByIndex(number)
	} else {
		_, err = net.InterfaceByName(zone)
	}
	return err == nil
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

// targets returns the addresses at which to ask chronyd, in order. Without -H these
// are 127.0.0.1, ::1 and, if this user may use it, the Unix socket. UDP comes first
// because it is cheaper, needs no file and is open by default. The socket is for hosts
// that close UDP ("cmdport 0") or restrict it ("opencommands").
func (c *cli) targets(dns resolver) ([]string, error) {
	var ips []netip.Addr
	switch ip, err := netip.ParseAddr(c.Hostname); {
	case cmdmon.IsSocketPath(c.Hostname):
		return []string{c.Hostname}, nil
	case c.Hostname == "":
		if !c.IPv6 {
			ips = append(ips, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
		}
		if !c.IPv4 {
			ips = append(ips, netip.IPv6Loopback())
		}
	case err == nil:
		ips = append(ips, ip.Unmap())
	default:
		network := "ip"
		if c.IPv4 {
			network = "ip4"
		}
		if c.IPv6 {
			network = "ip6"
		}
		if ips, err = dns.addresses(network, c.Hostname); err != nil {
			return nil, err
		}
	}
	var targets []string
	for _, ip := range ips {
		targets = append(targets, netip.AddrPortFrom(ip, cmp.Or(c.Port, defaultPort)).String())
	}
	// A port or a family means UDP. Connecting to the socket needs write permission,
	// which only root and chronyd's user have; its group doesn't help.
	const writable = 2
	if c.Hostname == "" && c.Port == 0 && !c.IPv4 && !c.IPv6 && syscall.Access(defaultSocket, writable) == nil {
		targets = append(targets, defaultSocket)
	}
	return targets, nil
}

// isLocal reports whether a target is this host: a Unix socket or a loopback address.
func isLocal(target string) bool {
	ip, err := netip.ParseAddrPort(target)
	return cmdmon.IsSocketPath(target) || err == nil && ip.Addr().IsLoopback()
}
