// SPDX-License-Identifier: MIT

// Package options parses the command line: it has one struct, the parsers of its values,
// and --help. It is the only importer of kong. No other package parses an option again;
// only names remain to be looked up.
package options

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/threshold"
)

// Options is the command line. Short options mean the same as in check_ntp_peer, where it
// has them. --help lists the options of each group in the order of the fields. mappers.go
// parses their values.
type Options struct {
	Help    bool `short:"h" type:"help" group:"general" help:"Show this help."`
	Verbose int  `short:"v" type:"counter" group:"general" help:"Show all readings. -vv adds how they were obtained, -vvv every datagram."`
	Version bool `short:"V" group:"general" help:"Show the version and the reader that would be used."`

	Hostname string `short:"H" placeholder:"HOST" group:"chronyd" help:"Host to check: a name, an address, or the path of chronyd's Unix socket. Default: 127.0.0.1, ::1, then /run/chrony/chronyd.sock if this user may use it."`
	// Address is Hostname, parsed; zero if it is empty or a name.
	Address   cmdmon.Address `kong:"-"`
	Port      uint16         `short:"p" type:"port" group:"chronyd" help:"chronyd's command port (UDP). Default: 323."`
	IPv4      bool           `short:"4" name:"ipv4" xor:"family" group:"chronyd" help:"Use IPv4 only."`
	IPv6      bool           `short:"6" name:"ipv6" xor:"family" group:"chronyd" help:"Use IPv6 only."`
	Timeout   time.Duration  `short:"t" default:"5s" group:"chronyd" help:"Time limit for the whole check, name lookups included."`
	Reader    string         `type:"reader" default:"auto" group:"chronyd" help:"How to read chronyd: libchrony, native (the built-in reader), or auto (libchrony if it can be loaded, otherwise native)."`
	Libchrony string         `env:"CHECK_CHRONY_LIBCHRONY" placeholder:"FILE" group:"chronyd" help:"Library to load instead of libchrony.so.0. There is no fallback. Also set by ${env}."`

	References []check.Reference `name:"expect-reference" type:"references" placeholder:"REF" group:"reference" help:"The clock must follow one of these: addresses, names, or reference IDs (GPS, PPS, 8 hex digits), separated by commas. Pool names do not work: their addresses change."`

	thresholds `group:"thresholds"`

	Unreachable check.Status `default:"critical" group:"states" help:"State when no chronyd answers: connection refused, no reply, or name not found."`
}

