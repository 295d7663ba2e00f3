// SPDX-License-Identifier: MIT

package main

import (
	"fmt"

	"check_chrony/internal/cmdmon"
	"check_chrony/internal/libchrony"
)

// loadFunc returns a way to read chronyd, by --reader and --libchrony, and what
// to call it.
type loadFunc func(reader, library string) (read readFunc, name string, err error)

// loadReader loads libchrony, which is the source of truth. Only where it can't
// be loaded, and nobody asked for it, the native reader stands in.
func loadReader(reader, library string) (readFunc, string, error) {
	if reader == "native" {
		return cmdmon.Read, "native", nil
	}
	l, err := libchrony.Load(library)
	switch {
	case err == nil:
		return l.Read, "libchrony " + l.File, nil
	case library != "":
		return nil, "", fmt.Errorf("--libchrony: %w", err)
	case reader == "libchrony":
		return nil, "", fmt.Errorf("--reader: %w (install it, name the file with --libchrony, or use --reader=native)", err)
	default:
		return cmdmon.Read, fmt.Sprintf("native (%v)", err), nil
	}
}
