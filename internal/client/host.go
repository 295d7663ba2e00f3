// SPDX-License-Identifier: MIT

package client

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"

	"check_chrony/internal/cmdmon"
)

// Host says which chronyd to query: this host's, if Name and Address are zero.
type Host struct {
	// Name is looked up if Address is zero; empty means this host.
	Name string
	// Address is the only address to query; zero to use Name.
	Address cmdmon.Address
	// Network is the family of the addresses: "ip", "ip4" or "ip6".
	Network string
	// Port is the UDP port; zero means [cmdmon.DefaultPort].
	Port uint16
}

// defaultSocket returns chronyd's default Unix socket (chrony.conf: bindcmdaddress). It is
// in /var/run on systems other than Linux.
func defaultSocket() string {
	const socket = "/run/chrony/chronyd.sock"
	if runtime.GOOS == "linux" {
		return socket
	}
	return "/var" + socket
}

// isThisHost reports whether all addresses lead to the same chronyd, this host's.
func (h Host) isThisHost() bool { return h.Name == "" && h.Address.IsZero() }

// addresses returns the addresses to query, in order. Those of this host are 127.0.0.1,
// ::1 and the Unix socket. UDP comes first because it is cheaper, needs no file and is
// open by default. The socket is for hosts that close UDP ("cmdport 0") or restrict it
// ("opencommands").
func (h Host) addresses(limit cmdmon.Limit) ([]cmdmon.Address, error) {
	var ips []netip.Addr
	switch {
	case !h.Address.IsZero():
		return []cmdmon.Address{h.Address}, nil
	case h.Name != "":
		var err error
		if ips, err = LookUp(h.Network, h.Name, limit); err != nil {
			return nil, err
		}
	default:
		if h.Network != "ip6" {
			ips = append(ips, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
		}
		if h.Network != "ip4" {
			ips = append(ips, netip.IPv6Loopback())
		}
	}
	var addresses []cmdmon.Address
	for _, ip := range ips {
		addresses = append(addresses, cmdmon.UDP(ip, cmp.Or(h.Port, cmdmon.DefaultPort)))
	}
	// A port or a family means UDP.
	if h == (Host{Network: "ip"}) {
		socket, err := cmdmon.Socket(defaultSocket())
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, socket)
	}
	return addresses, nil
}

// LookUp returns the addresses of a name in a network ("ip", "ip4" or "ip6"). It drops
// 0.0.0.0 and ::, which some resolvers return for blocked names: they lead to this host.
// The error is an [Error], or a [cmdmon.Interrupted].
func LookUp(network, name string, limit cmdmon.Limit) ([]netip.Addr, error) {
	ctx, cancel := context.WithDeadline(limit.Context(), limit.Deadline)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, network, name)
	if interrupted := limit.Interrupted(); interrupted != nil {
		return nil, interrupted
	}
	var ips []netip.Addr
	for _, ip := range found {
		if ip = ip.Unmap(); !ip.IsUnspecified() {
			ips = append(ips, ip)
		}
	}
	var dns *net.DNSError
	switch {
	case len(ips) > 0:
		return ips, nil
	case err == nil:
		err = errBlocked
	case errors.As(err, new(*net.AddrError)): // Go's "no suitable address found"
		err = noAddressError(network)
	case errors.As(err, &dns) && dns.IsNotFound && network != "ip":
		// DNS answers the same if the name only has addresses of the other family.
		dns.Err += ", or " + noAddressError(network).Error()
	}
	return nil, Error{{name: name, err: err}}
}

// errBlocked means that a name resolves to 0.0.0.0 or :: only.
var errBlocked = errors.New("it resolves only to 0.0.0.0 or ::, as names blocked by DNS or /etc/hosts do")

// noAddressError means that a name has no address in the network that it holds.
type noAddressError string

func (e noAddressError) Error() string {
	return map[noAddressError]string{"ip4": "it has no IPv4 address", "ip6": "it has no IPv6 address", "ip": "it has no address"}[e]
}

// IsNotFound reports whether the error of a lookup is DNS's answer that there is no
// usable address.
func IsNotFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, new(noAddressError)) || errors.Is(err, errBlocked)
}
