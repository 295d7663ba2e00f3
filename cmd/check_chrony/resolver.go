// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// resolver looks names up within the time of the check.
type resolver struct {
	signals *signals
	until   time.Time
}

// addresses are the addresses of a host, of the family that network names ("ip",
// "ip4", "ip6"). The error is [interrupted] where a signal came, and else a
// [failures] whose state is that of --unreachable.
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
		// DNS's answer is the same where the name has an address of the other family.
		dns.Err += ", or " + noAddressError(network).Error()
	}
	return nil, failures{{target: host, err: err}}
}

// noAddressError says that a name has no address of the wanted family.
type noAddressError string

func (e noAddressError) Error() string {
	return map[noAddressError]string{"ip4": "it has no IPv4 address", "ip6": "it has no IPv6 address", "ip": "it has no address"}[e]
}
