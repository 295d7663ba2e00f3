// SPDX-License-Identifier: MIT

package cmdmon

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"syscall"
)

// Address is where a chronyd is queried: an IP address with a UDP port, or the path of
// a Unix socket. It can be compared, and used as the key of a map.
type Address struct {
	udp  netip.AddrPort
	path string
}

// DefaultPort is chronyd's command port (chrony.conf: cmdport).
const DefaultPort = 323

// UDP returns the address of a chronyd's command port. The zone of an IPv6 address
// names the interface.
func UDP(ip netip.Addr, port uint16) Address {
	return Address{udp: netip.AddrPortFrom(ip.Unmap(), port)}
}

// ZoneID returns the number of the network interface that is the zone of an address
// (fe80::1%eth0, fe80::1%2); 0 if it has no zone.
func ZoneID(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	var ifi *net.Interface
	index, err := strconv.Atoi(zone)
	if err == nil {
		ifi, err = net.InterfaceByIndex(index)
	} else {
		ifi, err = net.InterfaceByName(zone)
	}
	if err != nil {
		return 0, err
	}
	return uint32(ifi.Index), nil
}

// maxPath is the longest path of a Unix socket in bytes (sun_path, less its NUL).
const maxPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// Socket returns the address of chronyd's Unix socket at an absolute path. The error
// gives the number of bytes and the limit if the path, or that of its directory, is too
// long for the socket to be used.
func Socket(path string) (Address, error) {
	const maxDirectory = maxPath - len("/") - len(clientName) - randomLetters
	switch n := len(filepath.Dir(path)); {
	case !filepath.IsAbs(path):
		return Address{}, errors.New("the path is not absolute")
	case len(path) > maxPath:
		return Address{}, fmt.Errorf("the path has %d bytes (a Unix socket's may have %d)", len(path), maxPath)
	case n > maxDirectory:
		return Address{}, fmt.Errorf("its directory has %d bytes (at most %d leave room for the plugin's own socket)", n, maxDirectory)
	}
	return Address{path: path}, nil
}

// IsZero reports whether this is no address at all.
func (a Address) IsZero() bool { return a == Address{} }

// IsSocket reports whether this is the path of a Unix socket.
func (a Address) IsSocket() bool { return a.path != "" }

// IsLocal reports whether the address leads to this host: a Unix socket or a loopback
// address.
func (a Address) IsLocal() bool { return a.IsSocket() || a.udp.Addr().IsLoopback() }

// IsAllowed reports whether chronyd answers queries from this host to this address
// without a cmdallow directive: its own Unix socket, 127.0.0.1 and ::1.
func (a Address) IsAllowed() bool {
	ip := a.udp.Addr()
	return a.IsSocket() || ip == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || ip == netip.IPv6Loopback()
}

// String returns the path, or the IP address with its port: 192.0.2.1:323, [::1]:323.
func (a Address) String() string {
	if a.IsSocket() {
		return a.path
	}
	return a.udp.String()
}
