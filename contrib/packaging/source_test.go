// SPDX-License-Identifier: MIT

//go:build integration

package packaging

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// testSource builds, installs and tests the source archive as a distribution does: with
// the oldest Go that is allowed, without a network, modules and git.
func testSource(t *testing.T, dir string) {
	name := strings.TrimSuffix(filepath.Base(onePackage(t, dir, "check_chrony-*-licenses.txt")), "-licenses.txt")
	archive := onePackage(t, dir, name+".tar.gz")
	root := open(t)
	sources := filepath.Join(root, name)
	shell(t, root, `tar xzf "$1"`, archive)
	if got := strings.Fields(shell(t, root, "ls -A")); len(got) != 1 || got[0] != name {
		t.Errorf("got %q at the top, want %s", got, name)
	}
	tracked := shell(t, "../..", "git ls-tree -r --name-only HEAD | LC_ALL=C sort")
	if got := shell(t, sources, "find . -path ./vendor -prune -o -type f -print | sed 's|^./||' | LC_ALL=C sort"); got != tracked {
		t.Errorf("got files\n%s\nwant those of git:\n%s", got, tracked)
	}
	for _, module := range linked(t, filepath.Join(dir, "..", "check_chrony")).Deps {
		licenses, _ := filepath.Glob(filepath.Join(sources, "vendor", module.Path, "LICENSE*"))
		copying, _ := filepath.Glob(filepath.Join(sources, "vendor", module.Path, "COPYING*"))
		if licenses == nil && copying == nil {
			t.Errorf("no license of %s in vendor", module.Path)
		}
	}

	toolchain := regexp.MustCompile(`(?m)^oldest := (go\S+)$`).FindStringSubmatch(text(t, "../../Makefile"))
	if toolchain == nil {
		t.Fatal("no oldest Go in the Makefile")
	}
	goroot := strings.TrimSpace(shell(t, "../..", `GOTOOLCHAIN="$1" go env GOROOT`, toolchain[1]))
	noGit := open(t)
	chronydtest.WriteExecutable(t, filepath.Join(noGit, "git"), []byte("#!/bin/sh\nexit 127\n"))
	installed := filepath.Join(root, "installed")
	out := shell(t, sources, `export GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-mod=vendor GOMODCACHE="$2/none" PATH="$1:$PATH"
		exec unshare --net sh -ec 'make install DESTDIR="$1" PREFIX=/usr PLUGINDIR=/usr/lib/nagios/plugins
			go test ./internal/check ./internal/native ./internal/output' sh "$3"`,
		noGit+":"+filepath.Join(goroot, "bin"), root, installed)
	if got := strings.Count(out, "\nok "); got != 3 {
		t.Errorf("got %d packages tested, want 3:\n%s", got, out)
	}
	info := linked(t, installed+pluginPath)
	if info.GoVersion != toolchain[1] {
		t.Errorf("built with %s, want %s", info.GoVersion, toolchain[1])
	}
	release := strings.TrimPrefix(name, "check_chrony-")
	if got := shell(t, "/", installed+pluginPath+" -V || [ $? = 3 ]"); !strings.HasPrefix(got, "check_chrony "+release+"\n") {
		t.Errorf("--version: got %q, want %s without a commit", got, release)
	}
}
