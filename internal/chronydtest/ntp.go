// SPDX-License-Identifier: MIT

package chronydtest

import (
	"encoding/binary"
	"net"
	"testing"
	"time"
)

// NTPServer is an NTP server that says what it is told to say.
type NTPServer struct {
	// Shift is how far its clock is ahead.
	Shift time.Duration
	// Stratum is the one that it claims; 1 if zero.
	Stratum uint8
	// Leap is its leap indicator: 1 announces an inserted second, 2 a deleted one, 3 is
	// that of an unsynchronised server.
	Leap uint8
	// Jump is how far its clock jumps after JumpAfter replies, and again after each further
	// one: ahead by once and twice this time in turn.
	Jump      time.Duration
	JumpAfter int
}

// Start serves on 127.0.0.1 until the test's end and returns the port.
func (s NTPServer) Start(t testing.TB) int {
	t.Helper()
	return s.StartAt(t, "127.0.0.1")
}

// StartAt is Start for another address of the loopback.
func (s NTPServer) StartAt(t testing.TB, address string) int {
	t.Helper()
	conn, err := net.ListenPacket("udp4", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		request := make([]byte, 1024)
		for replies := 0; ; replies++ {
			n, client, err := conn.ReadFrom(request)
			if err != nil {
				return
			}
			now := time.Now().Add(s.Shift)
			if replies >= s.JumpAfter {
				now = now.Add(s.Jump * time.Duration(1+replies%2))
			}
			if n >= 48 {
				conn.WriteTo(s.reply(request[:48], now), client)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

// reply returns the answer to a client's packet (RFC 5905, section 7.3) at a time of the
// server's clock.
func (s NTPServer) reply(request []byte, now time.Time) []byte {
	const version, modeServer = 4, 4
	p := make([]byte, 48)
	p[0] = s.Leap<<6 | version<<3 | modeServer
	p[1] = max(s.Stratum, 1)
	p[2] = request[2]                             // poll
	p[3] = 0xec                                   // precision: 2^-20 s
	binary.BigEndian.PutUint32(p[4:], 1<<16/1000) // root delay: 1 ms
	binary.BigEndian.PutUint32(p[8:], 1<<16/1000) // root dispersion: 1 ms
	copy(p[12:], "TEST")                          // reference ID
	putTimestamp(p[16:], now.Add(-time.Second))   // reference
	copy(p[24:32], request[40:48])                // origin
	putTimestamp(p[32:], now)                     // receive
	putTimestamp(p[40:], now)                     // transmit
	return p
}

// putTimestamp writes an NTP timestamp: seconds since 1900 and a fraction.
func putTimestamp(b []byte, t time.Time) {
	const from1900To1970 = 2208988800
	binary.BigEndian.PutUint32(b, uint32(t.Unix()+from1900To1970))
	binary.BigEndian.PutUint32(b[4:], uint32(uint64(t.Nanosecond())<<32/1e9))
}
