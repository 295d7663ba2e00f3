// SPDX-License-Identifier: MIT

// Package libchrony has a [cmdmon.Codec] that leaves the protocol to libchrony 0.2. The
// library is loaded at run time, since few distributions have it. Without it, or
// without cgo, Load returns an error that wraps ErrUnavailable. This is the plugin's
// only package that uses cgo. It knows no addresses, no time and no thresholds.
package libchrony

import "errors"

// Soname is the library that is loaded unless another is named.
const Soname = "libchrony.so.0"

// ErrUnavailable is wrapped by errors that mean that there is no usable libchrony: it
// isn't there, can't be loaded, or lacks something that is needed.
var ErrUnavailable = errors.New("libchrony can't be loaded")

// lackError is the error for a loaded libchrony that lacks something. It wraps
// [ErrUnavailable].
type lackError struct{ what string }

func (e *lackError) Error() string { return "libchrony can't be used: it has no " + e.what }
func (e *lackError) Unwrap() error { return ErrUnavailable }
