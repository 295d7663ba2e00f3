// SPDX-License-Identifier: MIT

//go:build linux

package libchrony

/*
#cgo CFLAGS: -Wall -Wextra -Werror
#cgo linux LDFLAGS: -ldl
#include <stdlib.h>
#include <sys/auxv.h>
#include "binding.h"
*/
import "C"

import (
	"fmt"
	"strings"
	"time"
	"unsafe"
)

// Codec is the loaded libchrony and one session of it. It implements
// [cmdmon.Codec].
//
// The library has global state (one static buffer), so a process should have only one
// Codec, and use it for one conversation at a time.
type Codec struct {
	// File is the file that was loaded.
	File string

	session  *C.chrony_session
	loopback *loopback
}

// maxText is the longest text from the loader, in bytes: a path and a sentence.
const maxText = 4096 + 512

// Load loads libchrony and starts a session. If name is empty, the loader searches for
// Soname, otherwise for name, which may be a path (dlopen(3)). The error wraps
// [ErrUnavailable].
//
// If the library crashes while it loads, or doesn't load by the deadline, Load prints a
// result that says so and exits with UNKNOWN's code. Load must not be called by two
// goroutines at once.
func Load(name string, deadline time.Time) (*Codec, error) {
	if name != "" && C.getauxval(C.AT_SECURE) != 0 {
		return nil, unavailable(name, "refused: the plugin has more privileges than its user (setuid, setgid or file capabilities), who could run any code with them")
	}
	if name == "" {
		name = Soname
	}
	file, err := load(name, deadline)
	if err != nil {
		return nil, err
	}
	c := &Codec{File: file}
	if c.loopback, err = newLoopback(); err != nil {
		return nil, unavailable(name, err.Error())
	}
	if code := C.call_chrony_init_session(&c.session, C.int(c.loopback.library)); code != C.CHRONY_OK {
		c.loopback.close()
		return nil, unavailable(name, errorText(code))
	}
	return c, nil
}

// load loads the library and returns its file.
func load(name string, deadline time.Time) (file string, err error) {
	cname, before, after := C.CString(name), C.CString(lastLine(name)), C.CString(hint+"\n")
	defer C.free(unsafe.Pointer(cname))
	defer C.free(unsafe.Pointer(before))
	defer C.free(unsafe.Pointer(after))
	// A timer of zero would never expire, and a time_t may have 32 bits.
	left := min(max(time.Until(deadline), time.Microsecond), 1e9*time.Second)
	var timeout C.struct_itimerval
	timeout.it_value.tv_sec = C.time_t(left / time.Second)
	timeout.it_value.tv_usec = C.suseconds_t(left % time.Second / time.Microsecond)
	var text [maxText]C.char
	if !C.load_chrony(cname, before, after, timeout, &text[0], C.size_t(len(text))) {
		return "", fmt.Errorf("%w: %s", ErrUnavailable, C.GoString(&text[0]))
	}
	return C.GoString(&text[0]), nil
}

// lastLine returns the line that is printed if the process ends while loading the library,
// up to the reason. A signal handler prints it and can't clean it.
func lastLine(name string) string {
	const longest = 400 // of 1,000 bytes
	if len(name) > 2*longest {
		name = name[:longest] + "..." + name[len(name)-longest:]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '|' || r == ';' {
			return '?'
		}
		return r
	}, fmt.Sprintf("CHRONY UNKNOWN: %v: %s: ", ErrUnavailable, name))
}

// Close ends the session. The library stays loaded.
func (c *Codec) Close() {
	C.call_chrony_deinit_session(c.session)
	c.loopback.close()
}

func unavailable(name, why string) error {
	return fmt.Errorf("%w: %s: %s", ErrUnavailable, name, why)
}

// errorText returns libchrony's text for one of its errors.
func errorText(code C.chrony_err) string {
	return C.GoString(C.call_chrony_get_error_string(code))
}
