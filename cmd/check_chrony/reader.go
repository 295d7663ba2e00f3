// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/libchrony"
	"check_chrony/internal/native"
)

// reader is a codec that can name itself, for -vv and --version.
type reader interface {
	cmdmon.Codec
	fmt.Stringer
}

// loadFunc returns the reader that --reader and --libchrony ask for. The error is
// [interrupted] if a signal came.
type loadFunc func(name, library string, wait cmdmon.Wait) (reader, error)

// loadReader loads libchrony, which is the source of truth. If it can't be loaded and
// wasn't asked for, the built-in reader is used instead.
func loadReader(name, library string, wait cmdmon.Wait) (reader, error) {
	if name == "native" {
		return nativeReader{}, nil
	}
	if name == "auto" && library == "" {
		wait.Until = time.Now().Add(time.Until(wait.Until) / 2) // leave time for the built-in reader
	}
	codec, err := loadInTime(library, wait)
	switch {
	case errors.As(err, new(interrupted)):
		return nil, err
	case err == nil && (name == "libchrony" || library != ""):
		return libchronyReader{codec}, nil
	case err == nil:
		return &autoReader{libchronyReader{codec}}, nil
	case library != "":
		return nil, fmt.Errorf("--libchrony: %w", err)
	case name == "libchrony":
		return nil, fmt.Errorf("--reader: %w (install it, name the file with --libchrony, or use --reader=native)", err)
	default:
		return nativeReader{reason: err}, nil
	}
}

// loadInTime loads libchrony in another goroutine, and gives up when the wait is over:
// the file may be on a file system that doesn't respond.
func loadInTime(file string, wait cmdmon.Wait) (*libchrony.Codec, error) {
	type loaded struct {
		codec *libchrony.Codec
		err   error
	}
	done := make(chan loaded, 1)
	go func() {
		codec, err := libchrony.Load(file)
		done <- loaded{codec, err}
	}()
	const patience = 50 * time.Millisecond // before listening for signals
	timer := time.NewTimer(min(patience, time.Until(wait.Until)))
	defer timer.Stop()
	for {
		select {
		case l := <-done:
			return l.codec, l.err
		case <-timer.C:
		}
		if err := wait.Ended(); err != nil {
			return nil, err
		}
		left := time.Until(wait.Until)
		if left <= 0 {
			return nil, fmt.Errorf("%w: not in time", libchrony.ErrUnavailable)
		}
		timer.Reset(min(patience, left))
	}
}

type libchronyReader struct{ *libchrony.Codec }

func (r libchronyReader) String() string { return "libchrony " + r.File }

type nativeReader struct {
	native.Codec
	reason error // why libchrony isn't used; nil if native was asked for
}

func (r nativeReader) String() string {
	if r.reason == nil {
		return "native"
	}
	return fmt.Sprintf("native (%v)", r.reason)
}

// autoReader uses libchrony until it turns out to lack something, and the built-in
// reader from then on.
type autoReader struct{ reader }

func (r *autoReader) Tracking(ask cmdmon.Ask) (chrony.Tracking, error) {
	return withFallback(r, func() (chrony.Tracking, error) { return r.reader.Tracking(ask) })
}

func (r *autoReader) NumberSources(ask cmdmon.Ask) (uint32, error) {
	return withFallback(r, func() (uint32, error) { return r.reader.NumberSources(ask) })
}

func (r *autoReader) Source(ask cmdmon.Ask, index uint32) (chrony.Source, error) {
	return withFallback(r, func() (chrony.Source, error) { return r.reader.Source(ask, index) })
}

// withFallback asks a question. If libchrony lacks what it takes, the built-in reader
// asks it again.
func withFallback[T any](r *autoReader, question func() (T, error)) (T, error) {
	answer, err := question()
	if errors.Is(err, libchrony.ErrUnavailable) {
		r.reader = nativeReader{reason: err}
		return question()
	}
	return answer, err
}
