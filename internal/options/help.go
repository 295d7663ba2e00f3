// SPDX-License-Identifier: MIT

package options

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Help is the error of [Parse] if the command line requests help. It is the help text.
type Help string

func (h Help) Error() string { return "help requested" }

// errHelp stops parsing at --help.
var errHelp = errors.New("help requested")

const helpDescription = `Check whether a host's clock is correct, by querying its chronyd.

Print one line with performance data, and exit with 0 (OK), 1 (WARNING), 2 (CRITICAL) or 3 (UNKNOWN).`

// groups returns the sections of --help, in order.
func groups() []kong.Group {
	return []kong.Group{
		{Key: "general", Title: "General:"},
		{Key: "chronyd", Title: "Which chronyd:"},
		{Key: "reference", Title: "Which reference:"},
		{Key: "thresholds", Title: "Thresholds:", Description: `RANGE is [@][start:][end], both ends included. Values outside the range alert or, with @, values inside it. Each end may have a unit: ns, us, ms, s, m, h, d, or ppm. A bare N means -N:N for offset, last offset and frequency, and 0:N for all others.`},
		{Key: "states", Title: "States:", Description: "STATE is ok, warning, critical or unknown."},
	}
}

// newParser returns the parser of the command line. It writes --help to out.
func newParser(o *Options, out io.Writer) (*kong.Kong, error) {
	return kong.New(o, append(mappers(),
		kong.Name("check_chrony"),
		kong.Description(helpDescription),
		kong.ExplicitGroups(groups()),
		kong.Writers(out, out),
		kong.NoDefaultHelp(),
		kong.Help(printHelp),
		kong.ConfigureHelp(kong.HelpOptions{NoAppSummary: true, WrapUpperBound: 80}),
		kong.ValueFormatter(helpText),
		// Values may begin with a hyphen: -w -10ms:10ms.
		kong.WithHyphenPrefixedParameters(true),
	)...)
}

// printHelp prints our own usage line, then kong's help. It implements
// [kong.HelpPrinter].
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if _, err := fmt.Fprintln(ctx.Stdout, "Usage: check_chrony [options]"); err != nil {
		return err
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// helpText returns the text of an option in --help. Only the first of a pair of thresholds
// is explained. It implements [kong.HelpValueFormatter].
func helpText(v *kong.Value) string {
	text := v.Help
	if text == "" {
		text = "Critical threshold for the same value."
	}
	if v.HasDefault {
		text += " Default: " + v.Default + "."
	}
	return text
}
