// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"io/fs"
	"runtime"
	"slices"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
)

// answer is what a chronyd reported, and what is needed to judge it.
type answer struct {
	check.Readings
	// target is the address of the chronyd that answered; empty if none did.
	target string
	// reader is what read it; nil if none could be loaded.
	reader reader
	// expected is what --expect-reference lists, with names looked up.
	expected []check.Reference
}

// ask finds the addresses of chronyd and reads it. The error is [failures] where no
// chronyd could be read, and [interrupted] where a signal came.
func (c *cli) ask(load loadFunc, until time.Time, sigs *signals, datagrams *trace) (a answer, err error) {
	wait := cmdmon.Wait{Until: until, Ended: sigs.ended}
	if a.reader, err = load(c.Reader, c.Libchrony, wait); err != nil {
		return a, err
	}
	dns := resolver{sigs, until}
	targets, err := c.targets(dns)
	if err != nil {
		return a, err
	}
	note := func(string, ...any) {}
	if c.Verbose >= 3 {
		note = datagrams.add
	}
	// While another host is waited for, one thread at a time will do. With more, the
	// runtime's monitor looks dozens of times into each wait for work that the others
	// could do. This host answers at once, and setting it would cost more.
	if !slices.ContainsFunc(targets, isLocal) {
		runtime.GOMAXPROCS(1)
	}
	// Without -H all targets are the same chronyd.
	if a.Report, a.target, err = askInTurn(a.reader, targets, c.Hostname == "", wait, note); err != nil {
		return a, err
	}
	a.Now, a.Local = time.Now(), isLocal(a.target)
	if c.Grace > 0 {
		if a.Uptime, err = uptime(); err != nil {
			return a, err
		}
	}
	a.expected, err = c.expected(dns, a.Tracking)
	return a, err
}

// askInTurn queries the targets in turn and returns the first report and its
// target. Each gets an equal share of the time that is left.
//
// Where the targets are one chronyd, what it refuses at one (opencommands) is asked
// at the next: the Unix socket is exempt.
func askInTurn(codec cmdmon.Codec, targets []string, same bool, wait cmdmon.Wait, trace cmdmon.Trace) (report chrony.Report, at string, err error) {
	var failed failures
	for i, target := range targets {
		within := max(time.Until(wait.Until), 0) / time.Duration(len(targets)-i)
		trace("%s: asked, with %s to answer", target, check.Seconds.Text(within.Seconds()))
		share := cmdmon.Wait{Until: time.Now().Add(within), Ended: wait.Ended}
		found, err := cmdmon.Read(codec, target, share, trace)
		switch {
		case err == nil && same && chrony.Refused(found.SourcesErr):
			report, at = found, target // better than nothing
			continue
		case err == nil:
			return found, target, nil
		}
		if errors.As(err, new(interrupted)) {
			return chrony.Report{}, "", err
		}
		trace("%s: %v", target, err)
		f := failure{target, err, within}
		failed = append(failed, f)
		if !f.unreachable() && !errors.Is(err, fs.ErrPermission) && !(same && chrony.Refused(err)) {
			break // chronyd answered, or the fault is ours
		}
	}
	if at != "" {
		return report, at, nil
	}
	return report, "", failed
}
