// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"check_chrony/internal/chronydtest"
)

// attackUntilEOF carries out an attack until standard input ends, and prints how often it
// succeeded.
func attackUntilEOF(attack, a, b string) {
	var ended atomic.Bool
	go func() {
		io.Copy(io.Discard, os.Stdin)
		ended.Store(true)
	}()
	struck := 0
	for !ended.Load() {
		switch attack {
		case "swap the client's socket for a link":
			struck += swap(a, b)
		case "exchange the directory for a link":
			if exchange(a, b) {
				struck++
			}
		}
	}
	fmt.Print(struck)
}

// swap replaces each client's socket with a link to the victim, and returns how many it
// replaced.
func swap(dir, victim string) (struck int) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.Type() == os.ModeSocket && strings.HasPrefix(e.Name(), "check_chrony.") && os.Remove(name) == nil && os.Symlink(victim, name) == nil {
			struck++
		}
	}
	return struck
}

// exchange is renameat2(2) with RENAME_EXCHANGE.
func exchange(a, b string) bool {
	const atFDCWD, renameExchange = -100, 2
	renameat2 := map[string]uintptr{"amd64": 316, "arm64": 276}[runtime.GOARCH] // not in package syscall
	pa, _ := syscall.BytePtrFromString(a)
	pb, _ := syscall.BytePtrFromString(b)
	at := atFDCWD
	_, _, errno := syscall.Syscall6(renameat2, uintptr(at), uintptr(unsafe.Pointer(pa)), uintptr(at), uintptr(unsafe.Pointer(pb)), renameExchange, 0)
	return errno == 0
}

// chronyd's user owns the directory of chronyd's socket, but can't make a plugin that
// runs as root change or create a file that isn't this user's.
func TestOwnerOfTheDirectoryGainsNothing(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root has something to lose")
	}
	chronydtest.Slow(t)
	const runs = 20 // in a round
	rounds := chronydtest.Often(10, 1)
	for _, codec := range []string{"native", "libchrony"} {
		for _, attack := range []string{"swap the client's socket for a link", "exchange the directory for a link"} {
			t.Run(codec+"/"+attack, func(t *testing.T) {
				if codec == "libchrony" {
					libchronyCodec(t)
				}
				// The user's directory and root's, each with a socket that answers.
				base := chronydtest.ShortTempDir(t)
				users, roots := base+"/run", base+"/root"
				for _, dir := range []string{users, roots} {
					if err := os.Mkdir(dir, 0o755); err != nil {
						t.Fatal(err)
					}
					chronydtest.NewFakeAt(t, "unixgram", dir+"/chronyd.sock", chronydtest.Answer(healthy()))
					if err := os.Chmod(dir+"/chronyd.sock", 0o777); err != nil {
						t.Fatal(err)
					}
				}
				victim := roots + "/secret"
				if err := os.WriteFile(victim, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				for _, dir := range []string{base, users} {
					if err := os.Chown(dir, user, user); err != nil {
						t.Fatal(err)
					}
				}
				arguments := []string{users, victim}
				if strings.HasPrefix(attack, "exchange") {
					link := base + "/link"
					if err := os.Symlink(roots, link); err != nil {
						t.Fatal(err)
					}
					arguments = []string{users, link}
				}

				// On a busy machine, the attack may need more rounds to strike.
				answers, struck := 0, 0
				for round := 0; round < rounds || struck == 0 && round < 20; round++ {
					stop := attackAs(t, user, attack, arguments...)
					for range runs {
						result, credential := readInProcess(t, codec, users+"/chronyd.sock", 20*time.Millisecond, nil)
						if result != "answered" {
							continue
						}
						answers++
						if credential != as(user, user) {
							t.Errorf("answered by %s", credential)
						}
					}
					struck += stop()
				}
				t.Logf("%d conversations were answered, the attack struck %d times", answers, struck)
				if struck == 0 {
					t.Error("the attack never struck")
				}
				if info, err := os.Lstat(victim); err != nil || info.Mode() != 0o600 {
					t.Errorf("root's file: %v, %v", info, err)
				}
				entries, err := os.ReadDir(roots)
				if err != nil || len(entries) != 2 {
					t.Errorf("root's directory has %v, %v", entries, err)
				}
			})
		}
	}
}

// attackAs starts an attack as another user. stop ends it and returns how often it struck.
func attackAs(t *testing.T, user uint32, attack string, arguments ...string) (stop func() int) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", arguments...)
	cmd.Env = append(os.Environ(), task+"="+attack)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() int {
		stdin.Close()
		err := cmd.Wait()
		struck, no := strconv.Atoi(out.String())
		if err := errors.Join(err, no); err != nil {
			t.Errorf("the attacker: %v: %s", err, out.String())
		}
		return struck
	}
}
