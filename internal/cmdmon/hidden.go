// SPDX-License-Identifier: MIT

package cmdmon

import (
	"crypto/rand"
	"net"
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
	*net.UnixConn
	made []string // what Close removes, the last first
}

// dialUnix connects to chronyd's Unix socket.
func dialUnix(path string) (net.Conn, error) {
	if len(path) > maxPath {
		return nil, syscall.ENAMETOOLONG
	}
	server := &net.UnixAddr{Name: path, Net: "unixgram"}
	// Nothing is made next to a socket that can't be used.
	probe, err := net.DialUnix(server.Net, nil, server)
	if err != nil {
		return nil, err
	}
	probe.Close()

	c := new(hiddenConn)
	if err := c.open(server); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *hiddenConn) open(server *net.UnixAddr) error {
	// The names are as long as to be accepted wherever libchrony's are.
	outer := server.Name[:strings.LastIndexByte(server.Name, '/')] + "/check_chrony." + rand.Text()[:9]
	name := rand.Text()[:16]
	inner := outer + "/" + name
	client := &net.UnixAddr{Name: inner + "/sock", Net: server.Net}
	if len(client.Name) > maxPath {
		return syscall.ENAMETOOLONG
	}

	if err := os.Mkdir(outer, 0o711); err != nil {
		return err
	}
	c.made = append(c.made, outer)
	dir, err := os.OpenFile(outer, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := checkOwn(dir); err != nil {
		return err
	}
	if err := syscall.Mkdirat(int(dir.Fd()), name, 0o711); err != nil {
		return err
	}
	c.made = append(c.made, inner)

	// A failed connect leaves the bound path behind, a failed bind none.
	c.made = append(c.made, client.Name)
	if c.UnixConn, err = net.DialUnix(server.Net, client, server); err != nil {
		return err
	}
	// The umask may have taken what chronyd needs to reach the socket.
	if err := os.Chmod(client.Name, 0o666); err != nil {
		return err
	}
	if err := os.Chmod(inner, 0o711); err != nil {
		return err
	}
	return dir.Chmod(0o711)
}

// checkOwn tells whether the opened directory is the one just made, not one
// that was put in its place.
func checkOwn(dir *os.File) error {
	info, err := dir.Stat()
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid != uint32(os.Geteuid()) || info.Mode().Perm()&^0o711 != 0 {
		return syscall.EPROTO
	}
	return nil
}

// Close closes the socket and removes what was made for it.
func (c *hiddenConn) Close() error {
	var err error
	if c.UnixConn != nil {
		err = c.UnixConn.Close()
	}
	for _, path := range slices.Backward(c.made) {
		os.Remove(path)
	}
	c.made = nil
	return err
}
