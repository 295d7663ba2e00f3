// SPDX-License-Identifier: MIT

package e2e

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/client"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/plugintest"
)

// soname is the file that the plugin looks for by default.
const soname = "libchrony.so.0"

// stub compiles a stand-in for libchrony with a defect, and returns its file's name.
func stub(t *testing.T, defect string) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		chronydtest.Missing(t, "gcc")
	}
	file := filepath.Join(t.TempDir(), soname)
	must(t, "gcc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", defect, "-o", file, "testdata/libchrony/stub.c")
	return file
}

// realLibrary returns the contents of the tests' libchrony.
func realLibrary(t *testing.T) []byte {
	t.Helper()
	reader, err := client.OpenCodec("libchrony", plugintest.Library(t), cmdmon.Limit{Deadline: time.Now().Add(time.Minute), Context: context.Background})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(strings.TrimPrefix(reader.String(), "libchrony "))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// loading is what becomes of loading a library: dlopen's or the binding's error, or else
// the reason why the process ends.
type loading struct {
	err string
	// skipped says that the loader goes on to the next directory after the error.
	skipped bool
	end     string
}

// want returns the beginnings that the output of a run may have, without "CHRONY ". The
// library's file is named, or found by the loader.
func (l loading) want(file string, named bool, reader string) []string {
	name := soname
	if named {
		name = file
	}
	switch {
	case reader == "native" || l == loading{}:
		return []string{"OK: "}
	case l.end != "":
		return []string{"UNKNOWN: libchrony can't be loaded: " + name + ": " + l.end + " (use --reader=native)\n"}
	case named:
		return []string{"UNKNOWN: --libchrony: libchrony can't be loaded: " + file + ": " + l.err}
	case reader == "auto":
		return []string{"OK: "}
	case l.skipped: // there may be one in the next
		return []string{"UNKNOWN: --reader: libchrony can't be loaded: " + soname + ": ", "OK: "}
	}
	return []string{"UNKNOWN: --reader: libchrony can't be loaded: "}
}

// ways are the ways to have a file loaded.
var ways = map[string]struct {
	named   bool
	command func(cmd *exec.Cmd, file string)
}{
	"LD_LIBRARY_PATH":        {false, func(cmd *exec.Cmd, file string) { cmd.Env = []string{"LD_LIBRARY_PATH=" + filepath.Dir(file)} }},
	"--libchrony":            {true, func(cmd *exec.Cmd, file string) { cmd.Args = append(cmd.Args, "--libchrony="+file) }},
	"CHECK_CHRONY_LIBCHRONY": {true, func(cmd *exec.Cmd, file string) { cmd.Env = []string{"CHECK_CHRONY_LIBCHRONY=" + file} }},
}

// checkWithLibrary runs a built plugin with a file instead of libchrony, in each way and with
// each reader, and compares how the output begins.
func checkWithLibrary(t *testing.T, what, plugin, file string, l loading, args ...string) {
	t.Helper()
	for way, w := range ways {
		for _, reader := range []string{"auto", "libchrony", "native"} {
			cmd := exec.Command(plugin, append(args, "-vv", "--reader="+reader)...)
			if l.end == "timed out" && reader != "native" {
				cmd.Args = append(cmd.Args, short)
			}
			cmd.Env = []string{}
			w.command(cmd, file)
			out, _ := runLoading(t, cmd)
			checkStart(t, what+", "+way+", "+reader, out, cmd.ProcessState.ExitCode(), l.want(file, w.named, reader)...)
			if reader == "auto" && strings.HasPrefix(out, "CHRONY OK: ") && !strings.Contains(out, "\nreader: ") {
				t.Errorf("%s, %s: no reader in\n%s", what, way, out)
			}
		}
	}
}

// runLoading runs a plugin that loads a library, and returns its output and how long it
// took. It must end by itself and write nothing to stderr.
func runLoading(t *testing.T, cmd *exec.Cmd) (string, time.Duration) {
	t.Helper()
	var out, stderr strings.Builder
	if cmd.Stdout == nil {
		cmd.Stdout = &out
	}
	cmd.Stderr = &stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	cmd.Wait()
	if stderr.Len() > 0 {
		t.Errorf("%q: stderr %q", cmd.Args, stderr.String())
	}
	return out.String(), time.Since(start)
}

// checkStart fails the test unless the output is well-formed and begins, after "CHRONY ",
// with one of these, and the exit code is that of its state.
func checkStart(t *testing.T, what, out string, code int, starts ...string) {
	t.Helper()
	for _, start := range starts {
		if strings.HasPrefix(out, "CHRONY "+start) {
			state, _, _ := strings.Cut(start, ":")
			checkOutput(t, what, out, code, map[string]int{"OK": 0, "UNKNOWN": 3}[state], "")
			return
		}
	}
	t.Errorf("%s: got %d, %q; want %q", what, code, out, starts)
}

// mapped waits until a process has mapped a file.
func mapped(t *testing.T, process *os.Process, file string) {
	t.Helper()
	maps := fmt.Sprintf("/proc/%d/maps", process.Pid)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if content, _ := os.ReadFile(maps); bytes.Contains(content, []byte(file)) {
			return
		}
	}
	t.Fatalf("%s isn't loaded", file)
}

