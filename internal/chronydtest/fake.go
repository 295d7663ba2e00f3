// SPDX-License-Identifier: MIT

package chronydtest

import (
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Fake is a fake chronyd that answers as a test wants.
type Fake struct {
	// Address is where it listens, as the readers take it: "127.0.0.1:1234",
	// "[::1]:1234" or the path of a Unix socket.
	Address string

	t        testing.TB
	handler  Handler
	conn     net.PacketConn
	closed   chan struct{}
	running  sync.WaitGroup
	mu       sync.Mutex
	requests [][]byte
}

// Handler answers the nth request (from 0) with any number of datagrams. It
// is called for one request at a time, and not from the test's goroutine.
type Handler func(request []byte, n int) []Datagram

// Datagram is what is sent to the client.
type Datagram struct {
	Bytes []byte
	// After is the pause before it. Later requests are answered meanwhile.
	After time.Duration
	// Last makes the daemon die after this datagram.
	Last bool
}

// NewFake starts a chronyd on loopback (network "udp4" or "udp6") or on a Unix socket
// ("unixgram"). It ends with the test. On a host without IPv6, "udp6" skips the test.
func NewFake(t testing.TB, network string, handler Handler) *Fake {
	t.Helper()
	if network == "unixgram" {
		return NewFakeAt(t, network, filepath.Join(ShortTempDir(t), "chronyd.sock"), handler)
	}
	host := map[string]string{"udp4": "127.0.0.1", "udp6": "::1"}[network]
	for {
		conn, err := net.ListenPacket(network, net.JoinHostPort(host, strconv.Itoa(reservePort(t))))
		if !errors.Is(err, syscall.EADDRINUSE) {
			return startFake(t, network, conn, err, handler)
		}
	}
}

// NewFakeAt is like [NewFake] for an address, in the form of [net.ListenPacket].
func NewFakeAt(t testing.TB, network, address string, handler Handler) *Fake {
	t.Helper()
	conn, err := net.ListenPacket(network, address)
	return startFake(t, network, conn, err, handler)
}

func startFake(t testing.TB, network string, conn net.PacketConn, err error, handler Handler) *Fake {
	t.Helper()
	if err != nil {
		if network == "udp6" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	f := &Fake{t: t, handler: handler, conn: conn, closed: make(chan struct{})}
	f.Address = f.conn.LocalAddr().String()
	t.Cleanup(func() {
		f.Die()
		f.running.Wait()
	})
	f.running.Add(1)
	go f.serve()
	return f
}

// Args returns the options with which the plugin queries this chronyd.
func (f *Fake) Args() []string {
	address, err := netip.ParseAddrPort(f.Address)
	if err != nil { // a path
		return []string{"-H", f.Address}
	}
	return []string{"-H", address.Addr().String(), "-p", strconv.Itoa(int(address.Port()))}
}

// AwaitRequests waits until at least so many requests have come.
func (f *Fake) AwaitRequests(t testing.TB, number int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); len(f.Requests()) < number; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d requests, want %d", len(f.Requests()), number)
		}
	}
}

// Requests returns all requests received so far.
func (f *Fake) Requests() [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// Die ends the daemon. As with a chronyd that was killed, the path of its Unix socket
// stays until the end of the test.
func (f *Fake) Die() {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
	default:
		close(f.closed)
		f.conn.Close()
	}
}

func (f *Fake) serve() {
	defer f.running.Done()
	buffer := make([]byte, 2048)
	for n := 0; ; n++ {
		length, client, err := f.conn.ReadFrom(buffer)
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				f.t.Errorf("fake chronyd: %v", err)
			}
			return
		}
		request := slices.Clone(buffer[:length])
		f.mu.Lock()
		f.requests = append(f.requests, request)
		f.mu.Unlock()
		datagrams := f.handler(request, n)
		f.running.Add(1)
		go f.send(datagrams, client)
	}
}

// send sends datagrams to a client that may be gone.
func (f *Fake) send(datagrams []Datagram, client net.Addr) {
	defer f.running.Done()
	for _, d := range datagrams {
		select {
		case <-f.closed:
			return
		case <-time.After(d.After):
		}
		f.conn.WriteTo(d.Bytes, client)
		if d.Last {
			f.Die()
		}
	}
}
