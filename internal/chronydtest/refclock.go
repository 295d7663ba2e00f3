// SPDX-License-Identifier: MIT

package chronydtest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// ReferenceClock is a clock that feeds chronyd's SOCK driver (chrony.conf,
// refclock) with samples of a right clock.
type ReferenceClock struct {
	socket string
}

// NewReferenceClock returns a clock for a chronyd that has yet to be started.
func NewReferenceClock(t testing.TB) ReferenceClock {
	t.Helper()
	return ReferenceClock{filepath.Join(ShortTempDir(t), "clock.sock")}
}

// Line returns the line of chrony.conf that makes chronyd follow the clock, under the
// reference ID id.
func (c ReferenceClock) Line(id string) string {
	return fmt.Sprintf("refclock SOCK %s refid %s poll 0 filter 2", c.socket, id)
}

// Feed sends ten samples a second until the test's end. chronyd must be running, since
// it makes the socket.
func (c ReferenceClock) Feed(t testing.TB) {
	t.Helper()
	conn, err := net.Dial("unixgram", c.socket)
	if err != nil {
		t.Fatal(err)
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	t.Cleanup(func() {
		ticker.Stop()
		conn.Close()
	})
	go func() {
		for now := range ticker.C {
			// struct sock_sample of chronyd's refclock_sock.c, on a 64-bit machine.
			const magic = 0x534f434b
			var sample bytes.Buffer
			binary.Write(&sample, binary.NativeEndian, struct {
				Seconds, Microseconds       int64
				Offset                      float64
				Pulse, Leap, Padding, Magic int32
			}{Seconds: now.Unix(), Microseconds: int64(now.Nanosecond() / 1000), Magic: magic})
			if _, err := conn.Write(sample.Bytes()); err != nil {
				return
			}
		}
	}()
}
