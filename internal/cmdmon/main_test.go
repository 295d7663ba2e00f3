// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/cmdmon"
	"check_chrony/internal/libchrony"
	"check_chrony/internal/native"
)

// task is the environment variable that names what this program does in place of the
// tests: an attack, or "read". A process can give up root only once.
const task = "CMDMON_TEST_TASK"

func TestMain(m *testing.M) {
	switch task := os.Getenv(task); task {
	case "":
		os.Exit(m.Run())
	case "read":
		readOnce(os.Args[1], os.Args[2], os.Args[3])
	default:
		attackUntilEOF(task, os.Args[1], os.Args[2])
	}
}

// readOnce reads a chronyd with the codec of this name. It prints "answered" or the
// error, and then the user, groups and capabilities of the process.
func readOnce(codec, address, timeout string) {
	codecs := map[string]func() (cmdmon.Codec, error){
		"native": func() (cmdmon.Codec, error) { return native.Codec{}, nil },
		"libchrony": func() (cmdmon.Codec, error) {
			return libchrony.Load(os.Getenv("CHECK_CHRONY_LIBCHRONY"), time.Now().Add(answeredTimeout))
		},
	}
	within, err := time.ParseDuration(timeout)
	if err != nil {
		panic(err)
	}
	c, err := codecs[codec]()
	if err == nil {
		wait := cmdmon.Limit{Deadline: time.Now().Add(within), Context: context.Background}
		_, err = cmdmon.Read(c, parse(address), cmdmon.Reports{}, wait, func(string, ...any) {})
	}
	fmt.Println(cmp.Or(text(err), "answered"))
	fmt.Println(strings.Join(credentials(), ", and "))
}

// credentials returns the user, groups and capabilities of this process's threads, each
// once: all threads must have the same.
func credentials() []string {
	files, _ := filepath.Glob("/proc/self/task/*/status")
	var found []string
	for _, file := range files {
		status, _ := os.ReadFile(file) // a thread may be gone
		var fields []string
		for line := range strings.Lines(string(status)) {
			switch name, value, _ := strings.Cut(line, ":"); name {
			case "Uid", "Gid", "Groups", "CapEff":
				fields = append(fields, strings.Join(append([]string{name}, strings.Fields(value)...), " "))
			}
		}
		if fields != nil {
			found = append(found, strings.Join(fields, ", "))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// readInProcess starts a process that reads a chronyd, see readOnce, through another command
// if one is given (setpriv …). The groups are the supplementary ones.
func readInProcess(t *testing.T, codec, address string, timeout time.Duration, groups []uint32, through ...string) (result, credential string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := slices.Concat(through, []string{self, codec, address, timeout.String()})
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), task+"=read")
	if groups != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Groups: groups}}
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) != 3 {
		t.Fatalf("%v: %v, %q, stderr %q", command, err, out, stderr.String())
	}
	return lines[0], lines[1]
}
