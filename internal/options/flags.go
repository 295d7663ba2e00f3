// SPDX-License-Identifier: MIT

package options

import (
	"io"

	"github.com/alecthomas/kong"
)

// Flag describes an option, for the files that are generated from the command line.
type Flag struct {
	// Name is the long name without dashes, Short the letter or empty, and Aliases are
	// further long names.
	Name, Short string
	Aliases     []string
	// Group is the option's section of --help.
	Group Group
	// Help explains the option, without its default. A -critical option has the help of
	// its -warning.
	Help string
	// Default is the default as a user would type it; empty if there is none.
	Default string
	// Value names the value in capitals: RANGE, STATE, LIST, DURATION, HOST, PORT, FILE,
	// REF or READER. It is empty if the option takes none.
	Value string
	// Words lists the option's possible values, if there are only a few.
	Words []string
	// Counts is true if repeating the option increases its effect: -vvv.
	Counts bool
	// Repeats is true if the option may be given more than once.
	Repeats bool
	// Env is the environment variable that also sets the option.
	Env string
}

// Group is a section of --help.
type Group = kong.Group

// Flags returns all options in the order of --help. A -critical option follows its
// -warning.
func Flags() ([]Flag, error) {
	parser, err := newParser(new(Options), io.Discard)
	if err != nil {
		return nil, err
	}
	var flags []Flag
	for _, group := range groups() {
		for _, f := range parser.Model.Flags {
			if f.Group.Key != group.Key {
				continue
			}
			flag := Flag{
				Name: f.Name, Aliases: f.Aliases, Group: group, Help: f.Help, Default: f.Default,
				Counts: f.IsCounter(), Repeats: f.IsCounter() || f.IsSlice(),
			}
			if f.Short != 0 {
				flag.Short = string(f.Short)
			}
			if flag.Help == "" {
				flag.Help = flags[len(flags)-1].Help
			}
			if !f.IsBool() && !f.IsCounter() {
				flag.Value = f.FormatPlaceHolder()
			}
			flag.Words = map[string][]string{
				"STATE":  {"ok", "warning", "critical", "unknown"},
				"LIST":   {"none", "normal", "insert", "delete", "unsynchronised"},
				"READER": readers,
			}[flag.Value]
			if len(f.Envs) > 0 {
				flag.Env = f.Envs[0]
			}
			flags = append(flags, flag)
		}
	}
	return flags, nil
}
