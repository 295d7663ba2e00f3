// SPDX-License-Identifier: MIT

//go:build !cgo || !linux

package libchrony

import (
	"fmt"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/cmdmon"
)

// Codec replaces the one that needs cgo. Load never returns one.
type Codec struct{ File string }

// Load always fails.
func Load(string, time.Time) (*Codec, error) {
	return nil, fmt.Errorf("%w: this build has no libchrony", ErrUnavailable)
}

// Close does nothing.
func (*Codec) Close() {}

// Tracking always fails.
func (*Codec) Tracking(cmdmon.RoundTrip) (chrony.Tracking, error) {
	return chrony.Tracking{}, ErrUnavailable
}

// NumberSources always fails.
func (*Codec) NumberSources(cmdmon.RoundTrip) (uint32, error) { return 0, ErrUnavailable }

// Source always fails.
func (*Codec) Source(cmdmon.RoundTrip, uint32) (chrony.Source, error) {
	return chrony.Source{}, ErrUnavailable
}

// Activity always fails.
func (*Codec) Activity(cmdmon.RoundTrip) (chrony.Activity, error) {
	return chrony.Activity{}, ErrUnavailable
}

// SelectData always fails.
func (*Codec) SelectData(cmdmon.RoundTrip, uint32) (chrony.SelectData, error) {
	return chrony.SelectData{}, ErrUnavailable
}
