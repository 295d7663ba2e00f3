// SPDX-License-Identifier: MIT

//go:build integration

package packaging

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The packages depend on the version of the C library that the plugin needs, and on no
// newer one.
func testNeeds(t *testing.T, dir string) {
	f, err := elf.Open(filepath.Join(dir, "..", "check_chrony"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	newest := slices.MaxFunc(symbols, func(a, b elf.ImportedSymbol) int {
		return slices.Compare(numbers(a.Version), numbers(b.Version))
	}).Version
	config, err := os.ReadFile("nfpm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("libc6 (>= %s)", strings.TrimPrefix(newest, "GLIBC_")),
		fmt.Sprintf("libc.so.6(%s)(64bit)", newest),
	} {
		if !strings.Contains(string(config), want) {
			t.Errorf("nfpm.yaml: no %q", want)
		}
	}
	if libraries, err := f.ImportedLibraries(); !slices.Equal(libraries, []string{"libc.so.6"}) {
		t.Errorf("got libraries %v (%v), want libc.so.6", libraries, err)
	}
}

// The packages' plugin is hardened as the distributions' programs are: all symbols are
// bound at the start and read-only from then on, it is loaded at a random address, and
// buffers are checked in its C code.
func testHardened(t *testing.T, dir string) {
	f, err := elf.Open(filepath.Join(dir, "..", "check_chrony"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	flags, err := f.DynValue(elf.DT_FLAGS_1)
	if want := uint64(elf.DF_1_NOW | elf.DF_1_PIE); err != nil || len(flags) != 1 || flags[0]&want != want {
		t.Errorf("got flags %#x (%v), want NOW and PIE", flags, err)
	}
	if !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_GNU_RELRO }) {
		t.Error("no RELRO")
	}
	symbols, err := f.ImportedSymbols()
	for _, want := range []string{"__snprintf_chk", "__stack_chk_fail"} {
		if !slices.ContainsFunc(symbols, func(s elf.ImportedSymbol) bool { return s.Name == want }) {
			t.Errorf("no %s (%v)", want, err)
		}
	}
}

// numbers returns the numbers in a version, for comparing versions.
func numbers(version string) []int {
	var all []int
	for _, digits := range regexp.MustCompile("[0-9]+").FindAllString(version, -1) {
		n := 0
		fmt.Sscan(digits, &n)
		all = append(all, n)
	}
	return all
}
