// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"check_chrony/internal/check"
)

// libchronyVariable stands in for --libchrony.
const libchronyVariable = "CHECK_CHRONY_LIBCHRONY"

// cli is what the command line says, each option checked alone and with the others.
type cli struct {
	Hostname   string // empty: this host
	Port       uint16 // 0: not given
	IPv4, IPv6 bool
	Timeout    time.Duration
	Reader     string
	Libchrony  string // empty: the system's

	// Thresholds, but for ExpectReference, which may need a name lookup.
	check.Thresholds
	Unreachable check.Status
	References  []string

	Verbose int
	Version bool
}

// errExited is parseCLI's error where the command line asks for the help.
var errExited = errors.New("help is asked for")

// parseCLI reads the command line. It prints nothing: help is returned as text
// with errExited.
func parseCLI(args []string) (*cli, string, error) {
	c := new(cli)
	groups := c.options()
	all := pflag.NewFlagSet("check_chrony", pflag.ContinueOnError)
	all.SetNormalizeFunc(canonical)
	for _, g := range groups {
		all.AddFlagSet(g.FlagSet)
	}
	err := all.ParseAll(args, func(f *pflag.Flag, text string) error {
		switch {
		case f.NoOptDefVal != "" && text != f.NoOptDefVal:
			return fmt.Errorf("--%s: %+q (takes no value)", f.Name, text)
		case f.Name == "help":
			return pflag.ErrHelp
		case f.Changed && !repeatable(f.Name):
			// The threshold before it would be lost without a word.
			return fmt.Errorf("--%s: is given twice", f.Name)
		}
		return all.Set(f.Name, text)
	})
	if errors.Is(err, pflag.ErrHelp) {
		return nil, help(groups), errExited
	}
	c.Libchrony = cmp.Or(c.Libchrony, os.Getenv(libchronyVariable))
	return c, "", cmp.Or(clearer(err), validateArguments(args, all.Args()), c.validateFamily(),
		c.validateHost(), c.validateReferences(), c.validateGrace())
}

// canonical is the name of an option that goes by two.
func canonical(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "warning", "critical":
		name = "offset-" + name
	}
	return pflag.NormalizedName(name)
}

// repeatable tells of the options that may be given more than once.
func repeatable(name string) bool {
	return name == "verbose" || name == "expect-reference"
}

// clearer is pflag's error in this plugin's words: the option, what was given for
// it, and what would be right.
func clearer(err error) error {
	var (
		invalid *pflag.InvalidValueError
		missing *pflag.ValueRequiredError
		unknown *pflag.NotExistError
		syntax  *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &invalid):
		return fmt.Errorf("--%s: %w", invalid.GetFlag().Name, invalid.Unwrap())
	case errors.As(err, &missing):
		return fmt.Errorf("--%s: needs a value", missing.GetFlag().Name)
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return fmt.Errorf("unknown option in %+q", "-"+unknown.GetSpecifiedShortnames())
	case errors.As(err, &unknown):
		return fmt.Errorf("unknown option %+q", "--"+unknown.GetSpecifiedName())
	case errors.As(err, &syntax):
		return fmt.Errorf("unknown option %+q", syntax.GetSpecifiedFlag())
	}
	return err
}

// validateArguments refuses what is no option.
func validateArguments(args, rest []string) error {
	for _, arg := range args {
		// pflag leaves -test.v to go test, behind other short options, too.
		if strings.HasPrefix(arg, "-") && strings.HasPrefix(strings.TrimLeft(arg, "-hvV46"), "test.") {
			rest = append(rest, arg)
		}
	}
	if len(rest) > 0 {
		return fmt.Errorf("unexpected argument %+q", rest[0])
	}
	return nil
}

func (c *cli) validateFamily() error {
	if c.IPv4 && c.IPv6 {
		return errors.New("--ipv4 and --ipv6 can't be used together")
	}
	return nil
}
