// SPDX-License-Identifier: MIT

package cmdmon

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// dialUDP connects to an IP address with a port, so that the system tells when
// nobody listens there, and drops what others send.
func dialUDP(address string) (net.Conn, error) {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	return net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(target))
}

// plain is the system's reason alone: package net wraps it in the addresses and
// calls, which the reader's caller names itself.
func plain(err error) error {
	var errno syscall.Errno
	switch {
	case errors.As(err, &errno):
		return errno
	case errors.Is(err, os.ErrDeadlineExceeded):
		return os.ErrDeadlineExceeded
	}
	return err
}
