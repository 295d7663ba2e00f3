// SPDX-License-Identifier: MIT

//go:build !cgo

package libchrony

import (
	"context"
	"fmt"

	"check_chrony/internal/chrony"
)

// Load always fails.
func Load(string) (*Library, error) {
	return nil, fmt.Errorf("%w: built without cgo", ErrUnavailable)
}

// Read is never called.
func (*Library) Read(context.Context, string, chrony.Trace) (chrony.Report, error) {
	return chrony.Report{}, ErrUnavailable
}
