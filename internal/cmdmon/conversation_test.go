// SPDX-License-Identifier: MIT

package cmdmon

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"
)

// scriptedPeer answers the request that follows these errors of send.
type scriptedPeer struct {
	errs []error
	sent int
}

func (p *scriptedPeer) send([]byte) error {
	if len(p.errs) == 0 {
		p.sent++
		return nil
	}
	err := p.errs[0]
	p.errs = p.errs[1:]
	return err
}

func (p *scriptedPeer) receive(buffer []byte, atMost time.Duration) (int, error) {
	if p.sent == 0 {
		time.Sleep(max(atMost, 0))
		return 0, syscall.EAGAIN
	}
	return copy(buffer, "reply"), nil
}

// A datagram that isn't sent for lack of memory or room in a queue is lost like one on the
// network: the next send is on time. Other errors end the conversation.
func TestErrorsOfSend(t *testing.T) {
	for _, tt := range []struct {
		errs []error
		want error
	}{
		{nil, nil},
		{[]error{syscall.ENOBUFS}, nil},
		{[]error{syscall.EAGAIN, syscall.ENOBUFS}, nil},
		{[]error{syscall.EINTR}, nil},
		{[]error{syscall.ECONNREFUSED}, syscall.ECONNREFUSED},
		{[]error{syscall.ENOBUFS, syscall.EPERM}, syscall.EPERM},
	} {
		p := &scriptedPeer{errs: tt.errs}
		wait := Limit{Deadline: time.Now().Add(time.Second), Context: context.Background}
		c := &conversation{conn: p, limit: wait, trace: t.Logf, start: time.Now()}
		err := c.roundTrip("test", []byte("request"), func(datagram []byte) (bool, error) { return string(datagram) == "reply", nil })
		if !errors.Is(err, tt.want) || (p.sent == 1) != (tt.want == nil) || len(p.errs) > 0 {
			t.Errorf("%v: got %v after %d sends", tt.errs, err, p.sent)
		}
	}
}

// The kernel takes a timeout of zero for none at all.
func TestReceiveEndsWithoutADatagram(t *testing.T) {
	silent, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	s, err := dialUDP(silent.LocalAddr().(*net.UDPAddr).AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	for _, atMost := range []time.Duration{-time.Second, 0, 1, time.Microsecond} {
		go func() {
			_, err := s.receive(make([]byte, 1), atMost)
			ended <- err
		}()
		select {
		case err := <-ended:
			if !errors.Is(err, syscall.EAGAIN) {
				t.Errorf("%v: got %v, want %v", atMost, err, syscall.EAGAIN)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%v: still waits after 5s", atMost)
		}
	}
	s.Close()
}
