// SPDX-License-Identifier: MIT

package main

import "github.com/alecthomas/kong"

const description = `Tells whether a host's clock is right, by what its chronyd reports.

Prints one line with performance data, and exits with 0 (OK), 1 (WARNING), 2 (CRITICAL) or 3 (UNKNOWN).`

const thresholdsHelp = `Ranges are [@][start:][end], inclusive, and alert outside (@: inside). Each end may have a unit: ns, us, ms, s, m, h, d, or ppm. A bare N means -N:N for offset, last offset and frequency, else 0:N.`

// setHelp says what the command line and its options are about. It is not in the
// tags of cli: kong parses those by the letter, and looks for variables in all
// texts it is given, at each start; that is a third of its work.
func setHelp(model *kong.Application) {
	model.Help = description
	for _, f := range model.Flags {
		if text := optionHelp(f.Name); text != "" {
			f.Help = text
		}
	}
}

// optionHelp is what an option is about. Those for critical share their warning's.
func optionHelp(name string) string {
	switch name {
	case "hostname":
		return "Host whose chronyd is asked: name, IPv4 or IPv6 address, or the path of its Unix socket (starts with /). Default: this host, by the socket /run/chrony/chronyd.sock where this user may use it, else 127.0.0.1, then ::1."
	case "port":
		return "UDP port of chronyd's command protocol (323)."
	case "ipv4":
		return "Use IPv4 only."
	case "ipv6":
		return "Use IPv6 only."
	case "timeout":
		return "Time for everything, name lookup included: 5, 2.5s, 500ms."
	case "reader":
		return "What reads chronyd: libchrony, or our own native reader where it can't be loaded (auto)."
	case "libchrony":
		return "libchrony to load (libchrony.so.0). One that is named must load."
	case "offset-warning":
		return "Offset of the clock (system time); positive is slow. Also --warning, --critical."
	case "stratum-warning":
		return "Stratum."
	case "leap-warning":
		return "Leap status: none, or a list of normal, insert, delete, unsynchronised (none)."
	case "leap-critical":
		return "The same (unsynchronised)."
	case "age-warning":
		return "Time since the last sample of the source was processed."
	case "sources-warning":
		return "Number of usable sources (selected or combined, and reachable): 2: wants two."
	case "max-error-warning":
		return "Bound of the clock's error: offset + root dispersion + root delay / 2."
	case "root-dispersion-warning":
		return "Root dispersion."
	case "root-delay-warning":
		return "Root delay."
	case "skew-warning":
		return "Error bound of the frequency, in ppm."
	case "frequency-warning":
		return "Frequency of the uncorrected clock, in ppm; positive is fast."
	case "last-offset-warning":
		return "Offset at the last clock update."
	case "rms-offset-warning":
		return "Long-term average of the offset."
	case "unreachable":
		return "chronyd does not answer: refused, timed out, name not found."
	case "no-sources":
		return "No source is usable."
	case "local-reference":
		return `chronyd follows its own "local" reference, that is nothing.`
	case "expect-reference":
		return "References of which one must be followed: addresses, names, or reference IDs (GPS, PPS, 8 hex digits)."
	case "unexpected-reference":
		return "Another reference is followed."
	case "grace":
		return "Let a host that started less than this ago be unsynchronised and without sources (local checks)."
	case "verbose":
		return "Show a table of all readings; twice: and how they were read; three times: and each datagram's fate."
	case "version":
		return "Show the version, the reader and the libchrony found."
	}
	return ""
}
