// SPDX-License-Identifier: MIT

package cmdmon

import (
	"context"
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
	dialer := net.Dialer{Control: forbidBroadcast}
	return dialer.DialUDP(context.Background(), "udp", netip.AddrPort{}, target)
}

// forbidBroadcast undoes what package net does to each UDP socket: a chronyd has
// no broadcast address, and the system's refusal says so at once.
func forbidBroadcast(_, _ string, conn syscall.RawConn) error {
	var err error
	controlErr := conn.Control(func(fd uintptr) {
		err = os.NewSyscallError("setsockopt", syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_BROADCAST, 0))
	})
	if controlErr != nil {
		return controlErr
	}
	return err
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
