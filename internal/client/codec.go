// SPDX-License-Identifier: MIT

package client

import (
	"errors"
	"fmt"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/libchrony"
	"check_chrony/internal/native"
)

// Codec is a codec that can name itself, for -vv and --version.
type Codec interface {
	cmdmon.Codec
	fmt.Stringer
}

// OpenCodec returns the codec that --reader and --libchrony ask for. libchrony is the
// source of truth; where it can't be loaded and wasn't asked for, the native codec takes
// its place. The error is a [cmdmon.Interrupted] if a signal came.
func OpenCodec(name, library string, limit cmdmon.Limit) (Codec, error) {
	if name == "native" {
		return nativeCodec{}, nil
	}
	if name == "auto" && library == "" {
		limit.Deadline = time.Now().Add(time.Until(limit.Deadline) / 2) // leave time for the native codec
	}
	codec, err := loadInTime(library, limit)
	switch {
	case errors.As(err, new(cmdmon.Interrupted)):
		return nil, err
	case err == nil && (name == "libchrony" || library != ""):
		return libchronyCodec{codec}, nil
	case err == nil:
		return &autoCodec{libchronyCodec{codec}}, nil
	case library != "":
		return nil, fmt.Errorf("--libchrony: %w", err)
	case name == "libchrony":
		return nil, fmt.Errorf("--reader: %w (install it, name the file with --libchrony, or use --reader=native)", err)
	default:
		return nativeCodec{reason: err}, nil
	}
}

// loadInTime loads libchrony in another goroutine, and gives up when the wait is over:
// the file may be on a file system that doesn't respond.
func loadInTime(file string, limit cmdmon.Limit) (*libchrony.Codec, error) {
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
	timer := time.NewTimer(min(patience, time.Until(limit.Deadline)))
	defer timer.Stop()
	for {
		select {
		case l := <-done:
			return l.codec, l.err
		case <-timer.C:
		}
		if err := limit.Interrupted(); err != nil {
			return nil, err
		}
		left := time.Until(limit.Deadline)
		if left <= 0 {
			return nil, fmt.Errorf("%w: timed out", libchrony.ErrUnavailable)
		}
		timer.Reset(min(patience, left))
	}
}

type libchronyCodec struct{ *libchrony.Codec }

func (r libchronyCodec) String() string { return "libchrony " + r.File }

type nativeCodec struct {
	native.Codec
	reason error // why libchrony isn't used; nil if native was asked for
}

func (r nativeCodec) String() string {
	if r.reason == nil {
		return "native"
	}
	return fmt.Sprintf("native (%v)", r.reason)
}

// autoCodec uses libchrony until it turns out to lack something, and the built-in
// codec from then on.
type autoCodec struct{ Codec }

func (r *autoCodec) Tracking(ask cmdmon.Ask) (chrony.Tracking, error) {
	return withFallback(r, func() (chrony.Tracking, error) { return r.Codec.Tracking(ask) })
}

func (r *autoCodec) NumberSources(ask cmdmon.Ask) (uint32, error) {
	return withFallback(r, func() (uint32, error) { return r.Codec.NumberSources(ask) })
}

func (r *autoCodec) Source(ask cmdmon.Ask, index uint32) (chrony.Source, error) {
	return withFallback(r, func() (chrony.Source, error) { return r.Codec.Source(ask, index) })
}

// withFallback asks a question. If libchrony lacks what it takes, the native codec
// asks it again.
func withFallback[T any](r *autoCodec, question func() (T, error)) (T, error) {
	answer, err := question()
	if errors.Is(err, libchrony.ErrUnavailable) {
		r.Codec = nativeCodec{reason: err}
		return question()
	}
	return answer, err
}
