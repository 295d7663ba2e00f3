// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"check_chrony/internal/check"
)

// option is a command line option as its man page and completions need it.
type option struct {
	*kong.Flag
	// operand names what follows the option; empty if nothing does.
	operand string
	// words are all that the operand can be, if they are few.
	words []string
	// help is what the option is about. Those for critical have their warning's.
	help string
}

// flags are kong's model of all options, group by group as --help shows them.
func flags(t *testing.T) []*kong.Flag {
	t.Helper()
	parser, err := newParser(&cli{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	place := func(f *kong.Flag) int {
		switch {
		case f.Name == "help":
			return 0
		case f.Group == nil:
			return 4
		}
		return 1 + slices.Index([]string{"chronyd", "thresholds", "states"}, f.Group.Key)
	}
	return slices.SortedStableFunc(slices.Values(parser.Model.Flags), func(a, b *kong.Flag) int { return place(a) - place(b) })
}

// options are all options as their man page and completions need them.
func options(t *testing.T) []option {
	t.Helper()
	var all []option
	for _, f := range flags(t) {
		o := option{Flag: f, help: f.Help}
		if o.isCritical() {
			o.help = all[len(all)-1].help
		}
		if f.IsBool() || f.IsCounter() {
			all = append(all, o)
			continue
		}
		switch f.Target.Interface().(type) {
		case *check.Range:
			o.operand = "RANGE"
		case check.Status:
			o.operand, o.words = "STATE", []string{"ok", "warning", "critical", "unknown"}
		case check.LeapSet:
			o.operand, o.words = "LIST", []string{"none", "normal", "insert", "delete", "unsynchronised"}
		case *port:
			o.operand = "PORT"
		case seconds, *seconds:
			o.operand = "DURATION"
		default:
			o.operand = f.PlaceHolder
			if f.Enum != "" {
				o.operand, o.words = strings.ToUpper(f.Name), strings.Split(f.Enum, ",")
			}
			if o.operand == "" {
				t.Errorf("--%s: nothing to call its operand", f.Name)
			}
		}
		all = append(all, o)
	}
	return all
}

// isCritical tells whether the option is the one before it, but for critical.
func (o option) isCritical() bool {
	return strings.HasSuffix(o.Name, "-critical")
}

// names are all spellings of the option, the short one first.
func (o option) names() []string {
	var names []string
	if o.Short != 0 {
		names = append(names, "-"+string(o.Short))
	}
	names = append(names, "--"+o.Name)
	for _, alias := range o.Aliases {
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
	case strings.HasSuffix(o.Name, "-warning"):
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
			if _, _, err := parseCLI([]string{"--" + o.Name, word}); err != nil {
				t.Errorf("--%s %s: %v", o.Name, word, err)
			}
		}
		if o.HasDefault && o.words != nil && !slices.Contains(o.words, o.Default) {
			t.Errorf("--%s: the default %q is not among %v", o.Name, o.Default, o.words)
		}
	}
}
