// SPDX-License-Identifier: MIT

package main

import (
	"encoding"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"check_chrony/internal/check"
)

// group is some of the options, under a title of --help.
type group struct {
	title, text string
	*pflag.FlagSet
}

// options are the options, which write into c. Short ones and their meaning are
// check_ntp_peer's where it has them.
func (c *cli) options() []group {
	general := newGroup("Options:", "")
	general.BoolP("help", "h", false, "Show this help.")
	general.VarPF((*counter)(&c.Verbose), "verbose", "v", "Show a table of all readings; twice: and how they were read; three times: and each datagram's fate.").NoOptDefVal = "true"
	general.BoolVarP(&c.Version, "version", "V", false, "Show the version, the reader and the libchrony found.")

	chronyd := newGroup("Which chronyd:", "")
	chronyd.add("hostname", "H", "HOST", "", "Host whose chronyd is asked: name, IPv4 or IPv6 address, or the path of its Unix socket (starts with /). Default: this host, by the socket "+defaultSocket+" where this user may use it, else 127.0.0.1, then ::1.", nameInto(&c.Hostname))
	chronyd.add("port", "p", "PORT", "", "UDP port of chronyd's command protocol (323).", c.setPort)
	chronyd.BoolVarP(&c.IPv4, "ipv4", "4", false, "Use IPv4 only.")
	chronyd.BoolVarP(&c.IPv6, "ipv6", "6", false, "Use IPv6 only.")
	chronyd.add("timeout", "t", "DURATION", "5s", "Time for everything, name lookup included: 5, 2.5s, 500ms.", durationInto(&c.Timeout))
	chronyd.add("reader", "", "READER", "auto", "What reads chronyd: libchrony, native (our own), or auto: the native one where libchrony can't be loaded.", c.setReader)
	chronyd.add("libchrony", "", "FILE", "", "libchrony to load (libchrony.so.0). One that is named must load. Also by the variable "+libchronyVariable+".", nameInto(&c.Libchrony))

	const signed, unsigned = true, false
	thresholds := newGroup("Thresholds:", thresholdsHelp)
	thresholds.limits(&c.OffsetWarning, &c.OffsetCritical, "offset", "wc", check.Seconds, signed, "50ms", "100ms", "Offset of the clock (system time); positive is slow. Also --warning, --critical.")
	thresholds.limits(&c.StratumWarning, &c.StratumCritical, "stratum", "WC", check.Count, unsigned, "1:9", "1:15", "Stratum.")
	thresholds.add("leap-warning", "", "LIST", "none", "Leap status: none, or a list of normal, insert, delete, unsynchronised.", textInto(&c.LeapWarning))
	thresholds.add("leap-critical", "", "LIST", "unsynchronised", forCritical, textInto(&c.LeapCritical))
	thresholds.limits(&c.AgeWarning, &c.AgeCritical, "age", "", check.Seconds, unsigned, "1h", "24h", "Time since the last sample of the source was processed.")
	thresholds.limits(&c.SourcesWarning, &c.SourcesCritical, "sources", "", check.Count, unsigned, "", "", "Number of usable sources (selected or combined, and reachable): 2: wants two.")
	thresholds.limits(&c.MaxErrorWarning, &c.MaxErrorCritical, "max-error", "", check.Seconds, unsigned, "", "", "Bound of the clock's error: offset + root dispersion + root delay / 2.")
	thresholds.limits(&c.RootDispersionWarning, &c.RootDispersionCritical, "root-dispersion", "", check.Seconds, unsigned, "", "", "Root dispersion.")
	thresholds.limits(&c.RootDelayWarning, &c.RootDelayCritical, "root-delay", "", check.Seconds, unsigned, "", "", "Root delay.")
	thresholds.limits(&c.SkewWarning, &c.SkewCritical, "skew", "", check.PPM, unsigned, "", "", "Error bound of the frequency, in ppm.")
	thresholds.limits(&c.FrequencyWarning, &c.FrequencyCritical, "frequency", "", check.PPM, signed, "", "", "Frequency of the uncorrected clock, in ppm; positive is fast.")
	thresholds.limits(&c.LastOffsetWarning, &c.LastOffsetCritical, "last-offset", "", check.Seconds, signed, "", "", "Offset at the last clock update.")
	thresholds.limits(&c.RMSOffsetWarning, &c.RMSOffsetCritical, "rms-offset", "", check.Seconds, unsigned, "", "", "Long-term average of the offset.")

	states := newGroup("States (ok, warning, critical, unknown) when:", "")
	states.add("unreachable", "", "STATE", "critical", "chronyd does not answer: refused, timed out, name not found.", textInto(&c.Unreachable))
	states.add("no-sources", "", "STATE", "warning", "No source is usable.", textInto(&c.NoSources))
	states.add("local-reference", "", "STATE", "warning", `chronyd follows its own "local" reference, that is nothing.`, textInto(&c.LocalReference))
	states.add("expect-reference", "", "REF", "", "References of which one must be followed, with commas between: addresses, names, or reference IDs (GPS, PPS, 8 hex digits).", c.addReferences)
	states.add("unexpected-reference", "", "STATE", "warning", "Another reference is followed.", textInto(&c.UnexpectedReference))
	states.add("grace", "", "DURATION", "", "Let a host that started less than this ago be unsynchronised and without sources (local checks).", durationInto(&c.Grace))

	return []group{general, chronyd, thresholds, states}
}

