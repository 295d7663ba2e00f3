// SPDX-License-Identifier: MIT

//go:build cgo && linux

package libchrony

import (
	"errors"
	"syscall"
)

// loopback is a socket pair that stands in for the connection to chronyd. libchrony has
// one end. At the other, sent reads its requests and deliver writes chronyd's replies. So
// libchrony never waits, and never sees a network error.
type loopback struct{ library, plugin int }

func newLoopback() (*loopback, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return &loopback{fds[0], fds[1]}, nil
}

// sent returns the request that libchrony has sent; nil if there is none.
func (l *loopback) sent() ([]byte, error) {
	const maxRequest = 1024 // candm.h's CMD_Request is shorter
	request := make([]byte, maxRequest)
	n, err := syscall.Read(l.plugin, request)
	switch {
	case errors.Is(err, syscall.EAGAIN), err == nil && n == 0:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return request[:n], nil
}

// deliver hands a datagram to libchrony.
func (l *loopback) deliver(datagram []byte) error {
	_, err := syscall.Write(l.plugin, datagram)
	return err
}

func (l *loopback) close() {
	syscall.Close(l.library)
	syscall.Close(l.plugin)
}
