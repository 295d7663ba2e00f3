// SPDX-License-Identifier: MIT

package libchrony

/*
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
	"syscall"
	"unsafe"
)

// cache is the file in which ldconfig(8) lists the libraries of the system's directories.
const cache = "/etc/ld.so.cache"

// find returns the file to load for a name: the name itself if it is a path, and
// otherwise the first of its candidates. The error says why there is none.
//
// dlopen gets nothing else. It waits for ever for the writer of a named pipe, and a file
// that is cut short kills the process by SIGBUS. If it were given a bare name, it would
// search by itself, and open files that nobody has looked at.
func find(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, check(name)
	}
	for _, file := range candidates(name) {
		err := check(file)
		if err == nil || !errors.As(err, new(missingError)) {
			return file, err
		}
	}
	return "", missingError(C.ENOENT)
}

// candidates returns the files that a bare name may stand for, in the loader's order
// (ld.so(8)): in LD_LIBRARY_PATH, in ldconfig's cache, and in the directories that the
// loader knows, which libc was loaded from. What LD_LIBRARY_PATH leaves to the loader is
// left out: the current directory where it is empty, and what "$" stands for.
func candidates(name string) []string {
	var files []string
	if C.getauxval(C.AT_SECURE) == 0 { // otherwise the loader ignores it, too
		for _, dir := range strings.FieldsFunc(os.Getenv("LD_LIBRARY_PATH"), func(r rune) bool { return r == ':' || r == ';' }) {
			if !strings.Contains(dir, "$") {
				files = append(files, dir+"/"+name) // not filepath.Join, which makes a bare name of ./name
			}
		}
	}
	files = append(files, cached(name)...)
	if libc := C.GoString(C.libc_file()); filepath.IsAbs(libc) {
		dir := filepath.Dir(libc)
		files = append(files, dir+"/"+name, "/usr"+dir+"/"+name)
	}
	return files
}

// cached returns the files that ldconfig's cache has for a name.
func cached(name string) []string {
	// The cache is a table, followed by the paths as C strings.
	data, err := os.ReadFile(cache)
	if err != nil {
		return nil
	}
	var files []string
	end := []byte("/" + name + "\x00")
	for {
		i := bytes.Index(data, end)
		if i < 0 {
			return files
		}
		start := bytes.LastIndexByte(data[:i], 0) + 1
		files = append(files, string(data[start:i+len(end)-1]))
		data = data[i+len(end)-1:]
	}
}

// missingError says that the loader would go on to the next directory: the file isn't
// there, can't be read, or is for another kind of processor.
type missingError syscall.Errno

func (e missingError) Error() string {
	return "cannot open shared object file: " + C.GoString(C.strerror(C.int(e)))
}

// check returns an error unless the file can be given to dlopen.
func check(file string) error {
	if strings.Contains(file, "$") {
		return errors.New(`the loader would replace the "$"`)
	}
	cfile := C.CString(file)
	defer C.free(unsafe.Pointer(cfile))
	switch found, errno := C.look_at_library(cfile); found {
	case C.LIBRARY_TRY:
		return nil
	case C.LIBRARY_NOT_REGULAR:
		return errors.New("not a regular file")
	case C.LIBRARY_CUT_SHORT:
		return errors.New("the file is cut short")
	case C.LIBRARY_OTHER_CLASS:
		return missingError(C.ENOEXEC)
	default:
		var number syscall.Errno
		errors.As(errno, &number)
		return missingError(number)
	}
}
