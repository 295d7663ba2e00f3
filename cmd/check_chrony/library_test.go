// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/client"
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
	reader, err := client.OpenCodec("libchrony", library(t), within(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(strings.TrimPrefix(reader.String(), "libchrony "))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// checkWithLibrary runs a built plugin with a file in the place of libchrony, in each of
// the three ways to find it, and compares how the output begins. The plugin must never be
// killed by a signal or write to stderr.
func checkWithLibrary(t *testing.T, what, plugin, file string, want map[string]string, args ...string) {
	t.Helper()
	for way, option := range map[string][]string{
		"auto":      nil,
		"libchrony": {"--reader=libchrony"},
		"named":     {"--libchrony=" + file},
	} {
		cmd := exec.Command(plugin, append(args, option...)...)
		cmd.Env = []string{"LD_LIBRARY_PATH=" + filepath.Dir(file)}
		var out, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &stderr
		start := time.Now()
		err := cmd.Run()
		took, code := time.Since(start), cmd.ProcessState.ExitCode()
		fits := false
		for _, text := range strings.Split(want[way], "\n") {
			fits = fits || strings.HasPrefix(out.String(), "CHRONY "+text)
		}
		if !fits || (code == 0) != strings.HasPrefix(out.String(), "CHRONY OK") || stderr.Len() > 0 {
			t.Errorf("%s, %s: got %v, %q, stderr %q; want %q", what, way, err, out.String(), stderr.String(), want[way])
		}
		if err := checkFormat(out.String(), code, strings.Count(out.String(), "\n")-1); err != nil {
			t.Errorf("%s, %s: %v in %q", what, way, err, out.String())
		}
		if took > 4*time.Second { // the timeout is 1 s
			t.Errorf("%s, %s: took %v", what, way, took)
		}
		if way == "auto" && strings.Contains(want[way], "OK") && !strings.Contains(out.String(), "\nreader: ") {
			t.Errorf("%s: no reader in\n%s", what, out.String())
		}
	}
}

// wanted returns how the output begins, in each way, if a library can't be used for
// this reason.
func wanted(reason string) map[string]string {
	return map[string]string{
		"auto":      "OK: ",
		"libchrony": "UNKNOWN: --reader: libchrony can't be loaded: " + reason,
		"named":     "UNKNOWN: --libchrony: libchrony can't be loaded: " + reason,
	}
}

// A libchrony that is cut short anywhere is skipped, or used if what is missing isn't
// needed. It once ended in a SIGBUS.
func TestLibraryThatIsCutShort(t *testing.T) {
	whole := realLibrary(t)
	plugin := build(t, "1")
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy()))
	lengths := []int{0, 1, 16, 63, 64, 65, 1000, 8191, 8193, len(whole) - 1, len(whole)}
	for n := 4096; n < len(whole); n += 4096 {
		lengths = append(lengths, n)
	}
	file := filepath.Join(t.TempDir(), soname)
	refused, read := 0, 0
	for _, n := range lengths {
		if err := os.WriteFile(file, whole[:n], 0o755); err != nil {
			t.Fatal(err)
		}
		want := wanted("")
		for _, way := range []string{"libchrony", "named"} {
			want[way] += "\nOK: "
		}
		checkWithLibrary(t, fmt.Sprintf("%d bytes", n), plugin, file, want, append(fake.Args(), "-vv", "-t", "1")...)
		out, _ := exec.Command(plugin, append(fake.Args(), "--libchrony="+file)...).Output()
		if bytes.HasPrefix(out, []byte("CHRONY OK")) {
			read++
		} else {
			refused++
		}
	}
	t.Logf("of %d lengths %d were read and %d refused", len(lengths), read, refused)
	if read == 0 || refused < len(lengths)/2 {
		t.Errorf("of %d lengths %d were read and %d refused", len(lengths), read, refused)
	}
}

