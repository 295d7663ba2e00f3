// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
)

// failure is an address at which chronyd could not be read, and why.
type failure struct {
	target string
	err    error
	within time.Duration // the time it was given to answer
	// spare is true for the default Unix socket if root lacks the capabilities to use it.
	// Other users who may not use it aren't even asked for it, so it has no say.
	spare bool
}

// failures is the error of a check that got no report, with one failure for each
// address that was tried.
type failures []failure

// state returns the state that the failures mean: that of --unreachable if no chronyd
// answers, UNKNOWN if the plugin couldn't ask or couldn't understand the answer.
func (f failures) state(unreachable check.Status) check.Status {
	if f.unreachable() {
		return unreachable
	}
	return check.Unknown
}

// unreachable reports whether no chronyd answers at any of the addresses.
func (f failures) unreachable() bool {
	silent := false
	for _, one := range f {
		switch {
		case one.unreachable():
			silent = true
		case !one.spare && !errors.Is(one.err, chrony.ErrNotAsked):
			return false
		}
	}
	return silent
}

// Unwrap returns the errors of all addresses.
func (f failures) Unwrap() []error {
	var errs []error
	for _, one := range f {
		errs = append(errs, one.err)
	}
	return errs
}

// Error gives each cause once, with its addresses and a hint.
func (f failures) Error() string {
	var causes []cause
	at := make(map[cause][]string)
	within := make(map[cause]time.Duration)
	for _, failure := range f {
		c := failure.cause()
		if at[c] == nil {
			causes = append(causes, c)
		}
		at[c] = append(at[c], failure.target)
		within[c] += failure.within
	}
	var texts []string
	for _, c := range causes {
		texts = append(texts, "at "+check.List(at[c], "and", "addresses")+": "+c.text(within[c]))
	}
	what := "no answer from chronyd "
	if !f.unreachable() {
		what = "can't read chronyd "
	}
	return what + strings.Join(texts, ", ")
}

// cause is what went wrong at one or more addresses, with a hint.
type cause struct {
	what, hint string
	timed      bool // the time that was given belongs to the text
}

// text returns the cause with the time that its addresses were given in all. It is
// rounded to two digits, so that the text is the same at each check.
func (c cause) text(within time.Duration) string {
	text := c.what
	if c.timed {
		seconds, _ := strconv.ParseFloat(strconv.FormatFloat(within.Seconds(), 'g', 2, 64), 64)
		text += " within " + check.Seconds.Text(seconds)
	}
	if c.hint != "" {
		text += " (" + c.hint + ")"
	}
	return text
}

// unreachable reports whether the error means that no chronyd answers there.
func (f failure) unreachable() bool {
	if errors.As(f.err, new(*net.DNSError)) || errors.As(f.err, new(noAddressError)) {
		return true
	}
	known := []error{
		chrony.ErrNoReply, fs.ErrNotExist,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.EHOSTDOWN,
		syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT,
	}
	if !f.isSocket() {
		// For UDP these too mean that a router or a route forbids it. In order: ICMPv6
		// "administratively prohibited" and prohibit routes; blackhole routes; ICMP
		// "protocol unreachable", "source host isolated" and "parameter problem".
		known = append(known, syscall.EACCES, syscall.EINVAL, syscall.ENOPROTOOPT, syscall.ENONET, syscall.EPROTO)
	}
	return slices.ContainsFunc(known, func(target error) bool { return errors.Is(f.err, target) })
}

func (f failure) isSocket() bool { return cmdmon.IsSocketPath(f.target) }

// cause returns what went wrong at the address, with a hint.
func (f failure) cause() cause {
	var errno syscall.Errno
	var dns *net.DNSError
	var version *chrony.VersionError
	switch {
	case errors.As(f.err, &errno):
		return cause{what: errno.Error(), hint: f.hint()}
	case errors.As(f.err, &dns) && dns.IsTimeout:
		return cause{what: "name lookup timed out"}
	case errors.As(f.err, &dns):
		return cause{what: "name lookup failed: " + withoutLocalPort(dns.Err)}
	case errors.As(f.err, &version):
		return cause{what: version.Error()}
	case errors.Is(f.err, chrony.ErrNotAsked):
		return cause{what: chrony.ErrNotAsked.Error()}
	case errors.Is(f.err, chrony.ErrNoReply):
		return cause{what: chrony.ErrNoReply.Error(), hint: f.hint(), timed: true}
	}
	return cause{what: f.err.Error(), hint: f.hint()}
}

// withoutLocalPort removes this host's own address from Go's "read udp
// 192.0.2.1:43662->192.0.2.53:53: …", since its port is another one at each check.
func withoutLocalPort(text string) string {
	before, after, found := strings.Cut(text, "->")
	if !found {
		return text
	}
	return before[:strings.LastIndexByte(before, ' ')+1] + after
}

// hint returns advice for the operator; empty if there is none.
func (f failure) hint() string {
	switch {
	case errors.Is(f.err, chrony.ErrNoReply):
		// To chronyd only these two addresses are local.
		if ip, err := netip.ParseAddrPort(f.target); err == nil && ip.Addr().String() != "127.0.0.1" && ip.Addr().String() != "::1" {
			return `chronyd ignores hosts that "cmdallow" does not name, and other versions of its protocol`
		}
		return "does chronyd hang, or speak another version of its protocol?"
	case errors.Is(f.err, chrony.ErrNotAuthorised) && !f.isSocket():
		return `"opencommands" in chrony.conf does not name it, and the Unix socket is exempt`
	case errors.Is(f.err, syscall.EPERM) && f.isSocket():
		return "root needs the capabilities SETUID and SETGID to use it with the rights of its directory's owner"
	case errors.Is(f.err, fs.ErrPermission) && f.isSocket():
		return permissionHint()
	case errors.Is(f.err, syscall.ECONNREFUSED) && f.isSocket():
		return "is chronyd running? nobody listens on this socket"
	case errors.Is(f.err, syscall.ECONNREFUSED):
		return `is chronyd running? "cmdport 0" turns this port off`
	case errors.Is(f.err, fs.ErrNotExist):
		return "is chronyd running? it makes this socket"
	case errors.Is(f.err, syscall.EACCES):
		return "a route or a firewall prohibits it"
	case errors.Is(f.err, syscall.EPERM):
		return "this host's firewall or service manager forbids the plugin to ask"
	case errors.Is(f.err, syscall.EINVAL):
		return "is there a blackhole route?"
	}
	return ""
}

// permissionHint returns the hint for a user who is denied chronyd's Unix socket.
func permissionHint() string {
	switch enabled, _ := os.ReadFile("/sys/module/apparmor/parameters/enabled"); {
	case os.Geteuid() != 0:
		return "only root and chronyd's own user may use this socket: use -H 127.0.0.1, or sudo"
	case strings.HasPrefix(string(enabled), "Y"):
		return `if AppArmor denies it, chronyd's profile needs the rule "@{run}/chrony/** rw,"`
	default:
		return "the owner of its directory may not use it, and root uses it with that owner's rights"
	}
}
