// SPDX-License-Identifier: MIT

package chrony

import "fmt"

// LeapStatus is NTP's leap indicator (RFC 5905, chronyd's NTP_Leap).
type LeapStatus uint16

// The leap indicators, with candm.h's numbers.
const (
	LeapNormal LeapStatus = iota
	LeapInsertSecond
	LeapDeleteSecond
	LeapNotSynchronised
)

// String returns chronyc's words for the status.
func (l LeapStatus) String() string {
	switch l {
	case LeapNormal:
		return "Normal"
	case LeapInsertSecond:
		return "Insert second"
	case LeapDeleteSecond:
		return "Delete second"
	case LeapNotSynchronised:
		return "Not synchronised"
	}
	return fmt.Sprintf("Invalid (%d)", uint16(l))
}
