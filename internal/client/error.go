// SPDX-License-Identifier: MIT

package client

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/threshold"
)

// Error is the error of a query that got no report: one attempt for each address. Its
// text gives each cause once, with its addresses and a hint.
type Error []attempt

// attempt is an address at which chronyd could not be read, or a name that could not be
// looked up, and why.
type attempt struct {
	name    string         // of the host, or the address as text
	address cmdmon.Address // zero for a name
	err     error
	share   time.Duration // how long it was given to answer
	// optional is true for the default Unix socket if root lacks the capabilities to use
	// it. It doesn't count in Unreachable.
	optional bool
}

// Unreachable reports whether no chronyd answers at any of the addresses. Otherwise the
// plugin couldn't query one, or couldn't understand the answer.
func (e Error) Unreachable() bool {
	unreachable := false
	for _, a := range e {
		switch {
		case a.unreachable():
			unreachable = true
		case !a.optional && !errors.Is(a.err, chrony.ErrNotAsked):
			return false
		}
	}
	return unreachable
}

// Unwrap returns the errors of all attempts.
func (e Error) Unwrap() []error {
	var errs []error
	for _, a := range e {
		errs = append(errs, a.err)
	}
	return errs
}

func (e Error) Error() string {
	var reasons []reason
	names := make(map[reason][]string)
	share := make(map[reason]time.Duration)
	for _, a := range e {
		r := a.reason()
		if names[r] == nil {
			reasons = append(reasons, r)
		}
		names[r] = append(names[r], a.name)
		share[r] += a.share
	}
	var texts []string
	for _, r := range reasons {
		texts = append(texts, "at "+threshold.JoinWords(names[r], "and", "addresses")+": "+r.text(share[r]))
	}
	if e.Unreachable() {
		return "no answer from chronyd " + strings.Join(texts, ", ")
	}
	return "can't read chronyd " + strings.Join(texts, ", ")
}

// reason is why one or more attempts failed, with a hint.
type reason struct {
	cause, hint string
	timed       bool // text says how long the addresses were given to answer
}

// text returns the reason. share is how long its addresses were given in all: it is
// rounded to two digits, so that the text is the same at each check.
func (r reason) text(share time.Duration) string {
	text := r.cause
	if r.timed {
		seconds, _ := strconv.ParseFloat(strconv.FormatFloat(share.Seconds(), 'g', 2, 64), 64)
		text += " within " + threshold.Seconds.Text(seconds)
	}
	if r.hint != "" {
		text += " (" + r.hint + ")"
	}
	return text
}

// unreachable reports whether the error means that no chronyd answers at the address.
func (a attempt) unreachable() bool {
	if errors.As(a.err, new(*net.DNSError)) || IsNotFound(a.err) {
		return true
	}
	known := []error{
		chrony.ErrNoReply, fs.ErrNotExist,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.EHOSTDOWN,
		syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT, syscall.ENOTSOCK,
	}
	if !a.address.IsSocket() {
		// For UDP, these also mean that the network rejects the request. In order: ICMPv6
		// "administratively prohibited" and prohibit routes; blackhole routes; ICMP
		// "protocol unreachable" and "parameter problem".
		known = append(known, syscall.EACCES, syscall.EINVAL, syscall.ENOPROTOOPT, syscall.EPROTO)
	}
	return slices.ContainsFunc(known, func(target error) bool { return errors.Is(a.err, target) })
}

// reason returns why the attempt failed, with a hint.
func (a attempt) reason() reason {
	var errno syscall.Errno
	var dns *net.DNSError
	var version *chrony.VersionError
	switch {
	case errors.Is(a.err, syscall.ENOTSOCK):
		return reason{cause: "it is not a socket"}
	case errors.As(a.err, &errno):
		return reason{cause: errno.Error(), hint: a.hint()}
	case errors.As(a.err, &dns) && dns.IsTimeout:
		return reason{cause: "name lookup timed out"}
	case errors.As(a.err, &dns):
		return reason{cause: "name lookup failed: " + withoutLocalPort(dns.Err)}
	case errors.As(a.err, &version):
		return reason{cause: version.Error()}
	case errors.Is(a.err, chrony.ErrNotAsked):
		return reason{cause: chrony.ErrNotAsked.Error()}
	case errors.Is(a.err, chrony.ErrNoReply):
		return reason{cause: chrony.ErrNoReply.Error(), hint: a.hint(), timed: true}
	}
	return reason{cause: a.err.Error(), hint: a.hint()}
}