// short is a timeout for what ends only by the timeout.
const short = "--timeout=500ms"

// Whatever lies in libchrony's place gives a result and a reason.
func TestLibraryThatIsSomethingElse(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	whole := realLibrary(t)
	plugin := plugintest.Shipped(t)
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	content := func(data []byte) func(string) error {
		return func(file string) error { return os.WriteFile(file, data, 0o755) }
	}
	changed := func(at int, value byte) func(string) error {
		data := bytes.Clone(whole)
		data[at] = value
		return content(data)
	}
	// Nothing but the table of symbols is needed to find a function.
	dynsym := elfSection(t, whole, ".dynsym")
	damaged := bytes.Clone(whole)
	for i := range dynsym.Size {
		damaged[dynsym.Offset+i] = 0xff
	}
	for name, tt := range map[string]struct {
		place func(file string) error
		loading
	}{
		"libchrony":       {content(whole), loading{}},
		"named pipe":      {func(f string) error { return syscall.Mkfifo(f, 0o644) }, loading{end: "timed out"}},
		"cut short":       {content(whole[:8192]), loading{end: "the file is truncated"}},
		"damaged":         {content(damaged), loading{end: "the file is damaged"}},
		"empty":           {content(nil), loading{err: "file too short"}},
		"text":            {content([]byte(strings.Repeat("text\n", 100))), loading{err: "invalid ELF header"}},
		"directory":       {func(f string) error { return os.Mkdir(f, 0o755) }, loading{err: "cannot read file data: Is a directory"}},
		"dangling link":   {func(f string) error { return os.Symlink("nowhere", f) }, loading{err: "cannot open shared object file: No such file or directory", skipped: true}},
		"link loop":       {func(f string) error { return os.Symlink(soname, f) }, loading{err: "cannot open shared object file: Too many levels", skipped: true}},
		"socket":          {func(f string) error { return syscall.Mknod(f, syscall.S_IFSOCK|0o644, 0) }, loading{err: "cannot open shared object file: No such device", skipped: true}},
		"32 bits":         {changed(4, 1), loading{err: "wrong ELF class: ELFCLASS32", skipped: true}},
		"another machine": {changed(18, 50), loading{err: "cannot open shared object file: No such file or directory", skipped: true}}, // IA-64
	} {
		file := filepath.Join(t.TempDir(), soname)
		if err := tt.place(file); err != nil {
			t.Fatal(err)
		}
		checkWithLibrary(t, name, plugin, file, tt.loading, fake.Args()...)
	}
}

// elfSection returns a section of an ELF file.
func elfSection(t *testing.T, file []byte, name string) *elf.Section {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	section := f.Section(name)
	if section == nil {
		t.Fatalf("no %s", name)
	}
	return section
}

// So does a library whose code doesn't do what libchrony's does.
func TestLibraryWithOtherCode(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	plugin := plugintest.Shipped(t)
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	for defect, l := range map[string]loading{
		"-DWHOLE":          {},
		"-DABORTS":         {end: "its code aborted"},
		"-DSLEEPS":         {end: "timed out"},
		"-DLACKS_FUNCTION": {err: "no function chrony_get_field_string"},
		"-DCALLS_MISSING":  {err: "undefined symbol: not_in_any_library"},
	} {
		checkWithLibrary(t, defect, plugin, stub(t, defect), l, fake.Args()...)
	}
}

