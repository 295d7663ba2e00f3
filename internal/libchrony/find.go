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
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
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
// loader knows: libc's own, and those of glibc and musl.
//
// Left out is what nobody needs for libchrony: the current directory, for which an empty
// element of LD_LIBRARY_PATH stands, what the loader puts in the place of "$", a RUNPATH,
// and libraries for some processors only (glibc-hwcaps).
func candidates(name string) []string {
	var dirs []string
	if C.getauxval(C.AT_SECURE) == 0 { // otherwise the loader ignores it, too
		for _, dir := range strings.FieldsFunc(os.Getenv("LD_LIBRARY_PATH"), func(r rune) bool { return r == ':' || r == ';' }) {
			if !hasToken(dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	files := inEach(dirs, name)
	if data, err := os.ReadFile(cache); err == nil {
		files = append(files, cached(data, name)...)
	}
	dirs = []string{"/lib", "/usr/local/lib", "/usr/lib"}
	if libc := libcFile(); filepath.IsAbs(libc) {
		dir := filepath.Dir(libc)
		dirs = slices.Insert(dirs, 0, dir, "/usr"+dir)
	}
	return append(files, inEach(dirs, name)...)
}

// libcFile returns the file that libc was loaded from; empty if it isn't known.
func libcFile() string { return C.GoString(C.libc_file()) }

// inEach returns the file of this name in each directory.
func inEach(dirs []string, name string) []string {
	var files []string
	for _, dir := range dirs {
		files = append(files, dir+"/"+name) // filepath.Join would make a bare name of ./name
	}
	return files
}

// cached returns the files that ldconfig's cache has for a name and for every processor.
// data is the cache in the format that glibc 2.32 and newer write (dl-cache.h, struct
// cache_file_new): a header, an entry for each library, and the texts that they point to.
func cached(data []byte, name string) []string {
	const (
		magic       = "glibc-ld.so.cache1.1"
		headerSize  = 48
		entrySize   = 24
		atNumber    = len(magic) // of entries
		atKey       = 4          // in an entry: where the name is, then the path
		atPath      = 8
		atProcessor = 16 // 64 bits, zero if the library is for all
	)
	if len(data) < headerSize || !bytes.HasPrefix(data, []byte(magic)) {
		return nil
	}
	// field returns what the number at this place of an entry points to, and all after it.
	field := func(entry []byte, at int) []byte {
		return data[min(uint64(binary.NativeEndian.Uint32(entry[at:])), uint64(len(data))):]
	}
	key := []byte(name + "\x00")
	number := binary.NativeEndian.Uint32(data[atNumber:])
	var files []string
	for entry := range slices.Chunk(data[headerSize:], entrySize) {
		if number == 0 || len(entry) < entrySize {
			break
		}
		number--
		if binary.NativeEndian.Uint64(entry[atProcessor:]) == 0 && bytes.HasPrefix(field(entry, atKey), key) {
			path, _, _ := bytes.Cut(field(entry, atPath), []byte{0})
			files = append(files, string(path))
		}
	}
	return files
}

// hasToken reports whether the loader would put something else in the place of a part
// of the path (ld.so(8), "Dynamic string tokens").
func hasToken(path string) bool {
	return slices.ContainsFunc([]string{"ORIGIN", "LIB", "PLATFORM"}, func(token string) bool {
		return strings.Contains(path, "$"+token) || strings.Contains(path, "${"+token)
	})
}

// missingError says that the loader would go on to the next directory: the file isn't
// there, can't be read, or has 32 bits for 64 or the reverse.
type missingError syscall.Errno

func (e missingError) Error() string {
	return "cannot open shared object file: " + C.GoString(C.strerror(C.int(e)))
}

// check returns an error unless the file can be given to dlopen.
func check(file string) error {
	if hasToken(file) {
		return errors.New(`the loader would put something else in the place of "$"`)
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
