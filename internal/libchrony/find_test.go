// SPDX-License-Identifier: MIT

//go:build cgo

package libchrony

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// cacheOf returns ldconfig's cache with these entries: a name, a path, and "v3" if the
// library is for some processors only.
func cacheOf(entries ...[3]string) []byte {
	data := append([]byte("glibc-ld.so.cache1.1"), make([]byte, 28)...)
	binary.NativeEndian.PutUint32(data[20:], uint32(len(entries)))
	texts := len(data) + 24*len(entries)
	var table, all []byte
	for _, e := range entries {
		entry := make([]byte, 24)
		binary.NativeEndian.PutUint32(entry[4:], uint32(texts+len(all)))
		all = append(all, e[0]+"\x00"...)
		binary.NativeEndian.PutUint32(entry[8:], uint32(texts+len(all)))
		all = append(all, e[1]+"\x00"...)
		if e[2] != "" {
			binary.NativeEndian.PutUint64(entry[16:], 1<<62)
		}
		table = append(table, entry...)
	}
	return slices.Concat(data, table, all)
}

func TestCached(t *testing.T) {
	data := cacheOf(
		[3]string{"libz.so.1", "/lib/libz.so.1"},
		[3]string{Soname, "/usr/lib/glibc-hwcaps/x86-64-v3/" + Soname, "v3"},
		[3]string{Soname, "/usr/lib/" + Soname},
		[3]string{Soname, "/usr/local/lib/" + Soname},
		[3]string{"xlibchrony.so.0", "/lib/xlibchrony.so.0"},
	)
	if got, want := cached(data, Soname), []string{"/usr/lib/" + Soname, "/usr/local/lib/" + Soname}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// A cache that is cut short, or another format, has what it has.
	for n := range data {
		for _, file := range cached(data[:n], Soname) {
			if len(file) > 0 && file[0] != '/' {
				t.Errorf("%d bytes: got %q", n, file)
			}
		}
	}
	if got := cached([]byte("ld.so-1.7.0 and more of an older format, long enough"), Soname); got != nil {
		t.Errorf("an older format: got %q", got)
	}
}

// This system's own cache names libc.
func TestCachedLibc(t *testing.T) {
	data, err := os.ReadFile(cache)
	if err != nil {
		t.Skip(err) // musl has none
	}
	libc, err := filepath.EvalSymlinks(filepath.Dir(libcFile()))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range cached(data, filepath.Base(libcFile())) {
		if dir, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil && dir == libc {
			return
		}
	}
	t.Errorf("got %q, want one in %s", cached(data, filepath.Base(libcFile())), libc)
}

func TestNamesThatTheLoaderWouldChange(t *testing.T) {
	for name, want := range map[string]bool{
		"/tmp/a$b/" + Soname: false, "/tmp/$/" + Soname: false, "/tmp/" + Soname: false,
		"$ORIGIN/" + Soname: true, "/usr/${LIB}/" + Soname: true, "/opt/$PLATFORM": true,
	} {
		if got := hasToken(name); got != want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}
