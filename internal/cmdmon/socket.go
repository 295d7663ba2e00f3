// SPDX-License-Identifier: MIT

package cmdmon

import (
	"net/netip"
	"syscall"
	"time"
)

// socket is the descriptor of a connected datagram socket. It implements [conn].
//
// It blocks in the kernel, with SO_RCVTIMEO, and not in Go's network poller: a check sends
// one request at a time, and the poller would cost as much as the requests.
type socket struct {
	fd     int
	remove func() // removes the file of a Unix socket
	// cred is the user that root was given up for; nil if it wasn't.
	cred *credential
}

// dial connects to an address.
func dial(address Address, limit Limit) (*socket, error) {
	if address.IsSocket() {
		return dialUnix(address.path, limit)
	}
	return dialUDP(address.udp)
}

// dialUDP returns a connected socket, so that the kernel reports a closed port and
// drops datagrams from other addresses.
func dialUDP(address netip.AddrPort) (*socket, error) {
	ip, port := address.Addr(), int(address.Port())
	domain, peer := syscall.AF_INET, syscall.Sockaddr(nil)
	if ip.Is4() {
		peer = &syscall.SockaddrInet4{Port: port, Addr: ip.As4()}
	} else {
		zone, err := ZoneID(ip.Zone())
		if err != nil {
			return nil, err
		}
		domain, peer = syscall.AF_INET6, &syscall.SockaddrInet6{Port: port, Addr: ip.As16(), ZoneId: zone}
	}
	s, err := newSocket(domain)
	if err != nil {
		return nil, err
	}
	if err := syscall.Connect(s.fd, peer); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func newSocket(domain int) (*socket, error) {
	fd, err := syscall.Socket(domain, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return nil, err
	}
	return &socket{fd: fd, remove: func() {}}, nil
}

func (s *socket) send(request []byte) error {
	_, err := syscall.SendmsgN(s.fd, request, nil, nil, syscall.MSG_DONTWAIT)
	return err
}

func (s *socket) receive(buffer []byte, atMost time.Duration) (int, error) {
	if atMost <= 0 {
		n, _, err := syscall.Recvfrom(s.fd, buffer, syscall.MSG_DONTWAIT)
		return n, err
	}
	// A timeout of zero would mean forever. The conversion rounds up.
	timeout := syscall.NsecToTimeval(atMost.Nanoseconds())
	if err := syscall.SetsockoptTimeval(s.fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &timeout); err != nil {
		return 0, err
	}
	return syscall.Read(s.fd, buffer)
}

// Close closes the socket and removes its file.
func (s *socket) Close() error {
	s.remove()
	return syscall.Close(s.fd)
}
