// SPDX-License-Identifier: MIT

// Package libchrony has a [cmdmon.Codec] that leaves the protocol to libchrony 0.2. The
// library is loaded at run time, since few distributions have it. Without it, or without
// cgo, Load returns an error that wraps ErrUnavailable. No other package of the plugin
// uses cgo.
package libchrony

import "errors"

// Soname is the library that is loaded unless another is named.
const Soname = "libchrony.so.0"

// ErrUnavailable means that there is no usable libchrony: it isn't installed, can't be
// loaded, or lacks a function.
var ErrUnavailable = errors.New("libchrony can't be loaded")

// hint says how to do without libchrony.
const hint = " (use --reader=native)"