const thresholdsHelp = `  Ranges are [@][start:][end], inclusive, and alert outside (@: inside). Each
  end may have a unit: ns, us, ms, s, m, h, d, or ppm. A bare N means -N:N for
  offset, last offset and frequency, else 0:N.

`

// forCritical explains the second option of two.
const forCritical = "The same, for CRITICAL."

// help is the text of --help.
func help(groups []group) string {
	var b strings.Builder
	b.WriteString(`Usage: check_chrony [options]

Tells whether a host's clock is right, by what its chronyd reports.

Prints one line with performance data, and exits with 0 (OK), 1 (WARNING),
2 (CRITICAL) or 3 (UNKNOWN).
`)
	for _, g := range groups {
		b.WriteString("\n" + g.title + "\n" + g.text + g.FlagUsagesWrapped(80))
	}
	return b.String()
}

func newGroup(title, text string) group {
	g := group{title, text, pflag.NewFlagSet(title, pflag.ContinueOnError)}
	g.SortFlags = false
	return g
}

// operand is the value of an option that a function of ours reads. It implements
// [pflag.Value].
type operand struct {
	name string // in --help
	text string // as it was given, or the default
	read func(text string) error
}

func (o *operand) Type() string   { return o.name }
func (o *operand) String() string { return o.text }

func (o *operand) Set(text string) error {
	o.text = text
	return o.read(text)
}

// counter is the value of a switch that is given more than once. It implements
// [pflag.Value].
type counter int

func (c *counter) Type() string   { return "bool" } // --help shows no operand
func (c *counter) String() string { return strconv.Itoa(int(*c)) }

func (c *counter) Set(string) error {
	*c++
	return nil
}

// add adds an option with an operand. A default is read as if it were given.
func (g group) add(name, short, operandName, fallback, usage string, read func(text string) error) {
	o := &operand{name: operandName, read: read}
	if fallback != "" {
		if err := o.Set(fallback); err != nil {
			panic(fmt.Sprintf("--%s: its default: %v", name, err))
		}
	}
	g.VarP(o, name, short, usage)
}

// limits adds the two options of a figure, of which only the first is explained.
// shorts are their short names, or empty.
func (g group) limits(w, c **check.Range, name, shorts string, unit check.Unit, signed bool, warning, critical, usage string) {
	into := func(r **check.Range) func(string) error {
		return func(text string) error {
			parsed, err := check.ParseRange(text, unit, signed)
			if err == nil {
				*r = &parsed
			}
			return err
		}
	}
	var shortWarning, shortCritical string
	if shorts != "" {
		shortWarning, shortCritical = shorts[:1], shorts[1:]
	}
	g.add(name+"-warning", shortWarning, "RANGE", warning, usage, into(w))
	g.add(name+"-critical", shortCritical, "RANGE", critical, forCritical, into(c))
}

// textInto reads with a type that reads itself.
func textInto(into encoding.TextUnmarshaler) func(string) error {
	return func(text string) error { return into.UnmarshalText([]byte(text)) }
}

func durationInto(into *time.Duration) func(string) error {
	return func(text string) (err error) {
		*into, err = check.ParseDuration(text)
		return err
	}
}

// nameInto takes any text but none, which stands for an option that isn't given.
func nameInto(into *string) func(string) error {
	return func(text string) error {
		if text == "" {
			return errors.New(`"" is empty`)
		}
		*into = text
		return nil
	}
}

func (c *cli) setPort(text string) error {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return fmt.Errorf("%+q is not a UDP port (want 1 to 65535)", text)
	}
	c.Port = uint16(port)
	return nil
}

func (c *cli) setReader(text string) error {
	if !slices.Contains([]string{"auto", "libchrony", "native"}, text) {
		return fmt.Errorf("%+q is not a reader (want auto, libchrony or native)", text)
	}
	c.Reader = text
	return nil
}

func (c *cli) addReferences(text string) error {
	c.References = append(c.References, strings.Split(text, ",")...)
	return nil
}
