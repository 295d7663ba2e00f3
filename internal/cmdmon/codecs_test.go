// SPDX-License-Identifier: MIT

//go:build cgo

package cmdmon_test

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"os"
	"reflect"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/libchrony"
	"check_chrony/internal/native"
)

// answeredTimeout is the timeout for readings that are answered. It allows for slow
// machines; nothing waits that long.
const answeredTimeout = 5 * time.Second

// neverResent is the timeout for readings that are answered and whose requests are counted.
// The first resend would be after 14 seconds.
const neverResent = time.Hour

// silentTimeout is the timeout for readings that nothing answers. They wait that long.
const silentTimeout = 150 * time.Millisecond

// reader reads a chronyd with one of the codecs.
type reader func(address string, wait cmdmon.Limit) (chrony.Report, error)

func readerOf(codec cmdmon.Codec) reader {
	return func(address string, wait cmdmon.Limit) (chrony.Report, error) {
		return cmdmon.Read(codec, parse(address), cmdmon.Reports{}, wait, func(string, ...any) {})
	}
}

// parse returns the address that an IP address with a port, or a path, stands for.
func parse(text string) cmdmon.Address {
	if udp, err := netip.ParseAddrPort(text); err == nil {
		return cmdmon.UDP(udp.Addr(), udp.Port())
	}
	address, err := cmdmon.Socket(text)
	if err != nil {
		panic(err)
	}
	return address
}

// readers returns a reader with each codec, by its name. Where libchrony is missing there
// is the native one alone.
//
// Tests that use libchrony can't run in parallel: it has one buffer for all texts.
func readers(t testing.TB) map[string]reader {
	t.Helper()
	found := map[string]reader{"native": readerOf(native.Codec{})}
	codec, err := libchrony.Load(os.Getenv("CHECK_CHRONY_LIBCHRONY"), time.Now().Add(time.Minute))
	if err != nil {
		chronydtest.Without(t, err.Error())
		return found
	}
	t.Cleanup(codec.Close)
	found["libchrony"] = readerOf(codec)
	return found
}

// libchronyCodec skips the test where libchrony is missing.
func libchronyCodec(t testing.TB) *libchrony.Codec {
	t.Helper()
	codec, err := libchrony.Load(os.Getenv("CHECK_CHRONY_LIBCHRONY"), time.Now().Add(time.Minute))
	if err != nil {
		chronydtest.Missing(t, err.Error())
	}
	t.Cleanup(codec.Close)
	return codec
}

// reading is what a reader returned.
type reading struct {
	report  chrony.Report
	err     error // of the whole, or why there are no sources
	elapsed time.Duration
}

func read(read reader, address string, timeout time.Duration) reading {
	start := time.Now()
	report, err := read(address, cmdmon.Limit{Deadline: start.Add(timeout), Context: context.Background})
	return reading{report, cmp.Or(err, report.SourcesErr), time.Since(start)}
}

// readBoth reads with both codecs at the same time, each at its address. Where libchrony
// is missing, both readings are the native codec's.
func readBoth(t *testing.T, nativeAddress, libraryAddress string, timeout time.Duration) (n, l reading) {
	t.Helper()
	found := readers(t)
	library, ok := found["libchrony"]
	if !ok {
		n = read(found["native"], nativeAddress, timeout)
		return n, n
	}
	done := make(chan reading)
	go func() { done <- read(found["native"], nativeAddress, timeout) }()
	l = read(library, libraryAddress, timeout)
	return <-done, l
}

// readAndCompare reads a fake chronyd with both codecs, each with a new handler. It fails
// unless they agree and the error is want, and returns what they read.
func readAndCompare(t *testing.T, network string, timeout time.Duration, newHandler func() chronydtest.Handler, want error) chrony.Report {
	t.Helper()
	n, l := readBoth(t,
		chronydtest.NewFake(t, network, newHandler()).Address,
		chronydtest.NewFake(t, network, newHandler()).Address, timeout)
	checkAgree(t, timeout, n, l, want)
	return l.report
}

// checkAgree fails unless both readings are equal field by field, or failed in the same
// way, and ended in time.
func checkAgree(t *testing.T, timeout time.Duration, n, l reading, want error) {
	t.Helper()
	for _, d := range differences(n.report, l.report) {
		t.Error(d)
	}
	compareErrors(t, "error", n.err, l.err, want)
	for name, r := range map[string]reading{"native": n, "libchrony": l} {
		if late := r.elapsed - timeout; late > time.Second {
			t.Errorf("%s ended %s after its deadline", name, late)
		}
	}
}

func compareErrors(t *testing.T, what string, n, l, want error) {
	t.Helper()
	if !errors.Is(n, want) || !errors.Is(l, want) {
		t.Errorf("%s: want %v, native has %v, libchrony has %v", what, want, n, l)
	}
	for _, class := range []error{
		chrony.ErrNotAuthorised, chrony.ErrDisabled, chrony.ErrServerTooOld, chrony.ErrServerTooNew,
		chrony.ErrUnexpectedStatus, chrony.ErrInvalidReply, chrony.ErrNoReply, os.ErrNotExist,
		os.ErrPermission, syscall.ECONNREFUSED, syscall.ENAMETOOLONG,
	} {
		if n, l := errors.Is(n, class), errors.Is(l, class); n != l {
			t.Errorf("%s: is %q: %t by native, %t by libchrony", what, class, n, l)
		}
	}
	if n, l := text(n), text(l); n != l {
		t.Errorf("%s: %q by native, %q by libchrony", what, n, l)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// differences names the fields in which two reports differ.
func differences(n, l chrony.Report) []string {
	var found []string
	compare := func(what string, n, l any) {
		nv, lv := reflect.ValueOf(n), reflect.ValueOf(l)
		for i := range nv.NumField() {
			if n, l := nv.Field(i).Interface(), lv.Field(i).Interface(); n != l {
				found = append(found, what+" "+nv.Type().Field(i).Name+": "+
					sprint(n)+" by native, "+sprint(l)+" by libchrony")
			}
		}
	}
	compare("tracking", n.Tracking, l.Tracking)
	if nn, ll := len(n.Sources), len(l.Sources); nn != ll {
		return append(found, sprint(nn)+" sources by native, "+sprint(l)+" by libchrony")
	}
	for i := range n.Sources {
		compare("source "+sprint(i), n.Sources[i], l.Sources[i])
	}
	if n, l := text(n.SourcesErr), text(l.SourcesErr); n != l {
		found = append(found, "SourcesErr: "+n+" by native, "+l+" by libchrony")
	}
	return found
}
