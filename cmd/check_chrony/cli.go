// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/alecthomas/kong"

	"check_chrony/internal/check"
)

// cli is the command line. Short options and their meaning are check_ntp_peer's
// where it has them; what each is about is in help.go.
type cli struct {
	usual
	seldom
}

// usual are the options that have defaults, or that most command lines have.
type usual struct {
	source `group:"chronyd"`
	limits `group:"thresholds"`
	states `group:"states"`

	Verbose int  `short:"v" type:"counter"`
	Version bool `short:"V"`
}

// source is which chronyd is asked, and how.
type source struct {
	Hostname  *string `short:"H" placeholder:"HOST"`
	Port      *port   `short:"p" placeholder:"323"`
	IPv4      bool    `short:"4" name:"ipv4" xor:"family"`
	IPv6      bool    `short:"6" name:"ipv6" xor:"family"`
	Timeout   seconds `short:"t" default:"5s"`
	Reader    string  `enum:"auto,libchrony,native" default:"auto"`
	Libchrony string  `env:"CHECK_CHRONY_LIBCHRONY" placeholder:"FILE"`
}

type limits struct {
	OffsetWarning   *check.Range  `short:"w" aliases:"warning" type:"signed seconds" default:"50ms"`
	OffsetCritical  *check.Range  `short:"c" aliases:"critical" type:"signed seconds" default:"100ms"`
	StratumWarning  *check.Range  `short:"W" type:"count" default:"1:9"`
	StratumCritical *check.Range  `short:"C" type:"count" default:"1:15"`
	LeapWarning     check.LeapSet `default:"none" placeholder:"LIST"`
	LeapCritical    check.LeapSet `default:"unsynchronised" placeholder:"LIST"`
	AgeWarning      *check.Range  `type:"seconds" default:"1h"`
	AgeCritical     *check.Range  `type:"seconds" default:"24h"`
}

// states are what it means when there is no figure to judge.
type states struct {
	Unreachable    check.Status `default:"critical"`
	NoSources      check.Status `default:"warning"`
	LocalReference check.Status `default:"warning"`
}

// seldom are the options that judge nothing unless they are given.
type seldom struct {
	moreLimits `group:"thresholds"`
	moreStates `group:"states"`
}

type moreLimits struct {
	SourcesWarning         *check.Range `type:"count"`
	SourcesCritical        *check.Range `type:"count"`
	MaxErrorWarning        *check.Range `type:"seconds"`
	MaxErrorCritical       *check.Range `type:"seconds"`
	RootDispersionWarning  *check.Range `type:"seconds"`
	RootDispersionCritical *check.Range `type:"seconds"`
	RootDelayWarning       *check.Range `type:"seconds"`
	RootDelayCritical      *check.Range `type:"seconds"`
	SkewWarning            *check.Range `type:"ppm"`
	SkewCritical           *check.Range `type:"ppm"`
	FrequencyWarning       *check.Range `type:"signed ppm"`
	FrequencyCritical      *check.Range `type:"signed ppm"`
	LastOffsetWarning      *check.Range `type:"signed seconds"`
	LastOffsetCritical     *check.Range `type:"signed seconds"`
	RMSOffsetWarning       *check.Range `name:"rms-offset-warning" type:"seconds"`
	RMSOffsetCritical      *check.Range `name:"rms-offset-critical" type:"seconds"`
}

type moreStates struct {
	ExpectReference     []string     `placeholder:"REF"`
	UnexpectedReference check.Status `default:"warning"`
	Grace               *seconds     `placeholder:"DURATION"`
}

// errExited is parseCLI's error after it has printed the help.
var errExited = errors.New("help was printed")

// parseCLI reads the command line. It prints nothing: help is returned as text
// with errExited.
//
// kong builds its options anew at each start, which takes longer than all that a
// check does besides. So the seldom ones are built only for arguments that can't
// be read without: whatever can be read means the same with them.
func parseCLI(args []string) (*cli, string, error) {
	c := new(cli)
	ctx, help, err := parse(&c.usual, args)
	if err != nil || help != "" {
		c = new(cli)
		ctx, help, err = parse(c, args)
	}
	if help != "" {
		return nil, help, errExited
	}
	if err == nil {
		err = cmp.Or(validateOnce(ctx), c.validateHost(), c.validateReferences(), c.validateGrace())
	}
	return c, "", err
}

// parse reads the command line into a struct of options; help is returned as text.
func parse(options any, args []string) (*kong.Context, string, error) {
	var help bytes.Buffer
	parser, err := newParser(options, &help)
	if err != nil {
		return nil, "", err
	}
	ctx, err := parser.Parse(args)
	return ctx, help.String(), err // kong parses on after it has printed the help
}

