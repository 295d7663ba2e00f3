// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// resolver looks up names within the time limit of the check.
type resolver struct {
	signals *signals
	until   time.Time
}

// addresses returns a host's addresses of the family that network names ("ip", "ip4"
// or "ip6"). The error is [interrupted] if a signal came, and otherwise a [failures]
// whose state is that of --unreachable.
func (r resolver) addresses(network, host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithDeadline(r.signals.context(), r.until)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, network, host)
	var dns *net.DNSError
	for i, ip := range ips {
		ips[i] = ip.Unmap()
	}
	switch ended := r.signals.ended(); {
	case err == nil:
		return ips, nil
	case ended != nil:
		return nil, ended
	case errors.As(err, new(*net.AddrError)): // Go's "no suitable address found"
		err = noAddressError(network)
	case errors.As(err, &dns) && dns.IsNotFound && network != "ip":
		// DNS answers the same if the name only has addresses of the other family.
		dns.Err += ", or " + noAddressError(network).Error()
	}
	return nil, failures{{target: host, err: err}}
}

// noAddressError means that a name has no address of the wanted family. Its value is
// the network, as for addresses.
type noAddressError string

func (e noAddressError) Error() string {
	return map[noAddressError]string{"ip4": "it has no IPv4 address", "ip6": "it has no IPv6 address", "ip": "it has no address"}[e]
}