// A library that is cut short anywhere is refused, or used if what is missing isn't
// needed.
func TestLibraryThatIsCutShort(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	whole := realLibrary(t)
	plugin := plugintest.Shipped(t)
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	lengths := []int{0, 1, 16, 63, 64, 65, 1000, 8191, 8193, len(whole) - 1, len(whole)}
	for n := 2048; n < len(whole); n += 2048 {
		lengths = append(lengths, n)
	}
	file := filepath.Join(t.TempDir(), soname)
	read := 0
	for _, n := range lengths {
		if err := os.WriteFile(file, whole[:n], 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(plugin, append(fake.Args(), "--libchrony="+file)...)
		out, _ := runLoading(t, cmd)
		checkStart(t, fmt.Sprintf("%d bytes", n), out, cmd.ProcessState.ExitCode(), "OK: ",
			"UNKNOWN: libchrony can't be loaded: "+file+": the file is truncated (use --reader=native)\n",
			"UNKNOWN: --libchrony: libchrony can't be loaded: "+file+": ")
		if cmd.ProcessState.Success() {
			read++
		}
	}
	t.Logf("of %d lengths %d were read", len(lengths), read)
	if read == 0 || read > len(lengths)/2 {
		t.Errorf("of %d lengths %d were read", len(lengths), read)
	}
}

// The loader finds libraries in more places than LD_LIBRARY_PATH's directories.
func TestPlacesWhereTheLoaderSearches(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	whole := realLibrary(t)
	dir, hwcaps := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(hwcaps, "glibc-hwcaps", "x86-64-v2"), 0o755); err != nil {
		t.Fatal(err)
	}
	plugin := plugintest.Shipped(t)
	withPath := filepath.Join(t.TempDir(), "check_chrony")
	must(t, "go", "build", "-ldflags=-r "+dir, "-o", withPath, "check_chrony/cmd/check_chrony")
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	for _, tt := range []struct{ plugin, path, file string }{
		{plugin, ":/nowhere", filepath.Join(dir, soname)}, // the current directory
		{plugin, "/nowhere:./", filepath.Join(dir, soname)},
		{plugin, "/nowhere:${ORIGIN}/../" + filepath.Base(dir), filepath.Join(filepath.Dir(plugin), "..", filepath.Base(dir), soname)},
		{plugin, hwcaps, filepath.Join(hwcaps, "glibc-hwcaps", "x86-64-v2", soname)},
		{withPath, "", filepath.Join(dir, soname)}, // RUNPATH
	} {
		if tt.path == hwcaps && runtime.GOARCH != "amd64" {
			continue
		}
		for end, place := range map[string]func(file string) error{
			"timed out":             func(f string) error { return syscall.Mkfifo(f, 0o644) },
			"the file is truncated": func(f string) error { return os.WriteFile(f, whole[:8192], 0o755) },
		} {
			os.MkdirAll(filepath.Dir(tt.file), 0o755)
			if err := place(tt.file); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(tt.plugin, append(fake.Args(), short)...)
			cmd.Dir = dir
			cmd.Env = []string{"LD_LIBRARY_PATH=" + tt.path}
			out, _ := runLoading(t, cmd)
			checkStart(t, tt.path, out, cmd.ProcessState.ExitCode(), loading{end: end}.want("", false, "auto")...)
			os.Remove(tt.file)
		}
	}
}

// A library on a file system that never answers keeps the plugin until the timeout, and
// not from being killed.
func TestLibraryOnADeadFileSystem(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	// The file is a link to there: if LD_LIBRARY_PATH itself named a dead directory, the
	// loader would hang before the plugin starts.
	const dir = "/run/dead"
	file := filepath.Join(t.TempDir(), soname)
	if err := errors.Join(os.Mkdir(dir, 0o755), os.Symlink(filepath.Join(dir, soname), file)); err != nil {
		t.Fatal(err)
	}
	fuse, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0) // nobody reads the kernel's requests
	if err != nil {
		chronydtest.Missing(t, err.Error())
	}
	defer fuse.Close()
	mount(t, "dead", dir, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fuse.Fd()))
	plugin := plugintest.Shipped(t)
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	checkWithLibrary(t, "dead", plugin, file, loading{end: "timed out"}, fake.Args()...)

	cmd := exec.Command(plugin, append(fake.Args(), "--timeout=20", "--libchrony="+file)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond) // it loads by then
	start := time.Now()
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	if took := time.Since(start); cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM || took > 2*time.Second {
		t.Errorf("got %v after %v, want SIGTERM's end", cmd.ProcessState, took)
	}
}

// The time may be up before the library is loaded.
func TestLibraryThatIsLoadedTooLate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), soname)
	if err := syscall.Mkfifo(file, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(plugintest.Shipped(t), "--timeout=1ns", "--libchrony="+file)
	out, _ := runLoading(t, cmd)
	checkStart(t, "1ns", out, cmd.ProcessState.ExitCode(), loading{end: "timed out"}.want(file, true, "auto")...)
}

