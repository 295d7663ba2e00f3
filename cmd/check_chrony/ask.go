// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
)

// readFunc reads the chronyd at one address, as libchrony.Library.Read does.
type readFunc func(ctx context.Context, address string, trace chrony.Trace) (chrony.Report, error)

// failure is an address at which chronyd gave no report, and why.
type failure struct {
	target string
	err    error
	within time.Duration // the time that it was given
}

// failures is the error of a reading: one for each address that was tried.
type failures []failure

// ask reads the first chronyd that answers at one of the targets, and tells at
// which. Each gets an equal share of the time that is left.
func ask(ctx context.Context, read readFunc, targets []string, trace chrony.Trace) (chrony.Report, string, error) {
	// Where replies take long, one thread at a time will do. With more, the runtime's
	// monitor looks dozens of times into each wait for something that the others
	// could do meanwhile: up to a millisecond of CPU.
	if !slices.ContainsFunc(targets, isLocal) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	}

	var failed failures
	deadline, _ := ctx.Deadline()
	for i, target := range targets {
		within := max(time.Until(deadline), 0) / time.Duration(len(targets)-i)
		trace("%s: asked, with %s to answer", target, check.Seconds.Text(within.Seconds()))
		share := until(ctx, time.Now().Add(within))
		if strings.HasPrefix(target, "/") {
			share.Err() // the reader makes a socket in the file system: listen for signals
		}
		report, err := read(share, target, trace)
		share.end()
		if err == nil {
			return report, target, nil
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			return report, target, context.Cause(ctx)
		}
		trace("%s: %v", target, err)
		failed = append(failed, failure{target, err, within})
		if !unreachable(err) && !errors.Is(err, fs.ErrPermission) {
			break // chronyd answered, or the fault is ours
		}
	}
	return chrony.Report{}, "", failed
}

// state is the state that the failures mean: that of --unreachable where chronyd
// is silent or absent, and UNKNOWN where we could not ask or not understand.
func (f failures) state(silent check.Status) check.Status {
	if slices.ContainsFunc(f, func(f failure) bool { return !unreachable(f.err) }) {
		return check.Unknown
	}
	return silent
}

// Error names each cause with the addresses that it was met at, and a hint.
func (f failures) Error() string {
	var causes []string
	at := make(map[string][]string)
	for _, failure := range f {
		cause := failure.cause()
		if at[cause] == nil {
			causes = append(causes, cause)
		}
		at[cause] = append(at[cause], failure.target)
	}
	for i, cause := range causes {
		causes[i] = "at " + strings.Join(at[cause], " and ") + ": " + cause
	}
	what := "no answer from chronyd "
	if f.state(check.OK) != check.OK {
		what = "can't read chronyd "
	}
	return what + strings.Join(causes, ", ")
}

// cause is what went wrong at one address, and what may help.
func (f failure) cause() string {
	cause, hint := f.err.Error(), ""
	var errno syscall.Errno
	if errors.As(f.err, &errno) {
		cause = errno.Error()
	}
	socket := strings.HasPrefix(f.target, "/")
	var dns *net.DNSError
	switch {
	case errors.As(f.err, &dns):
		cause = "name lookup failed: " + dns.Err
		if dns.IsTimeout {
			cause = "name lookup timed out"
		}
	case errors.Is(f.err, os.ErrDeadlineExceeded):
		cause = "no reply within " + check.Seconds.Text(f.within.Seconds())
		hint = "does chronyd hang, or speak another version of its protocol?"
		// To chronyd only these two are local.
		if ip, err := netip.ParseAddrPort(f.target); err == nil && ip.Addr().String() != "127.0.0.1" && ip.Addr().String() != "::1" {
			hint = `chronyd ignores hosts that "cmdallow" does not name, and other versions of its protocol`
		}
	case errors.Is(f.err, fs.ErrPermission) && socket:
		hint = "only root and chronyd's own user may use this socket: use -H 127.0.0.1, or sudo"
	case errors.Is(f.err, syscall.ECONNREFUSED) && socket:
		hint = "is chronyd running? nobody listens on this socket"
	case errors.Is(f.err, syscall.ECONNREFUSED):
		hint = `is chronyd running? "cmdport 0" turns this port off`
	case errors.Is(f.err, fs.ErrNotExist):
		hint = "is chronyd running? it makes this socket"
	}
	if hint != "" {
		cause += " (" + hint + ")"
	}
	return cause
}

// unreachable tells whether an error means that no chronyd answers there.
func unreachable(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return true
	}
	return slices.ContainsFunc([]error{
		os.ErrDeadlineExceeded, fs.ErrNotExist,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.EHOSTDOWN,
		syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT,
	}, func(target error) bool { return errors.Is(err, target) })
}
