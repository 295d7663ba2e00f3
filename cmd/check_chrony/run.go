// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/chrony"
	"check_chrony/internal/output"
)

// run is the whole check: it parses the arguments, reads chronyd, judges the
// readings, prints the result and returns the exit code.
func run(args []string, stdout io.Writer, load loadFunc) (code int) {
	start := time.Now()
	// A panic would exit with 2, which monitoring takes for CRITICAL, without a text.
	defer func() {
		if p := recover(); p != nil {
			code = output.Write(stdout, check.Failed(check.Unknown, fmt.Sprintf("internal error: %v", p)), nil)
		}
	}()
	// Written to a closed pipe, the result is lost: an error, not a sudden death.
	signal.Ignore(syscall.SIGPIPE)

	options, help, err := parseCLI(args)
	switch {
	case errors.Is(err, errExited):
		io.WriteString(stdout, help)
		return int(check.Unknown)
	case err != nil:
		return output.Write(stdout, check.Failed(check.Unknown, err.Error()+" (see --help)"), nil)
	case options.Version:
		io.WriteString(stdout, version(load, options))
		return int(check.Unknown)
	}

	var interrupted signals
	defer interrupted.end()
	ctx := until(&interrupted, start.Add(options.Timeout))
	defer ctx.end()
	result, details := options.check(ctx, load, start)
	return output.Write(stdout, result, details)
}

// check reads and judges, and returns what to print.
func (c *cli) check(ctx context.Context, load loadFunc, start time.Time) (check.Result, []string) {
	events := events{start: start}
	trace := func(string, ...any) {}
	if c.Verbose >= 3 {
		trace = events.add
	}

	read, reader, err := load(c.Reader, c.Libchrony)
	if err != nil {
		return check.Failed(check.Unknown, err.Error()), nil
	}
	report, target, err := c.ask(ctx, read, trace)
	var (
		result  check.Result
		failed  failures
		details []string
	)
	switch {
	case err == nil:
		readings := check.Readings{Report: report, Now: time.Now(), Local: isLocal(target)}
		if c.Grace > 0 {
			if readings.Uptime, err = uptime(); err != nil {
				return check.Failed(check.Unknown, "--grace: "+err.Error()), nil
			}
		}
		thresholds := c.Thresholds
		thresholds.ExpectReference = c.expected(ctx, report.Tracking)
		result = check.Evaluate(readings, thresholds)
	case errors.As(err, &failed):
		result = check.Failed(failed.state(c.Unreachable), err.Error())
	default:
		result = check.Failed(check.Unknown, "ended early: "+err.Error())
	}
	result.Metrics = append(result.Metrics, check.Metric{Label: "time", Value: time.Since(start).Seconds(), Unit: check.Seconds})

	if c.Verbose >= 1 && err == nil {
		details = output.Subchecks(result)
		if len(report.Sources) > 0 {
			details = append(append(details, ""), output.Sources(report.Sources)...)
		}
	}
	if c.Verbose >= 2 {
		details = append(details, "", "reader: "+reader)
		if err == nil {
			details = append(details, "chronyd: "+target)
		}
	}
	return result, append(details, events.lines()...)
}

// ask finds the addresses of chronyd and reads it.
func (c *cli) ask(ctx context.Context, read readFunc, trace chrony.Trace) (chrony.Report, string, error) {
	targets, err := c.targets(ctx)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return chrony.Report{}, "", context.Cause(ctx)
	}
	if err != nil {
		return chrony.Report{}, "", failures{{target: c.Hostname, err: err}}
	}
	return ask(ctx, read, targets, trace)
}
