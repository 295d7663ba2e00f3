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
	"os"
	"strings"
	"unsafe"
)

// Soname is the library that is loaded unless another is named.
const Soname = "libchrony.so.0"

// Load loads libchrony: Soname from the system's folders if name is empty, or
// the named file. The error wraps [ErrUnavailable].
func Load(name string) (*Library, error) {
	if name == "" {
		name = Soname
	}
	if strings.Contains(name, "/") {
		// dlopen would wait for ever for the writer of a named pipe.
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%w: %s: not a regular file", ErrUnavailable, name)
		}
	}
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	var text [512]C.char
	ok := C.load_chrony(cname, &text[0], C.size_t(len(text)))
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnavailable, C.GoString(&text[0]))
	}
	return &Library{File: C.GoString(&text[0])}, nil
}
