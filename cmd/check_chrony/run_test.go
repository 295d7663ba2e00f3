// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/client"
	"check_chrony/internal/cmdmon"
)

// answering is a reader that returns a fixed report or error, without a chronyd.
type answering struct {
	report chrony.Report
	err    error
}

func (a answering) String() string { return "the test's reader" }

func (a answering) Tracking(cmdmon.RoundTrip) (chrony.Tracking, error) {
	return a.report.Tracking, a.err
}

func (a answering) Activity(cmdmon.RoundTrip) (chrony.Activity, error) {
	return *cmp.Or(a.report.Activity, &chrony.Activity{}), nil
}

func (a answering) SelectData(_ cmdmon.RoundTrip, i uint32) (chrony.SelectData, error) {
	return a.report.SelectData[i], nil
}

func (a answering) NumberSources(cmdmon.RoundTrip) (uint32, error) {
	return uint32(len(a.report.Sources)), a.report.SourcesErr
}

func (a answering) Source(_ cmdmon.RoundTrip, index uint32) (chrony.Source, error) {
	return a.report.Sources[index], nil
}

// panicking panics in the middle of a check.
type panicking struct{ answering }

func (panicking) Tracking(cmdmon.RoundTrip) (chrony.Tracking, error) { panic("index | out of range") }

// runWith runs the plugin in this process with the given reader.
func runWith(codec client.Codec, args ...string) (string, int) {
	var out strings.Builder
	code := run(args, &out, func(string, string, cmdmon.Limit) (client.Codec, error) { return codec, nil })
	return out.String(), code
}

func TestAPanicIsUnknown(t *testing.T) {
	out, code := runWith(panicking{})
	if want := "CHRONY UNKNOWN: internal error: index ? out of range\n"; out != want || code != 3 {
		t.Errorf("got %d, %q; want %q", code, out, want)
	}
}

// The state for each error: that of --unreachable if no chronyd answers, and UNKNOWN if
// the plugin couldn't ask or couldn't understand the answer.
func TestStatesOfErrors(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
		text string
	}{
		{chrony.ErrNoReply, 1, "no answer from chronyd at 127.0.0.1:323: no reply within 5s (is chronyd hung, does it speak another protocol version, or is another program using its port?)"},
		{&chrony.VersionError{Version: 5}, 1, "no answer from chronyd at 127.0.0.1:323: chronyd speaks protocol version 5, but this plugin needs 6"},
		{syscall.ECONNREFUSED, 1, "no answer from chronyd at 127.0.0.1:323: connection refused ("},
		{syscall.EHOSTUNREACH, 1, "no answer from chronyd at 127.0.0.1:323: no route to host"},
		{syscall.EACCES, 1, "no answer from chronyd at 127.0.0.1:323: permission denied (a route or a firewall prohibits it)"},
		{syscall.EPROTO, 1, "no answer from chronyd at 127.0.0.1:323: protocol error"},
		{syscall.EINVAL, 1, "no answer from chronyd at 127.0.0.1:323: invalid argument | "},
		{chrony.ErrNotAuthorised, 3, `can't read chronyd at 127.0.0.1:323: tracking report: refused by chronyd (add "tracking" to "opencommands" in chrony.conf, or`},
		{fmt.Errorf("%w: stratum 200", chrony.ErrInvalidReply), 3, "can't read chronyd at 127.0.0.1:323: tracking report: invalid reply: stratum 200"},
		{chrony.ErrServerTooNew, 3, "can't read chronyd at 127.0.0.1:323: tracking report: chronyd is too new for this plugin"},
		{syscall.EPERM, 3, "can't read chronyd at 127.0.0.1:323: operation not permitted"},
		{syscall.EMFILE, 3, "can't read chronyd at 127.0.0.1:323: too many open files"},
		{errors.New("libchrony: Failed to allocate memory"), 3, "can't read chronyd at 127.0.0.1:323: tracking report: libchrony: Failed to allocate memory"},
	} {
		out, code := runWith(answering{err: tt.err}, "-H", "127.0.0.1", "--unreachable=warning")
		text := regexp.MustCompile(`within [45][0-9.]*s`).ReplaceAllString(out, "within 5s")
		state := map[int]string{1: "WARNING", 3: "UNKNOWN"}[tt.code]
		if code != tt.code || !strings.HasPrefix(text, "CHRONY "+state+": "+tt.text) {
			t.Errorf("%v: got %d, %q", tt.err, code, out)
		}
	}
}

// chronyd's reference time has the correction applied. If that clock is this host's, so
// must the time that it is compared with.
func TestAgeWhileThisHostsClockIsSlow(t *testing.T) {
	const slow = 90 * time.Second
	r := chronydtest.Healthy()
	r.Tracking.CurrentCorrection, r.Tracking.ReferenceTime = slow.Seconds(), time.Now().Add(slow)
	if out, _ := runWith(answering{report: r}, "-H", "127.0.0.1"); !strings.Contains(out, " reference_age=0.") {
		t.Errorf("got %q, want an age of 0", out)
	}
}
