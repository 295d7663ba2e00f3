// SPDX-License-Identifier: MIT

//go:build integration

package packaging

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// step is a call of dpkg, and which check_chrony is at its path and which is diverted
// after it: ours, the next version of ours, theirs, or none.
type step struct {
	dpkg     string
	at, away string
	fails    bool
}

// testBeside installs the package beside Debian's monitoring-plugins-contrib, in every
// order. That package has its own check_chrony at the same path.
func testBeside(t *testing.T, dir string) {
	theirs, _ := filepath.Glob("../../build/debian/monitoring-plugins-contrib_*.deb")
	if theirs == nil {
		chronydtest.Missing(t, "Debian's monitoring-plugins-contrib: run testdata/setup/monitoring-plugins-contrib")
	}
	theirDeb, err := filepath.Abs(theirs[0])
	if err != nil {
		t.Fatal(err)
	}
	debs := variants(t, onePackage(t, dir, "*.deb"))
	debs["theirs"] = theirDeb

	for name, steps := range map[string][]step{
		"theirs first": {
			{dpkg: "install theirs", at: "theirs"},
			{dpkg: "install ours", at: "ours", away: "theirs"},
			{dpkg: "install theirs", at: "ours", away: "theirs"},
			{dpkg: "install ours", at: "ours", away: "theirs"},
			{dpkg: "install next", at: "next", away: "theirs"},
			{dpkg: "install ours", at: "ours", away: "theirs"}, // a downgrade
			{dpkg: "remove check-chrony", at: "theirs"},
			{dpkg: "install ours", at: "ours", away: "theirs"},
			{dpkg: "purge check-chrony", at: "theirs"},
			{dpkg: "purge monitoring-plugins-contrib"},
		},
		"ours first": {
			{dpkg: "install ours", at: "ours"},
			{dpkg: "install theirs", at: "ours", away: "theirs"},
			{dpkg: "remove monitoring-plugins-contrib", at: "ours"},
			{dpkg: "install theirs", at: "ours", away: "theirs"},
			{dpkg: "purge monitoring-plugins-contrib", at: "ours"},
			{dpkg: "install next", at: "next"},
			{dpkg: "remove check-chrony"},
			{dpkg: "install theirs", at: "theirs"},
			{dpkg: "purge check-chrony", at: "theirs"},
		},
		"failures": {
			{dpkg: "install theirs", at: "theirs"},
			{dpkg: "install clashing", at: "theirs", fails: true},
			{dpkg: "install refusing", at: "theirs", fails: true},
			{dpkg: "install ours", at: "ours", away: "theirs"},
			{dpkg: "install clashing", at: "ours", away: "theirs", fails: true},
			{dpkg: "install refusing", at: "ours", away: "theirs", fails: true},
			{dpkg: "purge check-chrony", at: "theirs"},
		},
		"from a version that moved nothing": {
			{dpkg: "install plain", at: "ours"},
			{dpkg: "install theirs", at: "ours", fails: true},
			{dpkg: "install next", at: "next"},
			{dpkg: "install theirs", at: "next", away: "theirs"},
			{dpkg: "purge check-chrony", at: "theirs"},
		},
	} {
		t.Run(name, func(t *testing.T) { takeSteps(t, debs, steps) })
	}
}

func takeSteps(t *testing.T, debs map[string]string, steps []step) {
	system := newDebian(t)
	for i, s := range steps {
		action, what, _ := strings.Cut(s.dpkg, " ")
		// Theirs depends on a library that isn't there.
		arguments := []string{"--force-depends", "--" + action, what}
		if action == "install" {
			arguments[2] = debs[what]
		}
		before := system.which(pluginPath)
		out, err := system.tryDpkg(arguments...)
		if (err != nil) != s.fails {
			t.Fatalf("step %d, %s: %v\n%s", i, s.dpkg, err, out)
		}
		if at, away := system.which(pluginPath), system.which(pluginPath+".distrib"); at != s.at || away != s.away {
			t.Fatalf("step %d, %s: got %q and aside %q, want %q and %q\n%s", i, s.dpkg, at, away, s.at, s.away, out)
		}
		// Services that ran theirs run ours from now on, which has another unit for -w and
		// -c. The administrator must be told.
		if told := strings.Contains(out, "write -w 100ms"); !s.fails && told != (before == "theirs" && s.at == "ours") {
			t.Errorf("step %d, %s: told of the change: %v\n%s", i, s.dpkg, told, out)
		}
	}
	if strings.HasPrefix(steps[len(steps)-1].dpkg, "purge check-chrony") {
		if diversions, err := os.ReadFile(system.path("/var/lib/dpkg/diversions")); err != nil || len(diversions) > 0 {
			t.Errorf("diversions left: %s %v", diversions, err)
		}
	}
}

// which returns which of the plugins a file is; empty if there is no file.
func (d debian) which(file string) string {
	d.t.Helper()
	data, err := os.ReadFile(d.path(file))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ""
	case err != nil:
		d.t.Fatal(err)
	case bytes.HasSuffix(data, []byte("next\n")):
		return "next"
	case bytes.HasPrefix(data, []byte("\x7fELF")):
		return "ours"
	}
	return "theirs"
}

// variants returns our package and others made from it: the next version; one that can't
// be unpacked, since it has another of their files; one whose preinst fails; and an
// older one without scripts.
func variants(t *testing.T, ours string) map[string]string {
	t.Helper()
	debs := map[string]string{"ours": ours}
	for name, change := range map[string]string{
		"next":     `sed -i 's/^Version: .*/&.1/' DEBIAN/control; echo next >>.$1`,
		"clashing": `sed -i 's/^Version: .*/&.2/' DEBIAN/control; echo clash >.${1%/*}/check_clamav`,
		"refusing": `sed -i 's/^Version: .*/&.3/' DEBIAN/control; echo exit 1 >>DEBIAN/preinst`,
		"plain":    `sed -i 's/^Version: .*/&~1/' DEBIAN/control; rm DEBIAN/preinst DEBIAN/postrm`,
	} {
		dir := t.TempDir()
		shell(t, dir, `dpkg-deb --raw-extract "$1" package`, ours)
		shell(t, filepath.Join(dir, "package"), change, pluginPath)
		shell(t, dir, `dpkg-deb -Znone --build package "$1.deb"`, name)
		debs[name] = filepath.Join(dir, name+".deb")
	}
	return debs
}
