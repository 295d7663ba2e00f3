// SPDX-License-Identifier: MIT

package cmdmon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"check_chrony/internal/chrony"
)

// OwnerError is the error of a Unix socket that this user may not use.
type OwnerError struct {
	UID uint32 // of the owner of the socket's directory, who may
	Err error  // the kernel's
}

func (e *OwnerError) Error() string {
	return fmt.Sprintf("%v (its directory is user %d's)", e.Err, e.UID)
}

// Unwrap returns the kernel's error.
func (e *OwnerError) Unwrap() error { return e.Err }

// explainConnect makes the error of connecting to a Unix socket more specific. It returns
// ENOTSOCK instead of ECONNREFUSED if the file isn't a socket, and an [OwnerError] if
// permission is denied and another user owns the directory.
func explainConnect(path string, err error) error {
	var stat syscall.Stat_t
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		if syscall.Stat(path, &stat) == nil && stat.Mode&syscall.S_IFMT != syscall.S_IFSOCK {
			return syscall.ENOTSOCK
		}
	case errors.Is(err, syscall.EACCES):
		if syscall.Stat(filepath.Dir(path), &stat) == nil && int(stat.Uid) != os.Geteuid() {
			return &OwnerError{stat.Uid, err}
		}
	}
	return err
}

// PathError is the error of a Unix socket that gave no reply because chronyd created it at
// another path: its directory is mounted somewhere else. chronyd sends replies to the path
// of the client's socket, which doesn't exist where chronyd runs.
type PathError struct {
	Path string // the one that chronyd bound
	Err  error  // wraps [chrony.ErrNoReply]
}

func (e *PathError) Error() string {
	return fmt.Sprintf("%v (chronyd created it as %s)", e.Err, e.Path)
}

// Unwrap returns the error without the path.
func (e *PathError) Unwrap() error { return e.Err }

// explainNoReply returns a [PathError] if there was no reply and the client's socket isn't
// in the directory in which chronyd created its own.
func (s *socket) explainNoReply(err error) error {
	if !errors.Is(err, chrony.ErrNoReply) {
		return err
	}
	local, _ := syscall.Getsockname(s.fd)
	peer, _ := syscall.Getpeername(s.fd) // nil if chronyd is gone
	client, _ := local.(*syscall.SockaddrUnix)
	bound, _ := peer.(*syscall.SockaddrUnix)
	if client == nil || bound == nil || bound.Name == "" || directory(client) == directory(bound) {
		return err
	}
	return &PathError{bound.Name, err}
}

// directory returns the directory of a Unix socket. /var/run is /run, everywhere.
func directory(address *syscall.SockaddrUnix) string {
	return strings.TrimPrefix(filepath.Dir(address.Name), "/var")
}
