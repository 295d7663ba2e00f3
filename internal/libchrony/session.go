// SPDX-License-Identifier: MIT

package libchrony

/*
#include <stdlib.h>
#include "binding.h"
*/
import "C"

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"check_chrony/internal/chrony"
)

// session is a socket to one chronyd and libchrony's state of the conversation.
type session struct {
	fd    C.int
	s     *C.chrony_session
	trace chrony.Trace
}

// open connects to address. libchrony makes the socket: on the Unix domain it
// hides its end in directories of its own, which only close removes.
func open(address string, trace chrony.Trace) (*session, error) {
	if address == "" {
		return nil, syscall.EINVAL // libchrony would try its default addresses
	}
	caddress := C.CString(address)
	defer C.free(unsafe.Pointer(caddress))
	fd, err := C.call_chrony_open_socket(caddress)
	if fd < 0 {
		if errors.Is(err, syscall.EINVAL) && tooLong(address) {
			err = syscall.ENAMETOOLONG
		}
		return nil, cmp.Or(err, error(syscall.EIO))
	}
	s := &session{fd: fd, trace: trace}
	if err := s.init(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// tooLong tells whether a Unix socket's path has no room for what libchrony
// appends to its directory ("/libchrony.", 12 letters, "/", 16 letters,
// "/sock"), or is itself too long. libchrony says only that it is invalid.
func tooLong(path string) bool {
	const longest = 107 // sun_path, less its NUL
	dir := strings.LastIndexByte(path, '/')
	return len(path) > longest || dir >= 0 && dir+11+12+1+16+5 > longest
}

func (s *session) init() error {
	// As libchrony 0.2 leaves it; waiting relies on it.
	if err := syscall.SetNonblock(int(s.fd), false); err != nil {
		return err
	}
	if code := C.call_chrony_init_session(&s.s, s.fd); code != C.CHRONY_OK {
		return libraryError(code)
	}
	return nil
}

func (s *session) close() {
	if s.s != nil {
		C.call_chrony_deinit_session(s.s)
	}
	C.call_chrony_close_socket(s.fd)
}

// exchange sends a request until libchrony has accepted a reply to it; what
// names it in the trace.
func (s *session) exchange(ctx context.Context, what string, send func() (C.chrony_err, error)) error {
	start := time.Now()
	deadline, _ := ctx.Deadline()
	for attempt := 0; ; attempt++ {
		until := chrony.WaitUntil(attempt, start, deadline)
		err := s.send(ctx, what, send, until)
		if err == nil {
			err = s.receive(ctx, what, until)
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || !time.Now().Before(deadline) || ctx.Err() != nil {
			return err
		}
	}
}

// send sends a request, until the given time: os.ErrDeadlineExceeded.
func (s *session) send(ctx context.Context, what string, send func() (C.chrony_err, error), until time.Time) error {
	for {
		if err := s.mayBlock(syscall.SO_SNDTIMEO, until); err != nil {
			return err
		}
		code, errno := send()
		switch {
		case code == C.CHRONY_OK:
			s.trace("%s: request sent", what)
			return nil
		case code != C.CHRONY_SEND_FAILED || !again(errno):
			return exchangeError(code, errno)
		}
		// The queue of chronyd's Unix socket is full.
		s.trace("%s: request not sent: %v", what, errno)
		if ctx.Err() != nil {
			return os.ErrDeadlineExceeded
		}
	}
}

// receive hands datagrams to libchrony until it has accepted one, or until the
// given time: os.ErrDeadlineExceeded.
func (s *session) receive(ctx context.Context, what string, until time.Time) error {
	for {
		if err := s.mayBlock(syscall.SO_RCVTIMEO, until); err != nil {
			return err
		}
		code, errno := C.call_chrony_process_response(s.s)
		switch {
		case code == C.CHRONY_RECV_FAILED && again(errno):
		case code != C.CHRONY_OK:
			return exchangeError(code, errno)
		case !bool(C.call_chrony_needs_response(s.s)):
			s.trace("%s: reply accepted", what)
			return nil
		default:
			s.trace("%s: datagram ignored (not a reply to the last request, or of another protocol version)", what)
		}
		if ctx.Err() != nil {
			return os.ErrDeadlineExceeded
		}
	}
}

// mayBlock lets the socket block for a while in what the option limits; libchrony
// itself would wait for ever. os.ErrDeadlineExceeded says that the time has come.
func (s *session) mayBlock(option int, until time.Time) error {
	timeout, err := chrony.WaitFor(time.Now(), until)
	if err != nil {
		return err
	}
	return syscall.SetsockoptTimeval(int(s.fd), syscall.SOL_SOCKET, option, &timeout)
}

// again tells of a call that ended without a result: its time was up, or a signal
// came.
func again(errno error) bool {
	return errors.Is(errno, syscall.EAGAIN) || errors.Is(errno, syscall.EINTR)
}

// exchangeError tells what a failed request or response means.
func exchangeError(code C.chrony_err, errno error) error {
	switch code {
	case C.CHRONY_SEND_FAILED, C.CHRONY_RECV_FAILED:
		return cmp.Or(errno, libraryError(code))
	case C.CHRONY_UNAUTHORIZED:
		return chrony.ErrNotAuthorised
	case C.CHRONY_DISABLED:
		return chrony.ErrDisabled
	case C.CHRONY_OLD_SERVER:
		return chrony.ErrServerTooOld
	case C.CHRONY_NEW_SERVER:
		return chrony.ErrServerTooNew
	case C.CHRONY_UNEXPECTED_STATUS:
		return chrony.ErrUnexpectedStatus
	case C.CHRONY_INVALID_RESPONSE:
		return fmt.Errorf("%w: cut short", chrony.ErrInvalidReply)
	default:
		return libraryError(code)
	}
}

// libraryError is an error of libchrony itself.
func libraryError(code C.chrony_err) error {
	return fmt.Errorf("libchrony: %s", C.GoString(C.call_chrony_get_error_string(code)))
}
