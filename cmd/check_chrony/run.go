// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/output"
)

// run does the whole check: it parses the arguments, asks chronyd, judges the
// answer, prints the result and returns the exit code.
func run(args []string, out io.Writer, load loadFunc) (code int) {
	start := time.Now()
	// Go exits with 2 on a panic: monitoring would show CRITICAL, with no text.
	defer func() {
		if p := recover(); p != nil {
			code = output.Write(out, check.Failed(check.Unknown, fmt.Sprintf("internal error: %v", p)), nil)
		}
	}()

	options, help, err := parseCLI(args)
	switch {
	case errors.Is(err, errHelp):
		return output.Plain(out, strings.Split(strings.TrimSuffix(help, "\n"), "\n"))
	case err != nil:
		return output.Write(out, check.Failed(check.Unknown, err.Error()+" (see --help)"), nil)
	}
	until := start.Add(options.Timeout)
	if w, ok := out.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = w.SetWriteDeadline(until) // stdout's never fails
	}

	var sigs signals
	if options.Version {
		lines := version(load, options, cmdmon.Wait{Until: until, Ended: sigs.ended})
		sigs.restore()
		return output.Plain(out, lines)
	}
	datagrams := trace{start: start}
	answer, err := options.ask(load, until, &sigs, &datagrams)
	// From here on a signal kills the process: a full pipe that nobody reads must not
	// keep it alive.
	sigs.restore()
	result := options.evaluate(answer, err)
	if answer.reader != nil { // without a reader nothing was asked
		result.Metrics = append(result.Metrics, check.Metric{Label: "time", Value: time.Since(start).Seconds(), Unit: check.Seconds})
	}
	return output.Write(out, result, options.details(result, answer, datagrams.text()))
}

// evaluate returns the result of a check: the answer judged by the thresholds, or the
// state and text for the error.
func (c *cli) evaluate(a answer, err error) check.Result {
	var failed failures
	switch {
	case errors.As(err, &failed):
		return check.Failed(failed.state(c.Unreachable), err.Error())
	case err != nil:
		return check.Failed(check.Unknown, err.Error())
	}
	th := check.Thresholds(c.thresholds)
	th.ExpectReference = a.expected
	return check.Evaluate(a.Readings, th)
}

// details returns the lines that -v, -vv and -vvv add.
func (c *cli) details(result check.Result, a answer, datagrams []string) []string {
	var lines []string
	if c.Verbose >= 1 && a.target != "" {
		lines = output.Subchecks(result)
		if len(a.Sources) > 0 {
			lines = append(append(lines, ""), output.Sources(a.Sources)...)
		}
	}
	if c.Verbose >= 2 && a.reader != nil {
		lines = append(lines, "", "reader: "+a.reader.String())
		if a.target != "" {
			lines = append(lines, "chronyd: "+a.target)
		}
	}
	if c.Verbose >= 3 {
		lines = append(lines, datagrams...)
	}
	return lines
}
