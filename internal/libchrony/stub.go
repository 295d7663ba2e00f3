// SPDX-License-Identifier: MIT

//go:build !cgo || !linux

package libchrony

import (
	"fmt"
	"time"

	"check_chrony/internal/cmdmon"
)

// Codec replaces the one that needs cgo. Load never returns one.
type Codec struct {
	cmdmon.Codec
	File string
}

// Load always fails.
func Load(string, time.Time) (*Codec, error) {
	return nil, fmt.Errorf("%w: this build has no libchrony", ErrUnavailable)
}

// Close does nothing.
func (*Codec) Close() {}
