// SPDX-License-Identifier: MIT

//go:build cgo

package chronydtest_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/libchrony"
)

// answered is time enough for readings that are answered: an allowance for slow
// machines, not a wait.
const answered = 5 * time.Second

// silent is the time given to readings that nothing answers, which wait it out.
const silent = 150 * time.Millisecond

// reader is what both packages offer.
type reader func(ctx context.Context, address string, trace chrony.Trace) (chrony.Report, error)

// loadLibchrony returns the real library's reader.
func loadLibchrony(t testing.TB) reader {
	t.Helper()
	library, err := libchrony.Load(os.Getenv("CHECK_CHRONY_LIBCHRONY"))
	if err != nil {
		chronydtest.Missing(t, err.Error())
	}
	return library.Read
}

// reading is what a reader made of a daemon.
type reading struct {
	report  chrony.Report
	err     error
	elapsed time.Duration
}

func read(t *testing.T, read reader, address string, timeout time.Duration) reading {
	start := time.Now()
	ctx, cancel := context.WithDeadline(t.Context(), start.Add(timeout))
	defer cancel()
	report, err := read(ctx, address, func(string, ...any) {})
	return reading{report, err, time.Since(start)}
}

// readBoth reads with both readers at the same time, each at its address.
func readBoth(t *testing.T, native, library string, timeout time.Duration) (n, l reading) {
	t.Helper()
	readLibrary := loadLibchrony(t)
	done := make(chan reading)
	go func() { done <- read(t, cmdmon.Read, native, timeout) }()
	l = read(t, readLibrary, library, timeout)
	return <-done, l
}

// same lets both readers read a daemon that answers by a handler made for
// each, fails unless they agree and found want, and returns what they read.
func same(t *testing.T, network string, timeout time.Duration, newHandler func() chronydtest.Handler, want error) chrony.Report {
	t.Helper()
	n, l := readBoth(t,
		chronydtest.NewFake(t, network, newHandler()).Address,
		chronydtest.NewFake(t, network, newHandler()).Address, timeout)
	agree(t, timeout, n, l, want)
	return l.report
}

// agree fails unless both readings are equal field by field, or failed in the
// same way, and in time.
func agree(t *testing.T, timeout time.Duration, native, library reading, want error) {
	t.Helper()
	if native.err == nil && library.err == nil {
		for _, d := range differences(native.report, library.report) {
			t.Error(d)
		}
	}
	compareErrors(t, "error", native.err, library.err, want)
	for name, r := range map[string]reading{"cmdmon": native, "libchrony": library} {
		if late := r.elapsed - timeout; late > time.Second {
			t.Errorf("%s ended %s after its deadline", name, late)
		}
	}
}

func compareErrors(t *testing.T, what string, native, library, want error) {
	t.Helper()
	if !errors.Is(native, want) || !errors.Is(library, want) {
		t.Errorf("%s: want %v, cmdmon has %v, libchrony has %v", what, want, native, library)
	}
	for _, class := range []error{
		chrony.ErrNotAuthorised, chrony.ErrDisabled, chrony.ErrServerTooOld, chrony.ErrServerTooNew,
		chrony.ErrUnexpectedStatus, chrony.ErrInvalidReply, os.ErrDeadlineExceeded, os.ErrNotExist,
		os.ErrPermission, syscall.ECONNREFUSED, syscall.ENAMETOOLONG,
	} {
		if n, l := errors.Is(native, class), errors.Is(library, class); n != l {
			t.Errorf("%s: is %q: %t by cmdmon, %t by libchrony", what, class, n, l)
		}
	}
	if n, l := text(native), text(library); n != l {
		t.Errorf("%s: %q by cmdmon, %q by libchrony", what, n, l)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// differences names the fields in which two reports differ.
func differences(native, library chrony.Report) []string {
	var found []string
	compare := func(what string, n, l any) {
		nv, lv := reflect.ValueOf(n), reflect.ValueOf(l)
		for i := range nv.NumField() {
			if n, l := nv.Field(i).Interface(), lv.Field(i).Interface(); n != l {
				found = append(found, what+" "+nv.Type().Field(i).Name+": "+
					sprint(n)+" by cmdmon, "+sprint(l)+" by libchrony")
			}
		}
	}
	compare("tracking", native.Tracking, library.Tracking)
	if n, l := len(native.Sources), len(library.Sources); n != l {
		return append(found, sprint(n)+" sources by cmdmon, "+sprint(l)+" by libchrony")
	}
	for i := range native.Sources {
		compare("source "+sprint(i), native.Sources[i], library.Sources[i])
	}
	if n, l := text(native.SourcesErr), text(library.SourcesErr); n != l {
		found = append(found, "SourcesErr: "+n+" by cmdmon, "+l+" by libchrony")
	}
	return found
}
