// SPDX-License-Identifier: MIT

//go:build !cgo

// Package libchrony needs cgo; built without, it only says so.
package libchrony

import (
	"context"
	"errors"
	"fmt"

	"check_chrony/internal/chrony"
)

// ErrUnavailable is wrapped by the error of Load.
var ErrUnavailable = errors.New("libchrony can't be loaded")

// Library is never loaded.
type Library struct {
	// File is the file that was loaded.
	File string
}

// Load always fails.
func Load(string) (*Library, error) {
	return nil, fmt.Errorf("%w: built without cgo", ErrUnavailable)
}

// Read is never called.
func (*Library) Read(context.Context, string, chrony.Trace) (chrony.Report, error) {
	return chrony.Report{}, ErrUnavailable
}
