// SPDX-License-Identifier: MIT

package main

import (
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// build builds the plugin as it is shipped, without the tests' race detector.
func build(t *testing.T, cgo string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "check_chrony")
	cmd := exec.Command("go", "build", "-trimpath", "-o", file, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// execute runs a built plugin and returns what it printed and how it ended.
func execute(t *testing.T, file string, args ...string) (string, *os.ProcessState) {
	cmd := exec.Command(file, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, _ := cmd.Output()
	if stderr.String() != "" {
		t.Errorf("stderr: %q", stderr.String())
	}
	return string(out), cmd.ProcessState
}

func TestStaticBuild(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", "")
	file := build(t, "0")
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the binary wants a dynamic loader")
		}
	}
	_, d := chronydtest.StartPair(t)
	for _, target := range [][]string{d.Args(), {"-H", d.Socket}} {
		if out, state := execute(t, file, target...); state.ExitCode() != 0 || !strings.HasPrefix(out, "CHRONY OK: ") {
			t.Errorf("%v: got %v, %q", target, state, out)
		}
	}
	if out, _ := execute(t, file, "-V"); !strings.Contains(out, "\nreader: native (libchrony can't be loaded: built without cgo)\n") {
		t.Errorf("-V printed %q", out)
	}
	out, state := execute(t, file, "--reader=libchrony")
	if want := "CHRONY UNKNOWN: --reader: libchrony can't be loaded: built without cgo ("; state.ExitCode() != 3 || !strings.HasPrefix(out, want) {
		t.Errorf("got %v, %q", state, out)
	}
}

// The dynamic build tells packaging tools what it loads (ELF dlopen metadata).
func TestDlopenNote(t *testing.T) {
	f, err := elf.Open(build(t, "1"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	section := f.Section(".note.dlopen")
	if section == nil {
		t.Fatal("no .note.dlopen")
	}
	if data, err := section.Data(); err != nil || section.Type != elf.SHT_NOTE || !strings.Contains(string(data), `"soname":["libchrony.so.0"]`) {
		t.Errorf("got %q, %v", data, err)
	}
}

// Memory stays bounded whatever is sent: here 4,096 sources, and a flood.
func TestMemoryIsBounded(t *testing.T) {
	const limit = 32 << 10 // KiB, as Rusage counts
	t.Setenv("CHECK_CHRONY_LIBCHRONY", library(t))
	file := build(t, "1")
	many := healthy()
	for len(many.Sources) < 4096 {
		many.Sources = append(many.Sources, many.Sources[0])
	}
	flood := func(request []byte, _ int) []chronydtest.Datagram {
		junk := chronydtest.Extend(1400)(chronydtest.Flip(chronydtest.AtSequence)(chronydtest.Reply(request, healthy())))
		datagrams := make([]chronydtest.Datagram, 100000)
		for i := range datagrams {
			datagrams[i].Bytes = junk
		}
		return datagrams
	}
	for name, tt := range map[string]struct {
		handler chronydtest.Handler
		args    []string
		code    int
	}{
		"4,096 sources": {chronydtest.Answer(many), []string{"-t", "20", "-v"}, 0},
		"flood":         {flood, []string{"-t", "1", "-vvv"}, 2},
	} {
		for _, reader := range []string{"libchrony", "native"} {
			fake := chronydtest.NewFake(t, "udp4", tt.handler)
			used, code := chronydtest.Resident(t, slices.Concat([]string{file}, fake.Args(), tt.args, []string{"--reader", reader})...)
			fake.Die()
			if code != tt.code || used > limit {
				t.Errorf("%s, %s: got exit code %d and %d KiB resident, want %d and at most %d", name, reader, code, used, tt.code, limit)
			}
		}
	}
}

// checks runs many checks, 64 at a time, and returns those that weren't OK.
func checks(t *testing.T, file string, number int, args ...string) []string {
	t.Helper()
	var (
		wrong []string
		mu    sync.Mutex
		wg    sync.WaitGroup
		next  atomic.Int64
	)
	for range 64 {
		wg.Go(func() {
			for next.Add(1) <= int64(number) {
				out, state := execute(t, file, args...)
				if state.ExitCode() != 0 || strict(out, 0, 0) != nil {
					mu.Lock()
					wrong = append(wrong, fmt.Sprintf("%v %s", state, out))
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return wrong
}

func TestManyChecksAtOnce(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", library(t))
	file := build(t, "1")
	_, d := chronydtest.StartPair(t)
	folder := filepath.Dir(d.Socket)
	before := names(t, folder)
	for _, reader := range []string{"libchrony", "native"} {
		for _, target := range [][]string{d.Args(), {"-H", d.Socket}} {
			args := append([]string{"--reader", reader, "-t", "30"}, target...)
			if wrong := checks(t, file, 500, args...); len(wrong) > 0 {
				t.Errorf("%v: %d of 500 checks were wrong, the first: %s", args, len(wrong), wrong[0])
			}
		}
	}
	if after := names(t, folder); after != before {
		t.Errorf("left behind: %s", after)
	}
}

// One in ten datagrams is lost, each way. A check ends without an answer if all
// eight tries at one of its three questions fail: by chance, one in 200,000. So
// one of a thousand may, if it says so, and two won't.
func TestManyChecksOverALossyPath(t *testing.T) {
	t.Setenv("CHECK_CHRONY_LIBCHRONY", library(t))
	file := build(t, "1")
	_, d := chronydtest.StartPair(t)
	var sent, lost atomic.Int64
	port := path(t, d, func() bool {
		sent.Add(1)
		if rand.IntN(10) == 0 {
			lost.Add(1)
			return true
		}
		return false
	})
	for _, reader := range []string{"libchrony", "native"} {
		wrong := checks(t, file, 1000, "-H", "127.0.0.1", "-p", strconv.Itoa(port), "--reader", reader, "-t", "10")
		if len(wrong) > 1 || len(wrong) == 1 && !strings.Contains(wrong[0], ": no reply within ") {
			t.Errorf("%s: %d of 1,000 checks were wrong, the first: %s", reader, len(wrong), wrong[0])
		}
	}
	if share := float64(lost.Load()) / float64(sent.Load()); share < 0.08 || share > 0.12 {
		t.Errorf("%d of %d datagrams were lost", lost.Load(), sent.Load())
	}
}

// path is a way to a chronyd's command port that loses datagrams, in both
// directions, where lose says so.
func path(t *testing.T, d *chronydtest.Daemon, lose func() bool) int {
	t.Helper()
	front, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	front.SetReadBuffer(4 << 20)
	t.Cleanup(func() { front.Close() })
	go func() {
		request := make([]byte, 1024)
		for {
			n, client, err := front.ReadFromUDPAddrPort(request)
			if err != nil {
				return
			}
			if lose() {
				continue
			}
			request := append([]byte{}, request[:n]...)
			go func() {
				back, err := net.Dial("udp4", d.Addresses()["IPv4"])
				if err != nil {
					return
				}
				defer back.Close()
				back.SetDeadline(time.Now().Add(5 * time.Second))
				reply := make([]byte, 1024)
				back.Write(request)
				if n, err := back.Read(reply); err == nil && !lose() {
					front.WriteToUDPAddrPort(reply[:n], client)
				}
			}()
		}
	}()
	return front.LocalAddr().(*net.UDPAddr).Port
}
