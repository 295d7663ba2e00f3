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
// where it has them.
type cli struct {
	Hostname  *string `short:"H" placeholder:"HOST" help:"Host whose chronyd is asked: name, IPv4 or IPv6 address, or the path of its Unix socket (starts with /). Default: this host, by the socket /run/chrony/chronyd.sock where this user may use it, else 127.0.0.1, then ::1." group:"chronyd"`
	Port      *port   `short:"p" placeholder:"323" help:"UDP port of chronyd's command protocol (323)." group:"chronyd"`
	IPv4      bool    `short:"4" name:"ipv4" xor:"family" help:"Use IPv4 only." group:"chronyd"`
	IPv6      bool    `short:"6" name:"ipv6" xor:"family" help:"Use IPv6 only." group:"chronyd"`
	Timeout   seconds `short:"t" default:"5s" help:"Time for everything, name lookup included: 5, 2.5s, 500ms." group:"chronyd"`
	Reader    string  `enum:"auto,libchrony,native" default:"auto" help:"What reads chronyd: libchrony, or our own native reader where it can't be loaded (auto)." group:"chronyd"`
	Libchrony string  `env:"CHECK_CHRONY_LIBCHRONY" placeholder:"FILE" help:"libchrony to load (libchrony.so.0). One that is named must load." group:"chronyd"`

	OffsetWarning          *check.Range  `short:"w" aliases:"warning" type:"signed seconds" default:"50ms" help:"Offset of the clock (system time); positive is slow. Also --warning, --critical." group:"thresholds"`
	OffsetCritical         *check.Range  `short:"c" aliases:"critical" type:"signed seconds" default:"100ms" group:"thresholds"`
	StratumWarning         *check.Range  `short:"W" type:"count" default:"1:9" help:"Stratum." group:"thresholds"`
	StratumCritical        *check.Range  `short:"C" type:"count" default:"1:15" group:"thresholds"`
	LeapWarning            check.LeapSet `default:"none" placeholder:"LIST" help:"Leap status: none, or a list of normal, insert, delete, unsynchronised (none)." group:"thresholds"`
	LeapCritical           check.LeapSet `default:"unsynchronised" placeholder:"LIST" help:"The same (unsynchronised)." group:"thresholds"`
	AgeWarning             *check.Range  `type:"seconds" default:"1h" help:"Time since the last sample of the source was processed." group:"thresholds"`
	AgeCritical            *check.Range  `type:"seconds" default:"24h" group:"thresholds"`
	SourcesWarning         *check.Range  `type:"count" placeholder:"RANGE" help:"Number of usable sources (selected or combined, and reachable): 2: wants two." group:"thresholds"`
	SourcesCritical        *check.Range  `type:"count" placeholder:"RANGE" group:"thresholds"`
	MaxErrorWarning        *check.Range  `type:"seconds" placeholder:"RANGE" help:"Bound of the clock's error: offset + root dispersion + root delay / 2." group:"thresholds"`
	MaxErrorCritical       *check.Range  `type:"seconds" placeholder:"RANGE" group:"thresholds"`
	RootDispersionWarning  *check.Range  `type:"seconds" placeholder:"RANGE" help:"Root dispersion." group:"thresholds"`
	RootDispersionCritical *check.Range  `type:"seconds" placeholder:"RANGE" group:"thresholds"`
	RootDelayWarning       *check.Range  `type:"seconds" placeholder:"RANGE" help:"Root delay." group:"thresholds"`
	RootDelayCritical      *check.Range  `type:"seconds" placeholder:"RANGE" group:"thresholds"`
	SkewWarning            *check.Range  `type:"ppm" placeholder:"RANGE" help:"Error bound of the frequency, in ppm." group:"thresholds"`
	SkewCritical           *check.Range  `type:"ppm" placeholder:"RANGE" group:"thresholds"`
	FrequencyWarning       *check.Range  `type:"signed ppm" placeholder:"RANGE" help:"Frequency of the uncorrected clock, in ppm; positive is fast." group:"thresholds"`
	FrequencyCritical      *check.Range  `type:"signed ppm" placeholder:"RANGE" group:"thresholds"`
	LastOffsetWarning      *check.Range  `type:"signed seconds" placeholder:"RANGE" help:"Offset at the last clock update." group:"thresholds"`
	LastOffsetCritical     *check.Range  `type:"signed seconds" placeholder:"RANGE" group:"thresholds"`
	RMSOffsetWarning       *check.Range  `name:"rms-offset-warning" type:"seconds" placeholder:"RANGE" help:"Long-term average of the offset." group:"thresholds"`
	RMSOffsetCritical      *check.Range  `name:"rms-offset-critical" type:"seconds" placeholder:"RANGE" group:"thresholds"`

	Unreachable         check.Status `default:"critical" help:"chronyd does not answer: refused, timed out, name not found." group:"states"`
	NoSources           check.Status `default:"warning" help:"No source is usable." group:"states"`
	LocalReference      check.Status `default:"warning" help:"chronyd follows its own \"local\" reference, that is nothing." group:"states"`
	ExpectReference     []string     `placeholder:"REF" help:"References of which one must be followed: addresses, names, or reference IDs (GPS, PPS, 8 hex digits)." group:"states"`
	UnexpectedReference check.Status `default:"warning" help:"Another reference is followed." group:"states"`
	Grace               *seconds     `placeholder:"DURATION" help:"Let a host that started less than this ago be unsynchronised and without sources (local checks)." group:"states"`

	Verbose int  `short:"v" type:"counter" help:"Show a table of all readings; twice: and how they were read; three times: and each datagram's fate."`
	Version bool `short:"V" help:"Show the version, the reader and the libchrony found."`
}

