// SPDX-License-Identifier: MIT

package cmdmon

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"check_chrony/internal/chrony"
)

// chronyd replies to the path of its client's socket. A socket without a path, or with an
// abstract one, gets no reply. So the plugin creates its own socket beside chronyd's, in
// one step and with a name that can't be guessed, and removes it.
//
// It doesn't create a directory for it: AppArmor's profile for chronyd allows only files
// directly in chronyd's (Ubuntu 22.04 and 24.04).

// clientName is the first part of the file name of the plugin's own socket.
const clientName = "check_chrony."

// randomLetters is the number of random letters that follow, 5 bits each.
const randomLetters = 16

// ErrFileSystem means that the file system of a Unix socket doesn't respond in time, such
// as a dead FUSE or NFS mount.
var ErrFileSystem = errors.New("its file system does not respond")

// extraTime is how much longer creating or removing the client's socket may take, so that a
// slow host leaves none behind.
const extraTime = 500 * time.Millisecond

// dialUnix connects to chronyd's Unix socket and creates the client's beside it.
func dialUnix(path string, limit Limit) (*socket, error) {
	if !time.Now().Before(limit.Deadline) {
		return nil, chrony.ErrNotAsked
	}
	var s *socket
	err := bounded(limit.Deadline, func() (err error) {
		s, path, err = connectUnix(path)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := limit.Interrupted(); err != nil {
		s.Close()
		return nil, err
	}
	client := clientPath(path)
	if err := bounded(limit.Deadline.Add(extraTime), func() error { return bind(s.fd, client) }); err != nil {
		s.Close()
		return nil, s.cred.wrap(err)
	}
	s.remove = func() {
		late := time.Now()
		if late.Before(limit.Deadline) {
			late = limit.Deadline
		}
		_ = bounded(late.Add(extraTime), func() error { return syscall.Unlink(client) }) // too late to report an error
	}
	return s, nil
}

// bounded calls f in another goroutine and gives up at the deadline: on a file system that
// doesn't respond, a system call returns only when the process ends. f then goes on, so
// the caller must not touch what f uses. A signal, too, may have no effect until then.
func bounded(until time.Time, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
	}
	select {
	case err := <-done: // this host was slow, not the file system
		return err
	default:
		return ErrFileSystem
	}
}

// connectUnix connects to chronyd's Unix socket and returns its path. A process that runs
// as root first gives up root, unless root owns the whole path: see [credential]. Later
// errors are a [UserError].
func connectUnix(path string) (s *socket, resolved string, err error) {
	var cred *credential
	if os.Geteuid() == 0 {
		// From here on path has no links, so that the path that is used is the one that
		// was checked.
		if path, cred, err = walkPath(path); err != nil {
			return nil, "", err
		}
		if _, err := Socket(path); err != nil {
			return nil, "", fmt.Errorf("%s: %w", path, err)
		}
	}
	if cred != nil {
		if err := cred.set(); err != nil {
			return nil, "", err
		}
	}
	if s, err = newSocket(syscall.AF_UNIX); err != nil {
		return nil, "", err
	}
	s.cred = cred
	// Connect first, so that no file is created beside a socket that can't be used.
	if err := syscall.Connect(s.fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		s.Close()
		return nil, "", cred.wrap(explainConnect(path, err))
	}
	return s, path, nil
}

// clientPath returns a new path beside chronyd's socket.
func clientPath(path string) string {
	return path[:strings.LastIndexByte(path, '/')+1] + clientName + rand.Text()[:randomLetters]
}

// bind creates the client's socket as a file. chronyd runs as another user and must be able
// to write to it. The umask sets the mode: a later chmod could hit another file that was
// put in its place. The umask applies to the whole process, which creates no other files.
func bind(fd int, path string) error {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	return syscall.Bind(fd, &syscall.SockaddrUnix{Name: path})
}