// What the signal handler prints is as clean and as short as other results.
func TestLibraryWithALongName(t *testing.T) {
	t.Parallel()
	plugin := plugintest.Shipped(t)
	dir := t.TempDir()
	for range 15 {
		dir = filepath.Join(dir, "a;|\n\xff\x1bé"+strings.Repeat("x", 200))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, soname)
	if err := syscall.Mkfifo(file, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(plugin, short, "--libchrony="+file)
	out, _ := runLoading(t, cmd)
	checkStart(t, "long", out, cmd.ProcessState.ExitCode(), "UNKNOWN: libchrony can't be loaded: "+filepath.Dir(t.TempDir()))
	if !strings.HasSuffix(out, "x/"+soname+": timed out (use --reader=native)\n") || len(out) > 1000 {
		t.Errorf("got %d bytes: %q", len(out), out)
	}
}

// A library that ends the process does so whatever stdout is, and whatever signals the
// parent blocks.
func TestLibraryWithoutAStdout(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	plugin := plugintest.Shipped(t)
	for defect, least := range map[string]time.Duration{"-DABORTS": 0, "-DSLEEPS": 500 * time.Millisecond} {
		file := stub(t, defect)
		r, broken, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		defer broken.Close()
		for _, tt := range []struct {
			name    string
			command []string
			stdout  io.Writer
			least   time.Duration
		}{
			{"full", nil, unread(t, "pipe", true), least + time.Second},
			{"nobody reads it", nil, broken, least},
			{"closed", []string{"sh", "-c", `exec "$@" >&-`, "sh"}, nil, least},
			{"blocked signals", []string{"env", "--block-signal"}, nil, least},
		} {
			command := append(tt.command, plugin, short, "--libchrony="+file)
			cmd := exec.Command(command[0], command[1:]...)
			cmd.Stdout = tt.stdout
			if _, took := runLoading(t, cmd); cmd.ProcessState.ExitCode() != 3 || took < tt.least || took > tt.least+2*time.Second {
				t.Errorf("%s, %s: got %v after %v, want exit code 3 after %v", defect, tt.name, cmd.ProcessState, took, tt.least)
			}
		}
	}
}

// Where the plugin has more rights than its user, the user doesn't choose the library.
//
// It runs alone: a process that another test starts at the wrong moment would keep the
// copy of the plugin open for writing.
func TestLibraryOfAUserWithFewerRights(t *testing.T) {
	if os.Geteuid() != 0 {
		chronydtest.Missing(t, "root, to give the plugin rights")
	}
	file := filepath.Join(t.TempDir(), soname)
	if err := os.WriteFile(file, realLibrary(t), 0o755); err != nil {
		t.Fatal(err)
	}
	file = readable(t, file)
	plain := plugintest.Shipped(t)
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	for name, tt := range map[string]struct {
		give   func(plugin string) error
		secure bool
	}{
		"none":         {func(string) error { return nil }, false},
		"setuid":       {func(p string) error { return os.Chmod(p, os.ModeSetuid|0o755) }, true},
		"a capability": {giveCapability, true},
	} {
		plugin := readable(t, plain)
		if err := tt.give(plugin); err != nil {
			t.Fatal(err)
		}
		for way, w := range ways {
			for _, reader := range []string{"auto", "libchrony", "native"} {
				cmd := exec.Command(plugin, append(fake.Args(), "-vv", "--reader="+reader)...)
				cmd.Env = []string{}
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credentialOf(stranger)}
				w.command(cmd, file)
				out, _ := runLoading(t, cmd)
				var l loading
				if tt.secure {
					l = loading{err: "refused: the plugin has more privileges than its user ", skipped: true}
				}
				checkStart(t, name+", "+way+", "+reader, out, cmd.ProcessState.ExitCode(), l.want(file, w.named, reader)...)
				if want := !tt.secure && reader != "native"; strings.Contains(out, "\nreader: libchrony "+file+"\n") != want {
					t.Errorf("%s, %s, %s: loaded is not %t in\n%s", name, way, reader, want, out)
				}
			}
		}
	}
}

// giveCapability gives a file the capability NET_BIND_SERVICE, as setcap(8) does.
func giveCapability(file string) error {
	// struct vfs_cap_data of linux/capability.h: revision 2 with the bit "effective", the
	// permitted and the inheritable capabilities, and again for those above 31.
	const netBindService = 10
	data := make([]byte, 20)
	binary.LittleEndian.PutUint32(data, 0x02000001)
	binary.LittleEndian.PutUint32(data[4:], 1<<netBindService)
	return syscall.Setxattr(file, "security.capability", data, 0)
}

