// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// chronyd's defaults (chrony.conf: bindcmdaddress, cmdport).
const (
	defaultSocket = "/run/chrony/chronyd.sock"
	defaultPort   = 323
)

// validateHost tells what is wrong with -H, -p, -4 and -6 before anything is
// looked up.
func (c *cli) validateHost() error {
	host := c.Hostname
	switch {
	case host == "":
		return nil
	case strings.HasPrefix(host, "/"):
		if c.Port != 0 || c.IPv4 || c.IPv6 {
			return fmt.Errorf("--hostname: %+q is a Unix socket, which has no port or address family", host)
		}
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		switch {
		case ip.Zone() != "" && c.Reader != "native":
			return fmt.Errorf("--hostname: %+q: libchrony knows no zones (use --reader=native)", host)
		case c.IPv4 && !ip.Is4():
			return fmt.Errorf("--hostname: %+q is no IPv4 address, as --ipv4 asks", host)
		case c.IPv6 && ip.Is4():
			return fmt.Errorf("--hostname: %+q is no IPv6 address, as --ipv6 asks", host)
		}
		return nil
	}
	if _, err := netip.ParseAddrPort(host); err == nil || strings.HasPrefix(host, "[") {
		return fmt.Errorf("--hostname: %+q: write the address without brackets and the port with --port", host)
	}
	if !isHostname(host) {
		return fmt.Errorf("--hostname: %+q is no host name, address or absolute path", host)
	}
	return nil
}

// isHostname tells whether text could be a name that DNS knows: letters,
// digits, "-", "_" and dots, and not all digits and dots, which is a mistyped
// address.
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

// targets are the addresses at which chronyd is asked, in their order.
func (c *cli) targets(ctx context.Context) ([]string, error) {
	number := cmp.Or(c.Port, defaultPort)
	if strings.HasPrefix(c.Hostname, "/") {
		return []string{c.Hostname}, nil
	}
	var (
		targets []string
		ips     []netip.Addr
	)
	if c.Hostname == "" {
		// A port or a family asks for UDP. The socket takes a user who may write to
		// it: membership in its group doesn't help.
		const writable = 2
		if c.Port == 0 && !c.IPv4 && !c.IPv6 && syscall.Access(defaultSocket, writable) == nil {
			targets = append(targets, defaultSocket)
		}
		if !c.IPv6 {
			ips = append(ips, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
		}
		if !c.IPv4 {
			ips = append(ips, netip.IPv6Loopback())
		}
	} else if ip, err := netip.ParseAddr(c.Hostname); err == nil {
		ips = append(ips, ip)
	} else {
		network := "ip"
		if c.IPv4 {
			network = "ip4"
		}
		if c.IPv6 {
			network = "ip6"
		}
		if ips, err = net.DefaultResolver.LookupNetIP(ctx, network, c.Hostname); err != nil {
			return nil, err
		}
	}
	for _, ip := range ips {
		// libchrony's spelling of an address: 192.0.2.1:323, [::1]:323.
		targets = append(targets, netip.AddrPortFrom(ip.Unmap(), number).String())
	}
	return targets, nil
}

// isLocal tells whether a target is this host: a Unix socket or a loopback address.
func isLocal(target string) bool {
	ip, err := netip.ParseAddrPort(target)
	return err != nil || ip.Addr().IsLoopback()
}
