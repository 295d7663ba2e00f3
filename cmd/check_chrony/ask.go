// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"io/fs"
	"runtime"
	"slices"
	"syscall"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
)

// answer holds what chronyd reported, and what is needed to judge it.
type answer struct {
	check.Readings
	// target is the address of the chronyd that answered; empty if none did.
	target string
	// reader is the reader used; nil if none could be loaded.
	reader reader
	// expected holds the references of --expect-reference, with names looked up.
	expected []check.Reference
}

// ask looks up chronyd's addresses and reads its report. The error is [failures] if no
// chronyd could be read, and [interrupted] if a signal came.
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
	// One thread at a time is enough while waiting for another host. With more, the
	// runtime's monitor wakes up dozens of times in each wait to look for work for the
	// others. This host answers at once, so setting it would cost more than it saves.
	if !slices.ContainsFunc(targets, isLocal) {
		runtime.GOMAXPROCS(1)
	}
	// Without -H all targets lead to the same chronyd.
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
// target. Each target gets an equal share of the time that is left.
//
// If the targets all lead to the same chronyd, a report that it refuses at one of them
// (opencommands) is asked for at the next: the Unix socket is exempt.
func askInTurn(codec cmdmon.Codec, targets []string, oneChronyd bool, wait cmdmon.Wait, trace cmdmon.Trace) (report chrony.Report, at string, err error) {
	var failed failures
	for i, target := range targets {
		within := max(time.Until(wait.Until), 0) / time.Duration(len(targets)-i)
		trace("%s: asked, with %s to answer", target, check.Seconds.Text(within.Seconds()))
		share := cmdmon.Wait{Until: time.Now().Add(within), Ended: wait.Ended}
		found, err := cmdmon.Read(codec, target, share, trace)
		switch {
		case err == nil && oneChronyd && chrony.Refused(found.SourcesErr):
			report, at = found, target // better than nothing
			continue
		case err == nil:
			return found, target, nil
		}
		if errors.As(err, new(interrupted)) {
			return chrony.Report{}, "", err
		}
		trace("%s: %v", target, err)
		f := failure{target: target, err: err, within: within}
		f.spare = oneChronyd && f.isSocket() && errors.Is(err, syscall.EPERM)
		failed = append(failed, f)
		if !f.unreachable() && !errors.Is(err, fs.ErrPermission) && !(oneChronyd && chrony.Refused(err)) {
			break // chronyd answered, or the fault is ours
		}
	}
	if at != "" {
		return report, at, nil
	}
	return report, "", failed
}
