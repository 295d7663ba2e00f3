// SPDX-License-Identifier: MIT

//go:build linux

package libchrony

/*
#include <stdlib.h>
#include "binding.h"
*/
import "C"

import (
	"fmt"
	"math"
	"net/netip"
	"time"
	"unsafe"

	"check_chrony/internal/chrony"
)

// record reads fields of the reply that was accepted last. It checks the index and type of
// each field before it reads the value: otherwise libchrony returns 0 for a missing float,
// and aborts the process for other mistakes. record keeps the first error, and returns
// zeros after it.
type record struct {
	session *C.chrony_session
	err     error
}

// fieldError means that this version of libchrony doesn't have a field, or has it with
// another type. The fields don't depend on the reply.
type fieldError string

func (e fieldError) Error() string { return "libchrony has " + string(e) + hint }

// field returns the index of the named field; ok reports whether it is there and has
// the wanted type.
func (r *record) field(name string, want C.chrony_field_type) (index C.int, ok bool) {
	if r.err != nil {
		return 0, false
	}
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	index = C.call_chrony_get_field_index(r.session, cname)
	if index < 0 {
		r.err = fieldError(fmt.Sprintf("no field %q", name))
		return 0, false
	}
	if got := C.call_chrony_get_field_type(r.session, index); got != want {
		r.err = fieldError(fmt.Sprintf("field %q of type %d, not %d", name, got, want))
		return 0, false
	}
	return index, true
}

func (r *record) uint8(name string) uint8 { return uint8(r.uint(name, math.MaxUint8)) }

func (r *record) uint16(name string) uint16 { return uint16(r.uint(name, math.MaxUint16)) }

// uint reads a field whose value must be at most limit.
func (r *record) uint(name string, limit uint32) uint32 {
	value := r.uint32(name)
	if value > limit {
		r.err = fmt.Errorf("%w: field %q is %d", chrony.ErrInvalidReply, name, value)
	}
	return value
}

func (r *record) uint32(name string) uint32 {
	index, ok := r.field(name, C.CHRONY_TYPE_UINTEGER)
	if !ok {
		return 0
	}
	return uint32(C.call_chrony_get_field_uinteger(r.session, index))
}

// int16 reads a signed field of two bytes. libchrony 0.2 doesn't sign-extend it.
func (r *record) int16(name string) int16 {
	index, ok := r.field(name, C.CHRONY_TYPE_INTEGER)
	if !ok {
		return 0
	}
	return int16(C.call_chrony_get_field_integer(r.session, index))
}

func (r *record) float(name string) float64 {
	index, ok := r.field(name, C.CHRONY_TYPE_FLOAT)
	if !ok {
		return 0
	}
	return float64(C.call_chrony_get_field_float(r.session, index))
}

// time reads a timestamp, in UTC.
func (r *record) time(name string) time.Time {
	index, ok := r.field(name, C.CHRONY_TYPE_TIMESPEC)
	if !ok {
		return time.Time{}
	}
	ts := C.call_chrony_get_field_timespec(r.session, index)
	return chrony.Timestamp(uint64(ts.tv_sec), uint32(ts.tv_nsec))
}

// address reads the text of an address; empty if the address is unspecified.
func (r *record) address(name string) string {
	index, ok := r.field(name, C.CHRONY_TYPE_STRING)
	if !ok {
		return ""
	}
	// The string is NULL for an unspecified address, and otherwise in libchrony's static
	// buffer: GoString copies it.
	text := C.GoString(C.call_chrony_get_field_string(r.session, index))
	// libchrony writes ::c000:201 as ::192.0.2.1.
	if a, err := netip.ParseAddr(text); err == nil {
		return a.String()
	}
	return text
}
