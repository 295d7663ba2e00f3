// SPDX-License-Identifier: MIT

package cmdmon

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// rights are the user and group whose access to files is used for a Unix socket;
// nil stands for the process's own.
//
// The directory of chronyd's socket belongs to chronyd's user, who can replace
// anything in it at any moment, by a link for one, and a plugin that runs as root
// would follow. With that user's rights it can do nothing that this user couldn't.
type rights struct{ uid, gid uint32 }

// rightsFor returns the rights with which a process that runs as root uses a
// socket: those of the nearest owner who isn't root among its directory, the links
// that lead there, and all their parents. This owner could exchange what leads to the
// socket, and gains nothing by it. (Where a second such owner stands further up, that
// one could have a socket made, and removed at once, with the rights of the first.)
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
	const maxLinks = 40 // as the system's
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

// run calls f with these rights. The system keeps them for each thread (setfsuid(2)),
// so the goroutine stays on one.
func (r *rights) run(f func() error) error {
	if r == nil {
		return f()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// Where the groups can't be given up, in a user namespace, they are nobody's.
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

// use gives the thread these rights. The system doesn't say whether it has.
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
