// SPDX-License-Identifier: MIT

package libchrony

/*
#include <stdlib.h>
#include <sys/auxv.h>
#include "binding.h"
*/
import "C"

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"unsafe"
)

// cache is the file in which ldconfig(8) lists the libraries of the system's directories.
const cache = "/etc/ld.so.cache"

// find returns the file that dlopen would load for a name. The error says why loading
// it would be fatal: dlopen waits for ever for the writer of a named pipe, and a file
// that is cut short kills the process by SIGBUS. A name that isn't found is returned
// unchanged, so that dlopen reports that.
func find(name string) (string, error) {
	if strings.Contains(name, "/") {
		_, err := usable(name)
		return name, err
	}
	files, known := candidates(name)
	if !known {
		return name, nil
	}
	for _, file := range files {
		if ok, err := usable(file); ok || err != nil {
			return file, err
		}
	}
	return name, nil
}

// candidates returns the files that dlopen tries for a bare name (ld.so(8)). known is
// false if LD_LIBRARY_PATH contains something that only the loader can expand.
func candidates(name string) (files []string, known bool) {
	path := os.Getenv("LD_LIBRARY_PATH")
	if C.getauxval(C.AT_SECURE) != 0 {
		path = "" // the loader ignores it, too
	}
	if strings.Contains(path, "$") {
		return nil, false
	}
	if path != "" {
		for _, dir := range strings.FieldsFunc(path, func(r rune) bool { return r == ':' || r == ';' }) {
			files = append(files, filepath.Join(dir, name))
		}
	}
	// The cache is a table, followed by the paths as C strings.
	data, err := os.ReadFile(cache)
	if err != nil {
		return files, true
	}
	end := []byte("/" + name + "\x00")
	for {
		i := bytes.Index(data, end)
		if i < 0 {
			return files, true
		}
		start := bytes.LastIndexByte(data[:i], 0) + 1
		files = append(files, string(data[start:i+len(end)-1]))
		data = data[i+len(end)-1:]
	}
}

// usable reports whether dlopen would open the file. An error says why it must not.
func usable(file string) (bool, error) {
	cfile := C.CString(file)
	defer C.free(unsafe.Pointer(cfile))
	switch C.look_at_library(cfile) {
	case C.LIBRARY_NOT_REGULAR:
		return false, errors.New("not a regular file")
	case C.LIBRARY_CUT_SHORT:
		return false, errors.New("the file is cut short")
	case C.LIBRARY_TRY:
		return true, nil
	default:
		return false, nil
	}
}