// Something that has libchrony's name but isn't libchrony is skipped.
func TestLibraryThatIsSomethingElse(t *testing.T) {
	whole := realLibrary(t)
	plugin := build(t, "1")
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy()))
	for name, place := range map[string]func(file string) error{
		"named pipe":    func(f string) error { return syscall.Mkfifo(f, 0o644) },
		"directory":     func(f string) error { return os.Mkdir(f, 0o755) },
		"dangling link": func(f string) error { return os.Symlink("nowhere", f) },
		"link loop":     func(f string) error { return os.Symlink(soname, f) },
		"text":          func(f string) error { return os.WriteFile(f, []byte(strings.Repeat("text\n", 100)), 0o644) },
		"socket":        func(f string) error { return syscall.Mknod(f, syscall.S_IFSOCK|0o644, 0) },
		"32 bits": func(f string) error {
			const class = 4 // of e_ident: ELFCLASS32 is 1
			data := bytes.Clone(whole)
			data[class] = 1
			return os.WriteFile(f, data, 0o644)
		},
		"another machine": func(f string) error {
			const machine = 18 // e_machine: IA-64 is 50
			data := bytes.Clone(whole)
			data[machine] = 50
			return os.WriteFile(f, data, 0o644)
		},
	} {
		file := filepath.Join(t.TempDir(), soname)
		if err := place(file); err != nil {
			t.Fatal(err)
		}
		want := wanted("")
		// By name the loader may go on and find the system's libchrony.
		want["libchrony"] += "\nOK: "
		checkWithLibrary(t, name, plugin, file, want, append(fake.Args(), "-vv", "-t", "1")...)
	}
}

// The loader would also search in places that the plugin leaves out. There a named pipe
// once kept it for ever, whatever its timeout, and a file that is cut short killed it.
func TestLibrariesThatOnlyTheLoaderWouldFind(t *testing.T) {
	whole := realLibrary(t)
	plugin := build(t, "1")
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy()))
	for what, place := range map[string]func(file string) error{
		"named pipe": func(f string) error { return syscall.Mkfifo(f, 0o644) },
		"cut short":  func(f string) error { return os.WriteFile(f, whole[:8192], 0o755) },
	} {
		dir := t.TempDir()
		for _, sub := range []string{".", "glibc-hwcaps/x86-64-v2", "glibc-hwcaps/x86-64-v3"} {
			if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := place(filepath.Join(dir, sub, soname)); err != nil {
				t.Fatal(err)
			}
		}
		empty := t.TempDir()
		if err := os.Rename(filepath.Join(dir, "glibc-hwcaps"), filepath.Join(empty, "glibc-hwcaps")); err != nil {
			t.Fatal(err)
		}
		// dir is the current directory, and empty has only the subdirectories.
		for _, path := range []string{":", "::", ":/nowhere", "/nowhere:", ".", "./", "$ORIGIN", "${ORIGIN}/../" + filepath.Base(dir), empty, "$LIB:" + empty} {
			cmd := exec.Command(plugin, append(fake.Args(), "-vv", "-t", "1")...)
			cmd.Dir = dir
			cmd.Env = []string{"LD_LIBRARY_PATH=" + path}
			cmd.WaitDelay = time.Second
			var out, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &stderr
			timer := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
			err := cmd.Run()
			timer.Stop()
			if err != nil || !strings.HasPrefix(out.String(), "CHRONY OK: ") || stderr.Len() > 0 {
				t.Errorf("%s, LD_LIBRARY_PATH=%s: %v, %q, stderr %q", what, path, err, out.String(), stderr.String())
			}
		}
	}
}

