// SPDX-License-Identifier: MIT

package chronydtest

import (
	"encoding/binary"
	"errors"
	"net"
	"syscall"
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
	conn, err := (&net.ListenConfig{Control: stampDatagrams}).ListenPacket(t.Context(), "udp4", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go s.serve(conn.(*net.UDPConn))
	return conn.LocalAddr().(*net.UDPAddr).Port
}

func (s NTPServer) serve(conn *net.UDPConn) {
	request, oob := make([]byte, 1024), make([]byte, 1024)
	for replies := 0; ; replies++ {
		n, oobn, _, client, err := conn.ReadMsgUDPAddrPort(request, oob)
		if err != nil {
			return
		}
		shift := s.Shift
		if replies >= s.JumpAfter {
			shift += s.Jump * time.Duration(1+replies%2)
		}
		if n >= 48 {
			conn.WriteToUDPAddrPort(s.reply(request[:48], arrived(oob[:oobn]).Add(shift), shift), client)
		}
	}
}

// stampDatagrams makes the kernel say when a datagram arrived. However long the server then
// takes on a busy machine, its time stays exact.
func stampDatagrams(_, _ string, conn syscall.RawConn) error {
	var err error
	no := conn.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
	})
	return errors.Join(no, err)
}

// arrived returns when a datagram arrived that came with this control message.
func arrived(oob []byte) time.Time {
	messages, err := syscall.ParseSocketControlMessage(oob)
	if err != nil || len(messages) != 1 || len(messages[0].Data) < 16 {
		return time.Now()
	}
	at := messages[0].Data // struct timespec, on a 64-bit machine
	return time.Unix(int64(binary.NativeEndian.Uint64(at)), int64(binary.NativeEndian.Uint64(at[8:])))
}

// reply returns the answer to a client's packet (RFC 5905, section 7.3) that was received
// at this time of the server's clock, which is ahead by shift.
func (s NTPServer) reply(request []byte, received time.Time, shift time.Duration) []byte {
	const version, modeServer = 4, 4
	p := make([]byte, 48)
	p[0] = s.Leap<<6 | version<<3 | modeServer
	p[1] = max(s.Stratum, 1)
	p[2] = request[2]                                // poll
	p[3] = 0xec                                      // precision: 2^-20 s
	binary.BigEndian.PutUint32(p[4:], 1<<16/1000)    // root delay: 1 ms
	binary.BigEndian.PutUint32(p[8:], 1<<16/1000)    // root dispersion: 1 ms
	copy(p[12:], "TEST")                             // reference ID
	putTimestamp(p[16:], received.Add(-time.Second)) // reference
	copy(p[24:32], request[40:48])                   // origin
	putTimestamp(p[32:], received)                   // receive
	putTimestamp(p[40:], time.Now().Add(shift))      // transmit
	return p
}

// putTimestamp writes an NTP timestamp: seconds since 1900 and a fraction.
func putTimestamp(b []byte, t time.Time) {
	const from1900To1970 = 2208988800
	binary.BigEndian.PutUint32(b, uint32(t.Unix()+from1900To1970))
	binary.BigEndian.PutUint32(b[4:], uint32(uint64(t.Nanosecond())<<32/1e9))
}
