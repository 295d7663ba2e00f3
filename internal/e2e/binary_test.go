// SPDX-License-Identifier: MIT

package e2e

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

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
	chronydtest.Slow(t)
	t.Setenv("CHECK_CHRONY_LIBCHRONY", "")
	file := plugintest.Static(t)
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
	if out, _ := execute(t, file, "-V"); !strings.Contains(out, "\nreader: native (libchrony can't be loaded: this build has no libchrony)\n") {
		t.Errorf("-V printed %q", out)
	}
	out, state := execute(t, file, "--reader=libchrony")
	if want := "CHRONY UNKNOWN: --reader: libchrony can't be loaded: this build has no libchrony ("; state.ExitCode() != 3 || !strings.HasPrefix(out, want) {
		t.Errorf("got %v, %q", state, out)
	}
}

// The dynamic build tells packaging tools what it loads (ELF dlopen metadata).
func TestDlopenNote(t *testing.T) {
	t.Parallel()
	f, err := elf.Open(plugintest.Shipped(t))
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

// Memory stays bounded whatever is sent, here 4,096 sources and a flood of datagrams.
func TestMemoryIsBounded(t *testing.T) {
	chronydtest.Slow(t)
	const limit = 32 << 10 // KiB, as Rusage counts
	file := plugintest.Shipped(t)
	many := chronydtest.Healthy()
	for len(many.Sources) < 4096 {
		many.Sources = append(many.Sources, many.Sources[0])
	}
	flood := func(request []byte, _ int) []chronydtest.Datagram {
		junk := chronydtest.Extend(1400)(chronydtest.Flip(chronydtest.AtSequence)(chronydtest.Reply(request, chronydtest.Healthy())))
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
		for _, reader := range plugintest.Readers(t) {
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
	)
	manyAtOnce(64, number, func(int) {
		out, state := execute(t, file, args...)
		if state.ExitCode() != 0 || plugintest.CheckFormat(out, 0, 0) != nil {
			mu.Lock()
			defer mu.Unlock()
			wrong = append(wrong, fmt.Sprintf("%v %s", state, out))
		}
	})
	return wrong
}

// manyAtOnce calls f with 0 to number-1, atATime calls at once.
func manyAtOnce(atATime, number int, f func(n int)) {
	var (
		wg   sync.WaitGroup
		next atomic.Int64
	)
	wg.Add(atATime)
	for range atATime {
		go func() {
			defer wg.Done()
			for n := next.Add(1); n <= int64(number); n = next.Add(1) {
				f(int(n - 1))
			}
		}()
	}
	wg.Wait()
}

func TestManyChecksAtOnce(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	file := plugintest.Shipped(t)
	_, d := chronydtest.StartPair(t)
	folder := filepath.Dir(d.Socket)
	before := listDir(t, folder)
	for _, reader := range plugintest.Readers(t) {
		for _, target := range [][]string{d.Args(), {"-H", d.Socket}} {
			args := append([]string{"--reader", reader, "-t", "30"}, target...)
			number := chronydtest.Often(500, 100)
			if wrong := checks(t, file, number, args...); len(wrong) > 0 {
				t.Errorf("%v: %d of %d checks were wrong, the first: %s", args, len(wrong), number, wrong[0])
			}
		}
	}
	if after := listDir(t, folder); after != before {
		t.Errorf("left behind: %s", after)
	}
}
