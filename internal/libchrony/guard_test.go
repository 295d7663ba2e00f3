// SPDX-License-Identifier: MIT

//go:build cgo && linux

package libchrony

import (
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// process is what the guard changes in a process while a library is loaded.
type process struct {
	actions [65][4]uint64 // struct kernel_sigaction of each signal
	mask    uint64
	timer   syscall.Timeval
}

// state returns the process's state, and that of this thread.
func state(t *testing.T) process {
	t.Helper()
	const setMaskSize, timerReal = 8, 0
	var p process
	for number := 1; number < len(p.actions); number++ {
		if _, _, errno := syscall.Syscall6(syscall.SYS_RT_SIGACTION, uintptr(number), 0, uintptr(unsafe.Pointer(&p.actions[number])), setMaskSize, 0, 0); errno != 0 {
			t.Fatal(errno)
		}
	}
	if _, _, errno := syscall.Syscall6(syscall.SYS_RT_SIGPROCMASK, 0, 0, uintptr(unsafe.Pointer(&p.mask)), setMaskSize, 0, 0); errno != 0 {
		t.Fatal(errno)
	}
	var timer [2]syscall.Timeval // struct itimerval
	if _, _, errno := syscall.Syscall(syscall.SYS_GETITIMER, timerReal, uintptr(unsafe.Pointer(&timer)), 0); errno != 0 {
		t.Fatal(errno)
	}
	p.timer = timer[1]
	return p
}

// After loading, well or not, signals do what they did before, and so does a timer, as a
// parent may have set it: it has an hour here.
func TestLoadLeavesSignalsAlone(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	set := func(left time.Duration) {
		timer := [2]syscall.Timeval{1: syscall.NsecToTimeval(left.Nanoseconds())}
		if _, _, errno := syscall.Syscall(syscall.SYS_SETITIMER, 0, uintptr(unsafe.Pointer(&timer)), 0); errno != 0 {
			t.Fatal(errno)
		}
	}
	set(time.Hour)
	defer set(0)
	before := state(t)
	loaded(t)
	for _, name := range []string{os.DevNull, "/nowhere.so", "libc.so.6"} {
		if _, err := Load(name, time.Now().Add(time.Minute)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	after := state(t)
	if left := time.Duration(after.timer.Nano()); left > time.Hour || left < 59*time.Minute {
		t.Errorf("%v are left of the timer, want an hour", left)
	}
	after.timer = before.timer
	if after != before {
		t.Errorf("got  %v\nwant %v", after, before)
	}
}

// The text that a signal handler prints is as clean as any result.
func TestLastLine(t *testing.T) {
	const start = "CHRONY UNKNOWN: libchrony can't be loaded: "
	for name, want := range map[string]string{
		Soname:              start + "libchrony.so.0: ",
		"/a|b;c\n\x1b\xffé": start + "/a?b?c????: ",
		strings.Repeat("/", 200) + strings.Repeat("x", 400) + strings.Repeat("y", 400): start +
			strings.Repeat("/", 200) + strings.Repeat("x", 200) + "..." + strings.Repeat("y", 400) + ": ",
	} {
		if got := lastLine(name); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
