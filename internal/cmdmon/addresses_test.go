// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

func TestNothingListens(t *testing.T) {
	for _, network := range networks() {
		t.Run(network, func(t *testing.T) {
			f := chronydtest.NewFake(t, network, nil)
			f.Die()
			n, l := readBoth(t, f.Address, f.Address, answeredTimeout)
			checkAgree(t, answeredTimeout, n, l, syscall.ECONNREFUSED)
			if network == "unixgram" {
				onlyThis(t, f.Address)
			}
		})
	}
}

func TestCodecsAgreeOnAddressesOfNoHost(t *testing.T) {
	for address, want := range map[string]error{
		"255.255.255.255:323": syscall.EACCES, // broadcast
		"[fe80::1]:323":       syscall.EINVAL, // link-local, without a zone
	} {
		t.Run(address, func(t *testing.T) {
			n, l := readBoth(t, address, address, answeredTimeout)
			if errors.Is(l.err, syscall.ENETUNREACH) || errors.Is(l.err, syscall.EADDRNOTAVAIL) {
				want = l.err // a host without such a network
			}
			checkAgree(t, answeredTimeout, n, l, want)
		})
	}
}

func TestChronydDiesBetweenRequests(t *testing.T) {
	for _, network := range networks() {
		t.Run(network, func(t *testing.T) {
			// The first request isn't soon sent again, to a chronyd that is dead by then.
			readAndCompare(t, network, time.Minute, stateless(func(request []byte, _ int) []chronydtest.Datagram {
				return []chronydtest.Datagram{{Bytes: chronydtest.Reply(request, healthy()), Last: true}}
			}), syscall.ECONNREFUSED)
		})
	}
}

func TestPathsThatArentSockets(t *testing.T) {
	dir := chronydtest.ShortTempDir(t)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	stream, err := net.Listen("unix", filepath.Join(dir, "stream"))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for _, test := range []struct {
		name, path string
		want       error
	}{
		{"missing", filepath.Join(dir, "missing"), syscall.ENOENT},
		{"directory", dir, syscall.ENOTSOCK},
		{"file", file, syscall.ENOTSOCK},
		{"below a file", file + "/sock", syscall.ENOTDIR},
		{"of another type", stream.Addr().String(), syscall.EPROTOTYPE},
	} {
		t.Run(test.name, func(t *testing.T) {
			n, l := readBoth(t, test.path, test.path, answeredTimeout)
			checkAgree(t, answeredTimeout, n, l, test.want)
		})
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v; want nothing but the file and the stream's socket", entries, err)
	}
}

// The longest directory with room for the plugin's own socket.
func TestCodecsAgreeInALongDirectory(t *testing.T) {
	base := chronydtest.ShortTempDir(t)
	const longest = 77
	dir := base + "/" + strings.Repeat("x", longest-len(base)-1)
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	path := dir + "/chronyd.sock"
	conn, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	n, l := readBoth(t, path, path, silentTimeout)
	checkAgree(t, silentTimeout, n, l, chrony.ErrNoReply)
	onlyThis(t, path)
}

func TestFullSocketQueue(t *testing.T) {
	path := filepath.Join(chronydtest.ShortTempDir(t), "chronyd.sock")
	conn, err := net.ListenPacket("unixgram", path) // and never reads
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	filler, err := net.Dial("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer filler.Close()
	for err == nil {
		filler.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		_, err = filler.Write([]byte("x"))
	}
	n, l := readBoth(t, path, path, silentTimeout)
	checkAgree(t, silentTimeout, n, l, chrony.ErrNoReply)
	onlyThis(t, path)
}