// An unreadable library is skipped, like one that is missing.
func TestLibraryThatIsUnreadable(t *testing.T) {
	if os.Geteuid() != 0 {
		chronydtest.Missing(t, "root, to run as another user")
	}
	file := readable(t, library(t))
	if file == "" {
		t.Skip("the system's libchrony stays readable")
	}
	if err := os.Chmod(file, 0); err != nil {
		t.Fatal(err)
	}
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy()))
	t.Setenv("CHECK_CHRONY_LIBCHRONY", "")
	out, code := command(t, credentialOf(stranger), append(fake.Args(), "--libchrony="+file)...)
	checkOutput(t, "named", out, code, 3, "CHRONY UNKNOWN: --libchrony: libchrony can't be loaded: "+file)
	t.Setenv("LD_LIBRARY_PATH", filepath.Dir(file))
	out, code = command(t, credentialOf(stranger), fake.Args()...)
	checkOutput(t, "auto", out, code, 0, "CHRONY OK: ")
}

// A libchrony of another version may lack a field, or have another type for it. The
// built-in reader takes over then, unless libchrony was asked for.
func TestLibraryThatLacksAField(t *testing.T) {
	plugin := build(t, "1")
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy()))
	for _, tt := range []struct {
		defect, reason string
		sources        bool // of the sources report
	}{
		{`-DLACKS="stratum"`, `field "stratum"`, false},
		{`-DLACKS="last update interval"`, `field "last update interval"`, false},
		{`-DCHANGED="stratum"`, `field "stratum" of type`, false},
		{`-DLACKS="poll"`, `field "poll"`, true},
		{`-DCHANGED="reachability"`, `field "reachability" of type`, true},
	} {
		file := stub(t, tt.defect)
		checkWithLibrary(t, tt.defect, plugin, file, map[string]string{
			"auto":      "OK: ",
			"libchrony": "UNKNOWN: ",
			"named":     "UNKNOWN: ",
		}, append(fake.Args(), "-vv", "-t", "1")...)
		out, _ := exec.Command(plugin, append(fake.Args(), "--libchrony="+file)...).Output()
		if !strings.Contains(string(out), tt.reason) {
			t.Errorf("%s: no reason %q in %q", tt.defect, tt.reason, out)
		}
	}
	// Without a defect the stub works, so the others fail only for theirs.
	checkWithLibrary(t, "no defect", plugin, stub(t, "-DWHOLE"), map[string]string{"auto": "OK: ", "libchrony": "OK: ", "named": "OK: "},
		append(fake.Args(), "-vv", "-t", "1")...)
}

// A signal that comes while libchrony loads gives UNKNOWN with a text, also with
// --reader=auto.
func TestKilledWhileTheLibraryLoads(t *testing.T) {
	plugin, file := build(t, "1"), stub(t, "-DSLEEPS")
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGQUIT} {
		for _, args := range [][]string{{"-t", "60"}, {"-t", "60", "-V"}} {
			cmd := exec.Command(plugin, args...)
			cmd.Env = []string{"LD_LIBRARY_PATH=" + filepath.Dir(file)}
			var out, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			maps := fmt.Sprintf("/proc/%d/maps", cmd.Process.Pid)
			for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
				if mapped, _ := os.ReadFile(maps); bytes.Contains(mapped, []byte(file)) {
					break
				}
			}
			time.Sleep(time.Second) // it listens after 50 ms
			cmd.Process.Signal(sig)
			cmd.Wait()
			want := "interrupted by " + string(ending[sig])
			if cmd.ProcessState.ExitCode() != 3 || !strings.Contains(out.String(), want) || stderr.Len() > 0 {
				t.Errorf("%v, %s: got %v, %q, stderr %q; want %q", sig, args, cmd.ProcessState, out.String(), stderr.String(), want)
			}
		}
	}
}

// Loading runs the library's constructors and so may take for ever. The check still
// ends in time.
func TestLibraryThatTakesAnHourToLoad(t *testing.T) {
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy()))
	checkWithLibrary(t, "sleeping", build(t, "1"), stub(t, "-DSLEEPS"), wanted("timed out"), append(fake.Args(), "-vv", "-t", "1")...)
}