// thresholds are the options that [check.Thresholds] is made of.
type thresholds struct {
	OffsetWarning          *threshold.Range `short:"w" aliases:"warning" type:"signed seconds" default:"50ms" help:"Offset of the clock (chronyc's System time), positive if it is slow. Also --warning, --critical."`
	OffsetCritical         *threshold.Range `short:"c" aliases:"critical" type:"signed seconds" default:"100ms"`
	StratumWarning         *threshold.Range `short:"W" type:"count" default:"1:9" help:"Stratum."`
	StratumCritical        *threshold.Range `short:"C" type:"count" default:"1:15"`
	LeapWarning            check.LeapSet    `default:"none" help:"Leap statuses that alert: none, or a list of normal, insert, delete, unsynchronised."`
	LeapCritical           check.LeapSet    `default:"unsynchronised"`
	AgeWarning             *threshold.Range `type:"seconds" default:"1h" help:"Time since the last update from a source. The defaults are raised to nine polling intervals if those are longer."`
	AgeCritical            *threshold.Range `type:"seconds" default:"24h"`
	SourcesWarning         *threshold.Range `type:"count" help:"Number of usable sources. \"2:\" alerts below two."`
	SourcesCritical        *threshold.Range `type:"count"`
	ReachableWarning       *threshold.Range `type:"count" help:"Number of sources that answered one of their last eight polls."`
	ReachableCritical      *threshold.Range `type:"count"`
	FalsetickersWarning    *threshold.Range `type:"count" help:"Number of sources that disagree with the majority. \"0\" alerts at the first."`
	FalsetickersCritical   *threshold.Range `type:"count"`
	DisagreeingWarning     *threshold.Range `type:"count" default:"0" help:"Number of reachable sources whose last sample, less its error, puts the clock outside --offset-warning. \"0:\" never alerts."`
	DisagreeingCritical    *threshold.Range `type:"count"`
	AuthenticatedWarning   *threshold.Range `type:"count" help:"Number of usable sources that are authenticated (NTS or a key), or reference clocks. \"1:\" alerts below one. Needs chrony 4.0 and the Unix socket, or \"opencommands\"."`
	AuthenticatedCritical  *threshold.Range `type:"count"`
	MaxErrorWarning        *threshold.Range `type:"seconds" default:"600ms" help:"Upper bound on the clock's error: absolute offset + root dispersion + root delay / 2."`
	MaxErrorCritical       *threshold.Range `type:"seconds" default:"2s"`
	RootDispersionWarning  *threshold.Range `type:"seconds" help:"Error bound accumulated on the path to the reference clock."`
	RootDispersionCritical *threshold.Range `type:"seconds"`
	RootDelayWarning       *threshold.Range `type:"seconds" help:"Network delay on the path to the reference clock."`
	RootDelayCritical      *threshold.Range `type:"seconds"`
	SkewWarning            *threshold.Range `type:"ppm" help:"Error bound on the frequency, in ppm."`
	SkewCritical           *threshold.Range `type:"ppm"`
	FrequencyWarning       *threshold.Range `type:"signed ppm" help:"Frequency error of the uncorrected clock in ppm, positive if it runs fast."`
	FrequencyCritical      *threshold.Range `type:"signed ppm"`
	LastOffsetWarning      *threshold.Range `type:"signed seconds" help:"Offset at the last update of the clock, positive if it was fast."`
	LastOffsetCritical     *threshold.Range `type:"signed seconds"`
	RMSOffsetWarning       *threshold.Range `name:"rms-offset-warning" type:"seconds" help:"Long-term average of the offset."`
	RMSOffsetCritical      *threshold.Range `name:"rms-offset-critical" type:"seconds"`

	NoSources           check.Status  `default:"warning" group:"states" help:"State when no source has been usable for --no-sources-after."`
	NoSourcesAfter      time.Duration `type:"delay" default:"15m" group:"states" help:"How long the clock may go without a usable source. 0 alerts at once."`
	LocalReference      check.Status  `default:"warning" group:"states" help:"State when chronyd serves its own clock (local mode) and follows no source."`
	UnexpectedReference check.Status  `default:"warning" group:"reference" help:"State when the clock follows another reference."`

	Grace time.Duration `type:"delay" group:"states" help:"Accept an unsynchronised clock, missing sources, local mode or an unknown max error until this host has been up this long."`
}

// Parse parses the command line. It prints nothing: if the command line requests help, the
// error is [Help].
func Parse(args []string) (*Options, error) {
	o := new(Options)
	var help strings.Builder
	parser, err := newParser(o, &help)
	if err != nil {
		return nil, err // a mistake in the tags of Options
	}
	_, err = parser.Parse(args)
	var stopped *kong.ParseError
	if errors.Is(err, errHelp) && errors.As(err, &stopped) {
		// Writing to a strings.Builder doesn't fail.
		_ = stopped.Context.PrintUsage(false)
		return nil, Help(help.String())
	}
	if err != nil {
		return nil, rewordError(err)
	}
	return o, nil
}

