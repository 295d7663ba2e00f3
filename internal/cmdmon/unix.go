// SPDX-License-Identifier: MIT

package cmdmon

import (
	"crypto/rand"
	"strings"
	"syscall"
)

// chronyd replies to the path that its client's socket is bound to. A socket without a
// path, or with an abstract one, gets no reply. So the plugin makes a socket of its own
// beside chronyd's, in one step and under a name that can't be guessed, and removes it.
//
// It is a file directly in that directory, since AppArmor's profile for chronyd allows
// one level only (Ubuntu 22.04 and 24.04).

// clientName is the first part of the name of the plugin's own socket.
const clientName = "check_chrony."

// randomLetters is the number of random letters that follow, 5 bits each.
const randomLetters = 16

// dialUnix connects to chronyd's Unix socket.
func dialUnix(path string, limit Limit) (*socket, error) {
	s, err := newSocket(syscall.AF_UNIX)
	if err != nil {
		return nil, err
	}
	as := rightsFor(path)
	err = as.run(func() error {
		// This comes first, so that no file is made beside a socket that can't be used.
		if err := syscall.Connect(s.fd, &syscall.SockaddrUnix{Name: path}); err != nil {
			return err
		}
		if err := limit.Interrupted(); err != nil {
			return err
		}
		return s.bind(clientPath(path), as)
	})
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// clientPath returns a new path beside chronyd's socket.
func clientPath(path string) string {
	return path[:strings.LastIndexByte(path, '/')+1] + clientName + rand.Text()[:randomLetters]
}

// bind creates the client's socket as a file. chronyd runs as a user of its own, and
// must be able to write to it. The mode comes from the umask: a chmod afterwards could
// hit another file that was put in its place.
func (s *socket) bind(path string, as *rights) error {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	if err := syscall.Bind(s.fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		return err
	}
	s.remove = func() {
		_ = as.run(func() error { return syscall.Unlink(path) }) // too late to report an error
	}
	return nil
}
