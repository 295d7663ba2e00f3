// SPDX-License-Identifier: MIT

//go:build integration

package packaging

import (
	"debug/buildinfo"
	"encoding/json"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// SHA256SUMS lists each file of the release, and no other.
func testSums(t *testing.T, dir string) {
	shell(t, dir, "sha256sum --check --strict --quiet SHA256SUMS")
	var named []string
	for line := range strings.Lines(text(t, filepath.Join(dir, "SHA256SUMS"))) {
		named = append(named, strings.Fields(line)[1])
	}
	compare(t, "files", named, strings.Fields(shell(t, dir, "ls -A | grep -vx SHA256SUMS")))
}

// The SBOM of a plugin names the modules that the plugin says it is linked with.
func testSBOM(t *testing.T, dir string) {
	for plugin, pattern := range map[string]string{
		"check_chrony":              "check-chrony-*-" + runtime.GOARCH + ".cdx.json",
		"static/amd64/check_chrony": "check_chrony-*-linux-amd64.cdx.json",
		"static/arm64/check_chrony": "check_chrony-*-linux-arm64.cdx.json",
	} {
		var sbom struct {
			Format     string `json:"bomFormat"`
			Components []struct{ Name, Version string }
		}
		file := onePackage(t, dir, pattern)
		if err := json.Unmarshal([]byte(text(t, file)), &sbom); err != nil || sbom.Format != "CycloneDX" {
			t.Errorf("%s: %q %v", file, sbom.Format, err)
		}
		if hash := strings.Fields(shell(t, dir, `sha256sum "../$1"`, plugin))[0]; !strings.Contains(text(t, file), hash) {
			t.Errorf("%s: not of %s", file, plugin)
		}
		info := linked(t, filepath.Join(dir, "..", plugin))
		want := []string{"std " + info.GoVersion}
		for _, module := range info.Deps {
			want = append(want, module.Path+" "+module.Version)
		}
		var got []string
		for _, c := range sbom.Components {
			got = append(got, c.Name+" "+c.Version)
		}
		compare(t, "components", got, want)
	}
}

// The license of everything that is linked into the plugin is given: in the packages by
// name, in the release by its text.
func testLicenses(t *testing.T, dir string) {
	texts := text(t, onePackage(t, dir, "check_chrony-*-licenses.txt"))
	for _, module := range linked(t, filepath.Join(dir, "..", "check_chrony")).Deps {
		if !strings.Contains(text(t, "copyright"), "Files: "+module.Path+"\n") {
			t.Errorf("copyright: no word of %s", module.Path)
		}
		if !strings.Contains(texts, "\n==== "+module.Path+"@"+module.Version+": ") {
			t.Errorf("no license of %s", module.Path)
		}
	}
}

func linked(t *testing.T, plugin string) *buildinfo.BuildInfo {
	t.Helper()
	info, err := buildinfo.ReadFile(plugin)
	if err != nil || len(info.Deps) == 0 {
		t.Fatalf("%s: %v", plugin, err)
	}
	return info
}
