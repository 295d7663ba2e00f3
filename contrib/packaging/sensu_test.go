// SPDX-License-Identifier: MIT

//go:build integration

package packaging

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// testSensu reads the assets as Sensu's agent does, and the files around them as
// sensuctl and Bonsai do.
func testSensu(t *testing.T, dir string, chronyd *chronydtest.Daemon) {
	sums := onePackage(t, dir, "check_chrony_*_sha512-checksums.txt")
	release := strings.Split(filepath.Base(sums), "_")[2]
	shell(t, dir, `sha512sum --check --strict "$1"`, sums)

	definitions := text(t, onePackage(t, dir, "check_chrony_*_sensu.yml"))
	if !strings.HasPrefix(definitions, "---\n") || strings.Count(definitions, "\n---\n") != 1 || strings.Contains(definitions, "@") {
		t.Errorf("want two documents, nothing before them, and no @ left:\n%s", definitions)
	}
	builds := regexp.MustCompile(`(?m)url: `+regexp.QuoteMeta(downloads)+`/(\S+)\n +sha512: ([0-9a-f]{128})$`).FindAllStringSubmatch(definitions, -1)
	if len(builds) != 2 {
		t.Fatalf("got %d builds, want 2:\n%s", len(builds), definitions)
	}
	bonsai := text(t, filepath.Join(dir, ".bonsai.yml"))
	for i, arch := range []string{"amd64", "arm64"} {
		name := "check_chrony_" + release + "_linux_" + arch + ".tar.gz"
		if builds[i][1] != name {
			t.Errorf("got build %s, want %s", builds[i][1], name)
		}
		if !strings.Contains(text(t, sums), builds[i][2]+"  "+name+"\n") {
			t.Errorf("%s: another sum than %s", name, builds[i][2])
		}
		for _, want := range []string{
			`asset_filename: "` + strings.Replace(name, release, "#{version}", 1) + `"`,
			`sha_filename: "` + strings.Replace(filepath.Base(sums), release, "#{version}", 1) + `"`,
			`entity.system.arch == '` + arch + `'`,
		} {
			if !strings.Contains(bonsai, want) {
				t.Errorf(".bonsai.yml: no %s", want)
			}
		}
		asset := open(t)
		shell(t, asset, `tar xzf "$1"`, filepath.Join(dir, name))
		runsHere(t, filepath.Join(asset, "bin", "check_chrony"), arch, chronyd)
	}
}

func text(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
