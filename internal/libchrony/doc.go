// SPDX-License-Identifier: MIT

// Package libchrony reads chronyd through libchrony 0.2. The library is loaded
// at run time, since few distributions have it; without it, or built without
// cgo, Load returns ErrUnavailable and nothing else happens. This is the only
// package that uses cgo. It knows no thresholds and resolves no names.
package libchrony

import "errors"

// ErrUnavailable is wrapped by the error of Load: there is no usable libchrony.
var ErrUnavailable = errors.New("libchrony can't be loaded")

// Library is the loaded libchrony. It keeps state of its own (one static
// buffer), so there is one of it in a process and it serves one reading at a
// time.
type Library struct {
	// File is the file that was loaded.
	File string
}