// readable copies a file to a folder that every user can read, and returns its new name.
func readable(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := chronydtest.ShortTempDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, filepath.Base(name))
	chronydtest.WriteExecutable(t, file, data)
	return file
}

// An unreadable library is skipped, like one that is missing.
func TestLibraryThatIsUnreadable(t *testing.T) {
	if os.Geteuid() != 0 {
		chronydtest.Missing(t, "root, to run as another user")
	}
	library := plugintest.Library(t)
	if library == "" {
		t.Skip("the system's libchrony stays readable")
	}
	file := readable(t, library)
	if err := os.Chmod(file, 0); err != nil {
		t.Fatal(err)
	}
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	t.Setenv("CHECK_CHRONY_LIBCHRONY", "")
	out, code := plugintest.Run(t, credentialOf(stranger), append(fake.Args(), "--libchrony="+file)...)
	checkOutput(t, "named", out, code, 3, "CHRONY UNKNOWN: --libchrony: libchrony can't be loaded: "+file)
	t.Setenv("LD_LIBRARY_PATH", filepath.Dir(file))
	out, code = plugintest.Run(t, credentialOf(stranger), fake.Args()...)
	checkOutput(t, "auto", out, code, 0, "CHRONY OK: ")
}

// A libchrony of another version may lack a field, or have another type for it. The text
// then names the reader that has them all.
func TestLibraryThatLacksAField(t *testing.T) {
	t.Parallel()
	plugin := plugintest.Shipped(t)
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	for defect, want := range map[string]string{
		`-DLACKS="stratum"`:              `UNKNOWN: can't read chronyd at ` + fake.Address + `: tracking report: libchrony has no field "stratum" (use --reader=native) | time=`,
		`-DLACKS="last update interval"`: `UNKNOWN: can't read chronyd at ` + fake.Address + `: tracking report: libchrony has no field "last update interval" (use --reader=native) | time=`,
		`-DCHANGED="stratum"`:            `UNKNOWN: can't read chronyd at ` + fake.Address + `: tracking report: libchrony has field "stratum" of type 5, not 1 (use --reader=native) | time=`,
		`-DLACKS="poll"`:                 `UNKNOWN: sources not read: libchrony has no field "poll" (use --reader=native), offset `,
		`-DCHANGED="reachability"`:       `UNKNOWN: sources not read: libchrony has field "reachability" of type 5, not 1 (use --reader=native), offset `,
	} {
		file := stub(t, defect)
		for way, w := range ways {
			for _, reader := range []string{"auto", "libchrony"} {
				cmd := exec.Command(plugin, append(fake.Args(), "--reader="+reader)...)
				cmd.Env = []string{}
				w.command(cmd, file)
				out, _ := runLoading(t, cmd)
				checkStart(t, defect+", "+way+", "+reader, out, cmd.ProcessState.ExitCode(), want)
			}
		}
	}
}

// While libchrony loads, a signal ends the plugin as it does any program. SIGQUIT is
// ignored: Go would print a trace.
func TestKilledWhileTheLibraryLoads(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	plugin, file := plugintest.Shipped(t), stub(t, "-DSLEEPS")
	for sig, timeout := range map[syscall.Signal]string{syscall.SIGTERM: "30", syscall.SIGINT: "30", syscall.SIGHUP: "30", syscall.SIGQUIT: "2"} {
		for _, args := range [][]string{{"-t", timeout}, {"-t", timeout, "-V"}} {
			cmd := exec.Command(plugin, append(args, "--libchrony="+file)...)
			var out, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			mapped(t, cmd.Process, file)
			cmd.Process.Signal(sig)
			cmd.Wait()
			status := cmd.ProcessState.Sys().(syscall.WaitStatus)
			want := ""
			if sig == syscall.SIGQUIT {
				want = "CHRONY UNKNOWN: libchrony can't be loaded: " + file + ": timed out (use --reader=native)\n"
			}
			if out.String() != want || stderr.Len() > 0 || want == "" && status.Signal() != sig || want != "" && status.ExitStatus() != 3 {
				t.Errorf("%v, %s: got %v, %q, stderr %q; want %q", sig, args, cmd.ProcessState, out.String(), stderr.String(), want)
			}
		}
	}
}