// Validate checks what the parser of a single value can't: that options are compatible,
// and that none is empty or given twice by mistake. kong calls it.
func (o *Options) Validate(ctx *kong.Context) error {
	given := make(map[string]bool)
	for _, path := range ctx.Path {
		switch f := path.Flag; {
		case f == nil: // the program itself
		case given[f.Name] && !f.IsCounter() && !f.IsSlice():
			// kong would use the last one and silently drop the threshold before it.
			return fmt.Errorf("--%s: given more than once", f.Name)
		case f.Target.Kind() == reflect.String && f.Target.Len() == 0:
			return fmt.Errorf("--%s: must not be empty", f.Name)
		default:
			given[f.Name] = true
			if r, ok := f.Target.Interface().(*threshold.Range); ok {
				r.Given = true
			}
		}
	}
	if o.LeapCritical != 0 && !o.LeapWarning.Has(chrony.LeapNotSynchronised) {
		// --leap-critical=insert adds an alarm. An unsynchronised clock still isn't OK.
		o.LeapCritical |= check.NewLeapSet(chrony.LeapNotSynchronised)
	}
	err := cmp.Or(o.parseHost(), o.validateGrace())
	if err == nil && slices.Contains(ctx.Args, "--") {
		err = errors.New("unexpected argument --") // in kong's words: see rewordError
	}
	return err
}

// rewordError rewords kong's errors. It quotes the argument, and drops suggestions that
// don't help: kong suggests every short option for a wrong one.
func rewordError(err error) error {
	if text, ok := strings.CutPrefix(err.Error(), "unexpected argument "); ok {
		return fmt.Errorf("unexpected argument %+q", text)
	}
	text, ok := strings.CutPrefix(err.Error(), "unknown flag ")
	if !ok {
		return err
	}
	const maxSuggestions = 4
	name, suggestions, _ := strings.Cut(text, ", did you mean ")
	if quotes := strings.Count(suggestions, `"`); quotes == 0 || quotes > 2*maxSuggestions || !strings.HasPrefix(name, "--") {
		return fmt.Errorf("unknown option %+q", name)
	}
	return fmt.Errorf("unknown option %+q, did you mean %s", name, suggestions)
}

// Thresholds returns what the clock is judged by.
func (o *Options) Thresholds() check.Thresholds {
	t := o.thresholds
	return check.Thresholds{
		Offset:      threshold.Limits{Warning: t.OffsetWarning, Critical: t.OffsetCritical},
		Stratum:     threshold.Limits{Warning: t.StratumWarning, Critical: t.StratumCritical},
		LeapWarning: t.LeapWarning, LeapCritical: t.LeapCritical,
		Age:            threshold.Limits{Warning: t.AgeWarning, Critical: t.AgeCritical},
		Sources:        threshold.Limits{Warning: t.SourcesWarning, Critical: t.SourcesCritical},
		Reachable:      threshold.Limits{Warning: t.ReachableWarning, Critical: t.ReachableCritical},
		Falsetickers:   threshold.Limits{Warning: t.FalsetickersWarning, Critical: t.FalsetickersCritical},
		Disagreeing:    threshold.Limits{Warning: t.DisagreeingWarning, Critical: t.DisagreeingCritical},
		Authenticated:  threshold.Limits{Warning: t.AuthenticatedWarning, Critical: t.AuthenticatedCritical},
		MaxError:       threshold.Limits{Warning: t.MaxErrorWarning, Critical: t.MaxErrorCritical},
		RootDispersion: threshold.Limits{Warning: t.RootDispersionWarning, Critical: t.RootDispersionCritical},
		RootDelay:      threshold.Limits{Warning: t.RootDelayWarning, Critical: t.RootDelayCritical},
		Skew:           threshold.Limits{Warning: t.SkewWarning, Critical: t.SkewCritical},
		Frequency:      threshold.Limits{Warning: t.FrequencyWarning, Critical: t.FrequencyCritical},
		LastOffset:     threshold.Limits{Warning: t.LastOffsetWarning, Critical: t.LastOffsetCritical},
		RMSOffset:      threshold.Limits{Warning: t.RMSOffsetWarning, Critical: t.RMSOffsetCritical},
		NoSources:      t.NoSources, NoSourcesAfter: t.NoSourcesAfter, LocalReference: t.LocalReference,
		ExpectReference: o.References, UnexpectedReference: t.UnexpectedReference, Grace: t.Grace,
	}
}