// errExited is parseCLI's error after it has printed the help.
var errExited = errors.New("help was printed")

// parseCLI reads the command line. It prints nothing: help is returned as text
// with errExited.
func parseCLI(args []string) (*cli, string, error) {
	var (
		c    cli
		help bytes.Buffer
	)
	parser, err := newParser(&c, &help)
	if err != nil {
		return nil, "", err
	}
	ctx, err := parser.Parse(args)
	if help.Len() > 0 { // kong parses on after it has printed the help
		return nil, help.String(), errExited
	}
	if err == nil {
		err = cmp.Or(validateOnce(ctx), c.validateHost(), c.validateReferences(), c.validateGrace())
	}
	return &c, "", err
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

func newParser(c *cli, help io.Writer) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("check_chrony"),
		kong.Description(description),
		kong.Writers(help, help),
		kong.Exit(func(int) {}),
		// -w -10ms:10ms
		kong.WithHyphenPrefixedParameters(true),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 80}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "chronyd", Title: "Which chronyd:"},
			{Key: "thresholds", Title: "Thresholds:", Description: thresholdsHelp},
			{Key: "states", Title: "States (ok, warning, critical, unknown) when:"},
		}),
		kong.NamedMapper("count", rangeMapper(check.Count, false)),
		kong.NamedMapper("seconds", rangeMapper(check.Seconds, false)),
		kong.NamedMapper("signed seconds", rangeMapper(check.Seconds, true)),
		kong.NamedMapper("ppm", rangeMapper(check.PPM, false)),
		kong.NamedMapper("signed ppm", rangeMapper(check.PPM, true)),
	)
}

const description = `Tells whether a host's clock is right, by what its chronyd reports.

Prints one line with performance data, and exits with 0 (OK), 1 (WARNING), 2 (CRITICAL) or 3 (UNKNOWN).`

const thresholdsHelp = `Ranges are [@][start:][end], inclusive, and alert outside (@: inside). Each end may have a unit: ns, us, ms, s, m, h, d, or ppm. A bare N means -N:N for offset, last offset and frequency, else 0:N.`

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

// rangeMapper reads a threshold range in the given unit.
func rangeMapper(unit check.Unit, signed bool) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		var text string
		if err := ctx.Scan.PopValueInto("range", &text); err != nil {
			return err
		}
		r, err := check.ParseRange(text, unit, signed)
		if err != nil {
			return err
		}
		target.Set(reflect.ValueOf(&r))
		return nil
	}
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
