// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"strings"
	"testing"

	"check_chrony/internal/options"
)

// TestGenerate checks that the files made from the command line are up to date: the man
// page, the completions, README's table, Icinga's arguments, Icinga Director's basket
// and the profiles. "make generate" runs it with -u, which writes them.
func TestGenerate(t *testing.T) {
	all := allOptions(t)
	for file, want := range map[string]string{
		manPage:                           manPageText(t, all),
		completions + "check_chrony.bash": bashCompletion(all),
		completions + "_check_chrony":     zshCompletion(all),
		completions + "check_chrony.fish": fishCompletion(all),
		readme:                            readmeText(t, all),
		icingaCommand:                     icingaCommandText(t, all),
		icingaDoc:                         icingaDocText(all),
		directorBasket:                    directorBasketText(t, all),
		icingaProfiles:                    icingaProfilesText(),
		nagiosProfiles:                    nagiosProfilesText(),
		nrpeProfiles:                      nrpeProfilesText(),
	} {
		got, err := os.ReadFile(file)
		switch {
		case *update:
			err = os.WriteFile(file, []byte(want), 0o644)
		case string(got) != want:
			t.Errorf("%s differs from the command line; make generate writes:\n%s", file, want)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// option is a command line option as the generators need it.
type option struct {
	// name is the long name without dashes, short the letter or empty, and aliases
	// are further long names.
	name, short string
	aliases     []string
	// group is the key of the option's group: see groups.
	group string
	// help explains the option in one or more sentences that don't give the default. A
	// -critical option has the help of its -warning.
	help string
	// fallback is the default as it would be typed; empty if there is none.
	fallback string
	// operand names the value in capitals: RANGE, STATE, LIST, DURATION, HOST, PORT,
	// FILE, REF or READER. It is empty if the option takes none.
	operand string
	// words are all values that the operand can have, if there are only a few.
	words []string
	// counts is true if giving the option more than once has more effect: -vvv.
	counts bool
	// repeats is true if the option may be given more than once.
	repeats bool
	// variable is the environment variable that stands in for the option.
	variable string
}

// allOptions returns all options in the order of --help, from kong's model of cli.
// A -critical option follows its -warning.
func allOptions(t *testing.T) []option {
	t.Helper()
	flags, err := options.Flags()
	if err != nil {
		t.Fatal(err)
	}
	var all []option
	for _, f := range flags {
		all = append(all, option{f.Name, f.Short, f.Aliases, f.Group.Key, f.Help, f.Default, f.Value, f.Words, f.Counts, f.Repeats, f.Env})
	}
	return all
}

// isCritical reports whether the option is the critical threshold to the warning
// threshold before it.
func (o option) isCritical() bool {
	return strings.HasSuffix(o.name, "-critical")
}

// names returns all spellings of the option, the short one first.
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

// title returns the help in a few words.
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

// replaceBetween returns the text of a file, with the part between begin and end
// replaced.
func replaceBetween(t *testing.T, file, begin, end, with string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), begin)
	_, tail, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s: no lines %q and %q", file, begin, end)
	}
	return head + begin + with + end + tail
}
