// SPDX-License-Identifier: MIT

package chrony

import "fmt"

// SelectData is the part that the plugin reads of one record of the selectdata report
// (candm.h RPY_SelectData, "chronyc selectdata", chrony 4.0 and newer): which source it is,
// and whether it is authenticated.
type SelectData struct {
	// ReferenceID names a reference clock. A server or peer has one too.
	ReferenceID RefID
	// Address is as in [Source]; empty for a reference clock.
	Address string
	// Authentication is 1 if chronyd accepts only authenticated packets from the source
	// (NTS or a symmetric key), otherwise 0.
	Authentication uint8
}

// Authenticated reports whether chronyd accepts only authenticated packets from the
// source. None may have arrived yet.
func (d SelectData) Authenticated() bool { return d.Authentication == 1 }

// IsOf reports whether the record is that of the source.
func (d SelectData) IsOf(s Source) bool {
	if s.Mode == ReferenceClock {
		return d.Address == "" && d.ReferenceID == s.ReferenceID
	}
	return d.Address == s.Address
}

// Validate returns an error for values that no chronyd sends. It wraps
// [ErrInvalidReply].
func (d SelectData) Validate() error {
	if d.Authentication > 1 {
		return fmt.Errorf("%w: source authentication %d", ErrInvalidReply, d.Authentication)
	}
	return nil
}
