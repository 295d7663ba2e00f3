// SPDX-License-Identifier: MIT

package client

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/threshold"
)

// Answer is what a chronyd reported.
type Answer struct {
	chrony.Report
	// Address is that of the chronyd that answered.
	Address cmdmon.Address
	// At is when the report was complete, by this host's clock.
	At time.Time
}

// Read queries the addresses of a host in turn and returns the first report. reports says
// which parts it has besides tracking and sources. The error is an [Error] if no address
// gave a report, and a [cmdmon.Interrupted] if a signal ended the check.
func Read(codec cmdmon.Codec, host Host, reports cmdmon.Reports, limit cmdmon.Limit, trace cmdmon.Trace) (Answer, error) {
	addresses, err := host.addresses(limit)
	if err != nil {
		return Answer{}, err
	}
	// Waiting for another host is cheaper with one thread at a time: with more, the
	// runtime keeps waking up to look for work. For this host, which answers at once, the
	// call would cost more than it saves.
	if !slices.ContainsFunc(addresses, cmdmon.Address.IsLocal) {
		runtime.GOMAXPROCS(1)
	}
	return readInTurn(codec, addresses, host.isThisHost(), reports, limit, trace)
}

// readInTurn gives each address an equal share of the time that is left.
//
// If all addresses lead to the same chronyd, a report that it refuses at one of them
// (opencommands) is requested at the next: the Unix socket is exempt.
func readInTurn(codec cmdmon.Codec, addresses []cmdmon.Address, oneChronyd bool, reports cmdmon.Reports, limit cmdmon.Limit, trace cmdmon.Trace) (Answer, error) {
	var failed Error
	var partial Answer // lacks a report that chronyd refused
	for i, address := range addresses {
		share := max(time.Until(limit.Deadline), 0) / time.Duration(len(addresses)-i)
		trace("%s: queried, with %s to answer", address, threshold.Seconds.Text(share.Seconds()))
		report, err := cmdmon.Read(codec, address, reports, cmdmon.Limit{Deadline: time.Now().Add(share), Context: limit.Context}, trace)
		answer := Answer{report, address, time.Now()}
		switch {
		case err == nil && oneChronyd && chrony.Refused(cmp.Or(report.SourcesErr, report.SelectDataErr)):
			partial = answer
			continue
		case err == nil:
			return answer, nil
		case errors.As(err, new(cmdmon.Interrupted)):
			return Answer{}, err
		}
		trace("%s: %v", address, err)
		optional := oneChronyd && address.IsSocket() // the user didn't name it
		if optional && isUnavailable(err) {
			continue
		}
		a := attempt{name: address.String(), address: address, err: err, share: share}
		a.optional = optional && errors.Is(err, syscall.EPERM)
		failed = append(failed, a)
		if !a.unreachable() && !errors.Is(err, fs.ErrPermission) && !(oneChronyd && chrony.Refused(err)) {
			break // chronyd answered, or the plugin itself failed
		}
	}
	if !partial.Address.IsZero() {
		return partial, nil
	}
	return Answer{}, failed
}

// isUnavailable reports whether the error means that the default Unix socket doesn't
// exist, or that this user may not use it: only root and chronyd's user may. The error
// message then leaves it out.
func isUnavailable(err error) bool {
	denied := errors.Is(err, syscall.EACCES) && os.Geteuid() != 0 && !errors.As(err, new(*cmdmon.UserError))
	return denied || errors.Is(err, fs.ErrNotExist)
}
