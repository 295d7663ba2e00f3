// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"check_chrony/internal/check"
	"check_chrony/internal/client"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/options"
	"check_chrony/internal/output"
	"check_chrony/internal/threshold"
)

// openFunc opens the codec that --reader and --libchrony select: [client.OpenCodec].
type openFunc func(name, library string, limit cmdmon.Limit) (client.Codec, error)

// run does the whole check: it parses the arguments, queries chronyd, judges the answer,
// prints the result and returns the exit code.
func run(args []string, out io.Writer, open openFunc) (code int) {
	start := time.Now()
	// Go exits with 2 on a panic: monitoring would show CRITICAL, with no text.
	defer func() {
		if p := recover(); p != nil {
			code = output.Write(out, check.Failure(check.Unknown, fmt.Sprintf("internal error: %v", p)), nil)
		}
	}()

	o, err := options.Parse(args)
	var help options.Help
	switch {
	case errors.As(err, &help):
		return output.WriteText(out, strings.Split(strings.TrimSuffix(string(help), "\n"), "\n"))
	case err != nil:
		return output.Write(out, check.Failure(check.Unknown, err.Error()+" (see --help)"), nil)
	}
	var sigs signals
	limit := cmdmon.Limit{Deadline: start.Add(o.Timeout), Context: sigs.context}
	if w, ok := out.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = w.SetWriteDeadline(limit.Deadline) // stdout's never fails
	}

	codec, err := open(o.Reader, o.Libchrony, limit)
	if o.Version {
		sigs.restore()
		return output.WriteText(out, versionLines(codec, err))
	}
	if err != nil {
		sigs.restore()
		return output.Write(out, check.Failure(check.Unknown, err.Error()), nil)
	}
	datagrams := trace{start: start, enabled: o.Verbose >= 3}
	answer, result := readAndJudge(o, codec, limit, &datagrams)
	// From here on a signal kills the process, even if it is writing to a full pipe.
	sigs.restore()
	result.Metrics = append(result.Metrics, check.Metric{Label: "time", Value: time.Since(start).Seconds(), Unit: threshold.Seconds})
	return output.Write(out, result, details(o.Verbose, codec, answer, result, datagrams.text()))
}

// readAndJudge reads chronyd's report and judges it. If there is none, the result says why.
func readAndJudge(o *options.Options, codec client.Codec, limit cmdmon.Limit, datagrams *trace) (client.Answer, check.Result) {
	host := client.Host{Name: o.Hostname, Address: o.Address, Network: o.Network(), Port: o.Port}
	thresholds := o.Thresholds()
	reports := cmdmon.Reports{SelectData: thresholds.JudgesAuthenticated()}
	answer, err := client.Read(codec, host, reports, limit, datagrams.add)
	var none client.Error
	if errors.As(err, &none) && none.Unreachable() {
		return answer, check.Failure(o.Unreachable, err.Error())
	}
	readings := check.Readings{Report: answer.Report, Now: answer.At, SameClock: answer.Address.IsLocal()}
	if err == nil && o.Grace > 0 {
		readings.Uptime, err = client.Uptime()
	}
	if err == nil {
		readings.Names, err = lookUp(thresholds.NamesToLookUp(answer.Tracking), limit)
	}
	if err != nil {
		return client.Answer{}, check.Failure(check.Unknown, err.Error())
	}
	return answer, check.Evaluate(readings, thresholds)
}

// lookUp returns what DNS says of the names. The error is a [cmdmon.Interrupted].
func lookUp(names []string, limit cmdmon.Limit) (map[string]check.Name, error) {
	found := make(map[string]check.Name, len(names))
	for _, name := range names {
		addresses, err := client.LookUp("ip", name, limit)
		if errors.As(err, new(cmdmon.Interrupted)) {
			return nil, err
		}
		found[name] = check.Name{Addresses: addresses, Unresolved: err != nil && !client.IsNotFound(err)}
	}
	return found, nil
}

// details returns the lines that -v, -vv and -vvv add.
func details(verbose int, codec client.Codec, answer client.Answer, result check.Result, datagrams []string) []string {
	answered := !answer.Address.IsZero()
	var lines []string
	if verbose >= 1 && answered {
		lines = output.Subchecks(result)
		if len(answer.Sources) > 0 {
			lines = append(append(lines, ""), output.Sources(answer.Report, result.Disagreeing)...)
		}
	}
	if verbose >= 2 {
		lines = append(lines, "", "reader: "+codec.String())
		if answered {
			at := "chronyd: " + answer.Address.String()
			if answer.Address.IsSocket() { // root was given up for it
				at += fmt.Sprintf(" (as user %d)", os.Geteuid())
			}
			lines = append(lines, at)
		}
	}
	return append(lines, datagrams...)
}
