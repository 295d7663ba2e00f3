// SPDX-License-Identifier: MIT

package cmdmon

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// rights are the user and group with whose access to files a Unix socket is used; nil
// means the process's own.
//
// The directory of chronyd's socket belongs to chronyd's user. That user can replace
// anything in it at any moment, by a link for example, which a plugin that runs as root
// would follow. With that user's rights the plugin can do nothing that the user couldn't.
type rights struct{ uid, gid uint32 }

// rightsFor returns the rights with which a process that runs as root uses a socket. It
// looks at the socket's directory, the links that lead there, and all their parents,
// and takes the nearest owner who isn't root. This owner could swap what leads to the
// socket, but gains nothing by it. (A second such owner further up could have a socket
// made, and removed at once, with the rights of the first.)
func rightsFor(path string) *rights {
	if os.Geteuid() != 0 {
		return nil
	}
	var nearest *rights
	walk(path, func(stat syscall.Stat_t) {
		if stat.Uid != 0 {
			nearest = &rights{stat.Uid, stat.Gid}
		}
	})
	return nearest
}

// walk visits each directory and link on the way to a file, from the root down.
func walk(file string, visit func(syscall.Stat_t)) {
	const maxLinks = 40 // the kernel's limit, too
	dir, rest := "/", file
	for links := 0; rest != "" && links <= maxLinks; {
		var name string
		name, rest, _ = strings.Cut(strings.TrimLeft(rest, "/"), "/")
		next := filepath.Join(dir, name) // dir holds no link, so ".." is its parent
		var stat syscall.Stat_t
		if syscall.Lstat(next, &stat) != nil {
			return
		}
		switch stat.Mode & syscall.S_IFMT {
		case syscall.S_IFLNK:
			visit(stat)
			target, err := os.Readlink(next)
			if err != nil {
				return
			}
			if filepath.IsAbs(target) {
				dir = "/"
			}
			rest = target + "/" + rest
			links++
		case syscall.S_IFDIR:
			visit(stat)
			dir = next
		default:
			return
		}
	}
}

// run calls f with these rights. They belong to the thread (setfsuid(2)), so the
// goroutine is locked to one.
func (r *rights) run(f func() error) error {
	if r == nil {
		return f()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// In a user namespace it may be impossible to give up the groups, but there they
	// are nobody's.
	if groups, err := syscall.Getgroups(); err == nil && len(groups) > 0 && syscall.Setgroups(nil) == nil {
		defer func() { _ = syscall.Setgroups(groups) }()
	}
	own := rights{uint32(os.Geteuid()), uint32(os.Getegid())}
	defer own.use()
	if r.use(); !r.inUse() {
		return syscall.EPERM // without CAP_SETUID
	}
	return f()
}

// use gives the thread these rights. The system calls don't say whether they failed.
func (r *rights) use() {
	_ = syscall.Setfsgid(int(r.gid))
	_ = syscall.Setfsuid(int(r.uid))
}

// inUse reports whether the thread has these rights. Setting -1 changes nothing and
// returns the current ID (setfsuid(2)).
func (r *rights) inUse() bool {
	const invalid = ^uintptr(0)
	uid, _, _ := syscall.RawSyscall(syscall.SYS_SETFSUID, invalid, 0, 0)
	gid, _, _ := syscall.RawSyscall(syscall.SYS_SETFSGID, invalid, 0, 0)
	return uint32(uid) == r.uid && uint32(gid) == r.gid
}
