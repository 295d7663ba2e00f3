// SPDX-License-Identifier: MIT

// Command generate writes the files that follow from the command line: the man page, the
// completions, README's table, Icinga's arguments, Icinga Director's basket and the
// profiles. Its argument is the repository's root; the default is the current directory.
package main

import (
	"fmt"
	"os"
	"strings"

	"check_chrony/internal/options"
)

//go:generate go run . ../..

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 {
		if err := os.Chdir(args[0]); err != nil {
			return err
		}
	}
	files, err := generate()
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the texts of the files by name. It reads the parts that are written
// by hand from the current directory.
func generate() (map[string]string, error) {
	flags, err := options.Flags()
	if err != nil {
		return nil, err
	}
	var all []option
	for _, f := range flags {
		all = append(all, option{f})
	}
	files := map[string]string{
		completions + "check_chrony.bash": bashCompletion(all),
		completions + "_check_chrony":     zshCompletion(all),
		completions + "check_chrony.fish": fishCompletion(all),
		icingaDoc:                         icingaDocText(all),
		icingaProfiles:                    icingaProfilesText(),
		nagiosProfiles:                    nagiosProfilesText(),
		nrpeProfiles:                      nrpeProfilesText(),
	}
	if files[sensuProfiles], err = sensuProfilesText(); err != nil {
		return nil, err
	}
	for name, text := range map[string]func([]option) (string, error){
		manPage: manPageText, readme: readmeText, icingaCommand: icingaCommandText, directorBasket: directorBasketText,
	} {
		if files[name], err = text(all); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// option is a command line option, as the generators need it.
type option struct{ options.Flag }

// isCritical reports whether the option is the critical threshold to the warning
// threshold before it.
func (o option) isCritical() bool {
	return strings.HasSuffix(o.Name, "-critical")
}

// names returns all spellings of the option, the short one first.
func (o option) names() []string {
	var names []string
	if o.Short != "" {
		names = append(names, "-"+o.Short)
	}
	names = append(names, "--"+o.Name)
	for _, alias := range o.Aliases {
		names = append(names, "--"+alias)
	}
	return names
}

// title returns the help in a few words.
func (o option) title() string {
	text := o.Help
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

// replaceBetween returns the text of a file, with the part between begin and end
// replaced.
func replaceBetween(file, begin, end, with string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	head, rest, _ := strings.Cut(string(text), begin)
	_, tail, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("%s: no lines %q and %q", file, begin, end)
	}
	return head + begin + with + end + tail, nil
}
