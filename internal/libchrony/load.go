// SPDX-License-Identifier: MIT

package libchrony

/*
#cgo CFLAGS: -Wall -Wextra -Werror
#cgo linux LDFLAGS: -ldl
#include <stdlib.h>
#include "binding.h"
*/
import "C"

import (
	"fmt"
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

	session *C.chrony_session
	pair    *pair
}

// maxText is the longest text from the loader, in bytes: a path and a sentence around it.
const maxText = 4096 + 512

// Load loads libchrony and starts a session. If name is empty it loads Soname from the
// system's directories, otherwise the named file. The error wraps [ErrUnavailable].
func Load(name string) (*Codec, error) {
	if name == "" {
		name = Soname
	}
	file, err := find(name)
	if err != nil {
		return nil, unavailable(name, err.Error())
	}
	cname, cfile := C.CString(name), C.CString(file)
	defer C.free(unsafe.Pointer(cname))
	defer C.free(unsafe.Pointer(cfile))
	var text [maxText]C.char
	if !C.load_chrony(cname, cfile, &text[0], C.size_t(len(text))) {
		return nil, fmt.Errorf("%w: %s", ErrUnavailable, C.GoString(&text[0]))
	}
	c := &Codec{File: C.GoString(&text[0])}
	if c.pair, err = newPair(); err != nil {
		return nil, unavailable(name, err.Error())
	}
	if code := C.call_chrony_init_session(&c.session, C.int(c.pair.theirs)); code != C.CHRONY_OK {
		c.pair.close()
		return nil, unavailable(name, errorText(code))
	}
	return c, nil
}

// Close ends the session. The library stays loaded.
func (c *Codec) Close() {
	C.call_chrony_deinit_session(c.session)
	c.pair.close()
}

func unavailable(name, why string) error {
	return fmt.Errorf("%w: %s: %s", ErrUnavailable, name, why)
}

// errorText returns libchrony's text for one of its errors.
func errorText(code C.chrony_err) string {
	return C.GoString(C.call_chrony_get_error_string(code))
}
