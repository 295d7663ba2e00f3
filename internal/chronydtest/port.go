// SPDX-License-Identifier: MIT

package chronydtest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
)

// FreePort returns a UDP and TCP port that is the test's own until it ends. Nobody listens
// on it, and no other test, in this process or another, gets it.
func FreePort(t testing.TB) int {
	t.Helper()
	for {
		if port := reservePort(t); isFree(port) {
			return port
		}
	}
}

// reservePort returns a port that no other test gets until this one ends. A program that
// isn't a test may listen on it.
func reservePort(t testing.TB) int {
	t.Helper()
	// Below the ports that Linux gives to whoever doesn't ask for one.
	const first, end = 10000, 32768
	for range end - first {
		port := first + rand.IntN(end-first)
		// An abstract Unix socket has the number for all processes.
		reservation, err := net.Listen("unix", fmt.Sprintf("@check_chrony port %d", port))
		if err == nil {
			t.Cleanup(func() { reservation.Close() })
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// isFree reports whether nobody listens on a port, at any address. Meanwhile no process is
// forked: a child would keep the port in use until its exec.
func isFree(port int) bool {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	address := fmt.Sprintf(":%d", port)
	udp, err := net.ListenPacket("udp", address)
	if err != nil {
		return false
	}
	defer udp.Close()
	tcp, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	tcp.Close()
	return true
}
