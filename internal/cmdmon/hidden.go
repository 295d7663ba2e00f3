// SPDX-License-Identifier: MIT

package cmdmon

import (
	"crypto/rand"
	"os"
	"slices"
	"strings"
	"syscall"
)

// maxPath is the longest path of a Unix socket (sun_path, less its NUL).
const maxPath = 107

// hiddenConn is a connection to chronyd's Unix socket. chronyd replies to a
// client's path, so the client has one, and everyone may write to it: chronyd
// runs as a user of its own. That user also owns the directory that the path
// begins with, so a guessable name could be swapped for a link before its
// permissions are set. Hence two directories: the outer can't be listed, and the
// name of the inner can't be guessed. libchrony 0.2 does likewise.
type hiddenConn struct {
	socket
	made []string // what Close removes, the last first
}

// dialUnix connects to chronyd's Unix socket.
func dialUnix(path string) (conn, error) {
	if len(path) > maxPath {
		return nil, syscall.ENAMETOOLONG
	}
	// Nothing is made next to a socket that can't be used.
	probe, err := newSocket(syscall.AF_UNIX)
	if err != nil {
		return nil, err
	}
	err = syscall.Connect(int(probe), &syscall.SockaddrUnix{Name: path})
	probe.Close()
	if err != nil {
		return nil, err
	}

	s, err := newSocket(syscall.AF_UNIX)
	if err != nil {
		return nil, err
	}
	c := &hiddenConn{socket: s}
	if err := c.connect(path); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *hiddenConn) connect(server string) error {
	// The names are as long as to be accepted wherever libchrony's are.
	outer := server[:strings.LastIndexByte(server, '/')] + "/check_chrony." + rand.Text()[:9]
	name := rand.Text()[:16]
	inner := outer + "/" + name
	client := inner + "/sock"
	if len(client) > maxPath {
		return syscall.ENAMETOOLONG
	}

	if err := syscall.Mkdir(outer, 0o711); err != nil {
		return err
	}
	c.made = append(c.made, outer)
	dir, err := syscall.Open(outer, syscall.O_DIRECTORY|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(dir)
	if err := checkOwn(dir); err != nil {
		return err
	}
	if err := syscall.Mkdirat(dir, name, 0o711); err != nil {
		return err
	}
	c.made = append(c.made, inner)

	if err := syscall.Bind(int(c.socket), &syscall.SockaddrUnix{Name: client}); err != nil {
		return err
	}
	c.made = append(c.made, client)
	if err := syscall.Connect(int(c.socket), &syscall.SockaddrUnix{Name: server}); err != nil {
		return err
	}
	// The umask may have taken what chronyd needs to reach the socket.
	if err := syscall.Chmod(client, 0o666); err != nil {
		return err
	}
	if err := syscall.Chmod(inner, 0o711); err != nil {
		return err
	}
	return syscall.Fchmod(dir, 0o711)
}

// checkOwn tells whether the opened directory is the one just made, not one
// that was put in its place.
func checkOwn(dir int) error {
	var stat syscall.Stat_t
	if err := syscall.Fstat(dir, &stat); err != nil {
		return err
	}
	if stat.Uid != uint32(os.Geteuid()) || stat.Mode&0o777&^0o711 != 0 {
		return syscall.EPROTO
	}
	return nil
}

// Close closes the socket and removes what was made for it.
func (c *hiddenConn) Close() error {
	for _, path := range slices.Backward(c.made) {
		os.Remove(path)
	}
	return c.socket.Close()
}