// withoutLocalPort removes this host's own address from Go's "read udp
// 192.0.2.1:43662->192.0.2.53:53: …", since its port differs from check to check.
func withoutLocalPort(text string) string {
	before, after, found := strings.Cut(text, "->")
	if !found {
		return text
	}
	return before[:strings.LastIndexByte(before, ' ')+1] + after
}

// hint returns advice for the operator; empty if there is none.
func (a attempt) hint() string {
	socket := a.address.IsSocket()
	var moved *cmdmon.PathError
	switch {
	case errors.As(a.err, &moved):
		return "chronyd created it as " + moved.Path + " and can't reply elsewhere: mount its directory at that path"
	case errors.Is(a.err, chrony.ErrNoReply) && !a.address.IsAllowed():
		return `chronyd ignores hosts that "cmdallow" does not name, and other protocol versions`
	case errors.Is(a.err, chrony.ErrNoReply) && socket:
		return "is chronyd hung, or does it speak another protocol version?"
	case errors.Is(a.err, chrony.ErrNoReply):
		return "is chronyd hung, does it speak another protocol version, or is another program using its port?"
	case errors.Is(a.err, chrony.ErrNotAuthorised) && !socket:
		return chrony.OpenCommandsHint("tracking")
	case errors.Is(a.err, syscall.EPERM) && socket:
		return "root needs the capabilities SETUID and SETGID to use it as the owner of its directory"
	case errors.Is(a.err, fs.ErrPermission) && socket:
		return permissionHint(a.err)
	case errors.Is(a.err, syscall.EROFS) && socket:
		return "the plugin creates a socket of its own beside chronyd's: mount the directory writable"
	case errors.Is(a.err, syscall.ECONNREFUSED) && socket:
		return "is chronyd running? nothing is listening on it"
	case errors.Is(a.err, syscall.ECONNREFUSED) && !a.address.IsAllowed():
		return `is chronyd running? without "bindcmdaddress" it listens on loopback only, and -p selects another port`
	case errors.Is(a.err, syscall.ECONNREFUSED):
		return `is chronyd running? "cmdport 0" disables this port, -p selects another, and a container needs the host's network`
	case errors.Is(a.err, fs.ErrNotExist):
		return "is chronyd running? chronyd creates it at start"
	case errors.Is(a.err, syscall.EACCES):
		return "a route or a firewall prohibits it"
	case errors.Is(a.err, syscall.EPERM):
		return "blocked by this host's firewall or service sandbox"
	}
	return ""
}

// permissionHint returns the hint for a user without access to chronyd's Unix socket. The
// user may be root, which uses the socket as another user.
func permissionHint(err error) string {
	const become = ": become one of them (sudo, runAsUser), or use -H 127.0.0.1 in the host's network"
	user := os.Geteuid() != 0 && !errors.As(err, new(*cmdmon.UserError))
	var owner *cmdmon.OwnerError
	switch enabled, _ := os.ReadFile("/sys/module/apparmor/parameters/enabled"); {
	case user && errors.As(err, &owner) && owner.UID != 0:
		return fmt.Sprintf("only root and user %d, who owns its directory, may use it", owner.UID) + become
	case user:
		return "only root and chronyd's own user may use it" + become
	case strings.HasPrefix(string(enabled), "Y"):
		return `if AppArmor denies it, chronyd's profile needs the rule "@{run}/chrony/** rw,"`
	default:
		return "as root, the plugin uses the socket as the owner of its directory, who has no access"
	}
}
