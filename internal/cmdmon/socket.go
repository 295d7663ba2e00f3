// SPDX-License-Identifier: MIT

package cmdmon

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"check_chrony/internal/chrony"
)

// conn is a connected datagram socket whose calls block no longer than they may.
type conn interface {
	io.ReadWriteCloser
	// mayBlock lets Read (SO_RCVTIMEO) or Write (SO_SNDTIMEO) block for a while:
	// after it they return EAGAIN. os.ErrDeadlineExceeded says that the given time
	// has come.
	mayBlock(option int, until time.Time) error
}

// socket is a descriptor.
type socket int

func newSocket(domain int) (socket, error) {
	fd, err := syscall.Socket(domain, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	return socket(fd), err
}

func (s socket) Read(buffer []byte) (int, error)   { return syscall.Read(int(s), buffer) }
func (s socket) Write(request []byte) (int, error) { return syscall.Write(int(s), request) }
func (s socket) Close() error                      { return syscall.Close(int(s)) }

func (s socket) mayBlock(option int, until time.Time) error {
	timeout, err := chrony.WaitFor(time.Now(), until)
	if err != nil {
		return err
	}
	return syscall.SetsockoptTimeval(int(s), syscall.SOL_SOCKET, option, &timeout)
}

// again tells of a call that ended without a result: its time was up, or a signal
// came.
func again(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)
}

// dialUDP connects to an IP address with a port, so that the system tells when
// nobody listens there, and drops what others send.
func dialUDP(address string) (conn, error) {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	ip, port := target.Addr(), int(target.Port())
	domain, peer := syscall.AF_INET, syscall.Sockaddr(nil)
	if ip.Is4() {
		peer = &syscall.SockaddrInet4{Port: port, Addr: ip.As4()}
	} else {
		zone, err := zoneID(ip.Zone())
		if err != nil {
			return nil, err
		}
		domain, peer = syscall.AF_INET6, &syscall.SockaddrInet6{Port: port, Addr: ip.As16(), ZoneId: zone}
	}
	s, err := newSocket(domain)
	if err != nil {
		return nil, err
	}
	if err := syscall.Connect(int(s), peer); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// zoneID is the number of the network interface that an address names (fe80::1%eth0).
func zoneID(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if id, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(id), nil
	}
	ifi, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, err
	}
	return uint32(ifi.Index), nil
}