// validateOnce refuses an option that is given twice: kong takes the last one,
// and the threshold before it would be lost without a word.
func validateOnce(ctx *kong.Context) error {
	seen := make(map[*kong.Flag]bool)
	for _, p := range ctx.Path {
		if p.Flag == nil || p.Flag.IsCounter() || p.Flag.IsSlice() {
			continue
		}
		if seen[p.Flag] {
			return fmt.Errorf("--%s: is given twice", p.Flag.Name)
		}
		seen[p.Flag] = true
	}
	return nil
}

func newParser(options any, stdout io.Writer) (*kong.Kong, error) {
	parser, err := kong.New(options,
		kong.Name("check_chrony"),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) {}),
		// -w -10ms:10ms
		kong.WithHyphenPrefixedParameters(true),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 80}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "chronyd", Title: "Which chronyd:"},
			{Key: "thresholds", Title: "Thresholds:", Description: thresholdsHelp},
			{Key: "states", Title: "States (ok, warning, critical, unknown) when:"},
		}),
		kong.NamedMapper("count", rangeMapper{check.Count, false}),
		kong.NamedMapper("seconds", rangeMapper{check.Seconds, false}),
		kong.NamedMapper("signed seconds", rangeMapper{check.Seconds, true}),
		kong.NamedMapper("ppm", rangeMapper{check.PPM, false}),
		kong.NamedMapper("signed ppm", rangeMapper{check.PPM, true}),
	)
	if err != nil {
		return nil, err
	}
	setHelp(parser.Model)
	return parser, nil
}

// thresholds is what the command line asks to judge by.
func (c *cli) thresholds(expected []check.Reference) check.Thresholds {
	var grace time.Duration
	if c.Grace != nil {
		grace = time.Duration(*c.Grace)
	}
	return check.Thresholds{
		Offset:         check.Limits{Warning: c.OffsetWarning, Critical: c.OffsetCritical},
		Stratum:        check.Limits{Warning: c.StratumWarning, Critical: c.StratumCritical},
		Age:            check.Limits{Warning: c.AgeWarning, Critical: c.AgeCritical},
		Sources:        check.Limits{Warning: c.SourcesWarning, Critical: c.SourcesCritical},
		MaxError:       check.Limits{Warning: c.MaxErrorWarning, Critical: c.MaxErrorCritical},
		RootDispersion: check.Limits{Warning: c.RootDispersionWarning, Critical: c.RootDispersionCritical},
		RootDelay:      check.Limits{Warning: c.RootDelayWarning, Critical: c.RootDelayCritical},
		Skew:           check.Limits{Warning: c.SkewWarning, Critical: c.SkewCritical},
		Frequency:      check.Limits{Warning: c.FrequencyWarning, Critical: c.FrequencyCritical},
		LastOffset:     check.Limits{Warning: c.LastOffsetWarning, Critical: c.LastOffsetCritical},
		RMSOffset:      check.Limits{Warning: c.RMSOffsetWarning, Critical: c.RMSOffsetCritical},

		LeapWarning:  c.LeapWarning,
		LeapCritical: c.LeapCritical,

		Grace:               grace,
		NoSources:           c.NoSources,
		LocalReference:      c.LocalReference,
		ExpectReference:     expected,
		UnexpectedReference: c.UnexpectedReference,
	}
}

// rangeMapper reads a threshold range.
type rangeMapper struct {
	unit   check.Unit
	signed bool
}

// Decode implements [kong.Mapper].
func (m rangeMapper) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("range", &text); err != nil {
		return err
	}
	r, err := check.ParseRange(text, m.unit, m.signed)
	if err != nil {
		return err
	}
	target.Set(reflect.ValueOf(&r))
	return nil
}

// PlaceHolder implements [kong.PlaceHolderProvider].
func (rangeMapper) PlaceHolder(f *kong.Flag) string {
	return cmp.Or(f.Default, "RANGE")
}

// port is a UDP port.
type port uint16

func (p *port) UnmarshalText(text []byte) error {
	var n uint32
	for _, c := range text {
		if c < '0' || c > '9' || n > 65535 {
			n = 0
			break
		}
		n = n*10 + uint32(c-'0')
	}
	if n < 1 || n > 65535 {
		return fmt.Errorf("%+q is no UDP port (want 1 to 65535)", text)
	}
	*p = port(n)
	return nil
}

// seconds is a positive length of time.
type seconds time.Duration

func (s *seconds) UnmarshalText(text []byte) error {
	d, err := check.ParseDuration(string(text))
	*s = seconds(d)
	return err
}
