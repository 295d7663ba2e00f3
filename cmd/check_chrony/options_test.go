// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// option is a command line option as its documents need it.
type option struct {
	name, short string
	aliases     []string
	// group is the title under which --help has it.
	group string
	// help is what the option is about. Those for critical have their warning's.
	help string
	// fallback is the default; empty if there is none.
	fallback string
	// operand names what follows the option; empty if nothing does.
	operand string
	// words are all that the operand can be, if they are few.
	words []string
	// repeatable options count how often they are given.
	counts bool
	// variable stands in for the option.
	variable string
}

// options are all options, in the order of --help.
func options(t *testing.T) []option {
	t.Helper()
	var all []option
	for _, g := range new(cli).options() {
		g.VisitAll(func(f *pflag.Flag) {
			o := option{name: f.Name, short: f.Shorthand, group: g.title, help: f.Usage}
			if o.isCritical() {
				o.help = all[len(all)-1].help
			}
			for _, alias := range []string{"warning", "critical"} {
				if canonical(nil, alias) == pflag.NormalizedName(f.Name) {
					o.aliases = append(o.aliases, alias)
				}
			}
			if f.Name == "libchrony" {
				o.variable = libchronyVariable
			}
			switch kind := f.Value.Type(); {
			case kind == "bool":
				_, o.counts = f.Value.(*counter)
			default:
				o.operand, o.fallback = kind, f.DefValue
				o.words = map[string][]string{
					"STATE":  {"ok", "warning", "critical", "unknown"},
					"LIST":   {"none", "normal", "insert", "delete", "unsynchronised"},
					"READER": {"auto", "libchrony", "native"},
				}[kind]
			}
			all = append(all, o)
		})
	}
	return all
}

// isCritical tells whether the option is the one before it, but for critical.
func (o option) isCritical() bool {
	return strings.HasSuffix(o.name, "-critical")
}

// names are all spellings of the option, the short one first.
func (o option) names() []string {
	var names []string
	if o.short != "" {
		names = append(names, "-"+o.short)
	}
	names = append(names, "--"+o.name)
	for _, alias := range o.aliases {
		names = append(names, "--"+alias)
	}
	return names
}

// title is the help in a few words.
func (o option) title() string {
	text := o.help
	for _, end := range []string{". ", ": ", "; ", " ("} {
		text, _, _ = strings.Cut(text, end)
	}
	text = strings.TrimSuffix(text, ".")
	switch {
	case o.isCritical():
		text += " (critical)"
	case strings.HasSuffix(o.name, "-warning"):
		text += " (warning)"
	}
	return text
}

// equal holds a committed file equal to what the command line makes of it; go
// test -u writes it.
func equal(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s differs from the command line; go test ./cmd/check_chrony -u writes it (%v):\n%s", file, err, want)
	}
}

// The words that are offered are words that the plugin takes.
func TestOptionWords(t *testing.T) {
	for _, o := range options(t) {
		for _, word := range o.words {
			if _, _, err := parseCLI([]string{"--" + o.name, word}); err != nil {
				t.Errorf("--%s %s: %v", o.name, word, err)
			}
		}
		if o.fallback != "" && o.words != nil && !slices.Contains(o.words, o.fallback) {
			t.Errorf("--%s: the default %q is not among %v", o.name, o.fallback, o.words)
		}
	}
}
