// SPDX-License-Identifier: MIT

package libchrony

import (
	"errors"
	"syscall"
)

// pair is a socket pair with libchrony at one end. libchrony believes that chronyd is at
// the other end, from which take reads its requests and to which put writes chronyd's
// replies. So libchrony never waits, and never sees an error of the network.
type pair struct{ theirs, ours int }

func newPair() (*pair, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return &pair{fds[0], fds[1]}, nil
}

// take returns a request that libchrony has sent; nil if there is none.
func (p *pair) take() ([]byte, error) {
	const maxRequest = 1024 // candm.h's CMD_Request is shorter
	request := make([]byte, maxRequest)
	n, err := syscall.Read(p.ours, request)
	switch {
	case errors.Is(err, syscall.EAGAIN), err == nil && n == 0:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return request[:n], nil
}

// put hands a datagram to libchrony.
func (p *pair) put(datagram []byte) error {
	_, err := syscall.Write(p.ours, datagram)
	return err
}

func (p *pair) close() {
	syscall.Close(p.theirs)
	syscall.Close(p.ours)
}
