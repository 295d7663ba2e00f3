// SPDX-License-Identifier: MIT

package cmdmon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// credential is the user and group that a process started by root switches to before it
// uses a Unix socket.
//
// The directory of chronyd's socket belongs to chronyd's user, who can replace anything in
// it at any moment, for example with a link that root would follow. As that user, the
// plugin can do nothing that the user couldn't do.
type credential struct{ uid, gid int }

// nogroup replaces root's group. The socket needs no group: its owner may connect, and
// create files beside it.
const nogroup = 65534

// set gives up root for the whole process and for good: nothing later in a check needs it.
// The error is EPERM if root lacks CAP_SETUID or CAP_SETGID.
func (c *credential) set() error {
	err := syscall.Setgroups(nil)
	if err == nil {
		err = syscall.Setgid(c.gid)
	}
	if err == nil {
		err = syscall.Setuid(c.uid)
	}
	if errors.Is(err, syscall.EINVAL) { // the user namespace has no such user
		return fmt.Errorf("root can't become user %d, group %d here", c.uid, c.gid)
	}
	return err
}

// wrap adds the user to an error. It returns err unchanged if it is nil, or if the process
// kept its user (c is nil).
func (c *credential) wrap(err error) error {
	if c == nil || err == nil {
		return err
	}
	return &UserError{c.uid, c.gid, err}
}

// UserError is the error of using a Unix socket as another user, after root was given up.
type UserError struct {
	UID, GID int
	Err      error // from connecting, or from creating the plugin's own socket
}

func (e *UserError) Error() string {
	return fmt.Sprintf("as user %d, group %d: %v", e.UID, e.GID, e.Err)
}

// Unwrap returns the error without the user.
func (e *UserError) Unwrap() error { return e.Err }

// walkPath follows the path of a socket as the kernel does. It returns the path without
// links, and the last owner other than root of the directories and links that lead to the
// socket; nil if root owns them all. This owner could replace any of them, but gains
// nothing if the plugin uses the socket as this owner. (Another such owner further up could
// only make the plugin create a socket as the last one, and remove it at once.)
//
// A directory in which others than its owner could replace files is an error, which names
// it. Other errors wrap a [syscall.Errno].
func walkPath(path string) (resolved string, nearest *credential, err error) {
	const maxLinks = 40 // the kernel's limit, too
	var root, parent, next syscall.Stat_t
	if err := syscall.Lstat("/", &root); err != nil {
		return "", nil, err
	}
	resolved, parent = "/", root
	links := 0
	for rest := path; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(strings.TrimLeft(rest, "/"), "/")
		file := filepath.Join(resolved, name) // resolved has no links, so ".." is its parent
		switch err := syscall.Lstat(file, &next); {
		case errors.Is(err, syscall.EACCES) && nearest != nil:
			// root without CAP_DAC_OVERRIDE. The owner sees what is there.
			return filepath.Join(file, rest), nearest, nil
		case err != nil:
			return "", nil, err
		}
		kind := next.Mode & syscall.S_IFMT
		if kind != syscall.S_IFDIR && kind != syscall.S_IFLNK {
			if rest != "" {
				return "", nil, syscall.ENOTDIR
			}
			resolved = file
			break
		}
		if parent.Mode&0o022 != 0 && parent.Mode&syscall.S_ISVTX == 0 {
			return "", nil, fmt.Errorf("%s is writable by its group or others, who could redirect root (chmod go-w %[1]s)", resolved)
		}
		if next.Uid != 0 {
			nearest = &credential{int(next.Uid), int(next.Gid)}
			if nearest.gid == 0 {
				nearest.gid = nogroup
			}
		}
		if kind == syscall.S_IFDIR {
			resolved, parent = file, next
			continue
		}
		target, err := os.Readlink(file)
		if err != nil {
			return "", nil, err
		}
		if filepath.IsAbs(target) {
			resolved, parent = "/", root
		}
		rest = target + "/" + rest
		if links++; links > maxLinks {
			return "", nil, syscall.ELOOP
		}
	}
	if links > 0 && !leadsTo(path, next) {
		return "", nil, fmt.Errorf("root can't follow its links safely: they don't lead to %s", resolved)
	}
	return resolved, nearest, nil
}

// leadsTo reports whether the kernel finds this file at the path. It may not: the target
// of a link such as /proc/1/root isn't the path that it shows.
func leadsTo(path string, file syscall.Stat_t) bool {
	var found syscall.Stat_t
	return syscall.Stat(path, &found) == nil && found.Dev == file.Dev && found.Ino == file.Ino
}
