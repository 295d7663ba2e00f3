// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed lists the packages outside the standard library that each of ours may
// import. Data flows one way: parse, read, judge, print.
var allowed = map[string][]string{
	"internal/cmdmon":           {"internal/chrony"},
	"internal/libchrony":        {"internal/chrony", "internal/cmdmon", "C"},
	"internal/native":           {"internal/chrony", "internal/cmdmon"},
	"internal/chrony":           {},
	"internal/threshold":        {},
	"internal/check":            {"internal/chrony", "internal/threshold"},
	"internal/output":           {"internal/check", "internal/chrony", "internal/threshold", "github.com/atc0005/go-nagios"},
	"internal/chronydtest":      {"internal/chrony"},
	"internal/plugintest":       {"internal/chronydtest", "internal/client", "internal/cmdmon", "github.com/atc0005/go-nagios"},
	"internal/detection":        {}, // tests only
	"internal/e2e":              {}, // tests only
	"internal/generate":         {"internal/options"},
	"internal/bench":            {}, // tests only
	"internal/bench/peers/bare": {"C"},
	"internal/contribtest":      {}, // tests only
	"contrib/packaging":         {}, // tests only
	"internal/client":           {"internal/chrony", "internal/cmdmon", "internal/libchrony", "internal/native", "internal/threshold"},
	"internal/options":          {"internal/chrony", "internal/cmdmon", "internal/check", "internal/threshold", "github.com/alecthomas/kong"},
	"cmd/check_chrony":          {"internal/client", "internal/cmdmon", "internal/options", "internal/check", "internal/threshold", "internal/output"},
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-tags", "integration,bench", "-json=ImportPath,Imports", "check_chrony/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; seen++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(p.ImportPath, "check_chrony/")
		may, known := allowed[room]
		if !known {
			t.Errorf("%s: a room without import rules", room)
		}
		for _, i := range p.Imports {
			name := strings.TrimPrefix(i, "check_chrony/")
			host, _, _ := strings.Cut(i, "/")
			outside := name != i || i == "C" || strings.Contains(host, ".")
			if outside && !slices.Contains(may, name) {
				t.Errorf("%s must not import %s", room, i)
			}
		}
	}
	if seen != len(allowed) {
		t.Errorf("saw %d packages, want %d", seen, len(allowed))
	}
}

// TestCheckIsPure checks that internal/check imports nothing that does I/O.
func TestCheckIsPure(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, "check_chrony/internal/check").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range strings.Fields(string(out)) {
		if slices.Contains([]string{"os", "io", "net", "syscall", "context"}, i) {
			t.Errorf("internal/check imports %s", i)
		}
	}
}
