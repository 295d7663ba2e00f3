// SPDX-License-Identifier: MIT

// Package libchrony reads chronyd through libchrony 0.2. The library is loaded
// at run time, since few distributions have it; without it Load returns
// ErrUnavailable and nothing else happens. This is the only package that uses
// cgo. It knows no thresholds and resolves no names.
package libchrony

/*
#cgo CFLAGS: -Wall -Wextra -Werror
#cgo linux LDFLAGS: -ldl
#include <stdlib.h>
#include "binding.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"
)

// Soname is the library that is loaded unless another is named.
const Soname = "libchrony.so.0"

// ErrUnavailable is wrapped by the error of Load: there is no usable libchrony.
var ErrUnavailable = errors.New("libchrony can't be loaded")

// Library is the loaded libchrony. It keeps state of its own (one static
// buffer), so there is one of it in a process and it serves one reading at a
// time.
type Library struct {
	// File is the file that was loaded.
	File string
}

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
