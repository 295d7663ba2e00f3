// SPDX-License-Identifier: MIT

package check

import "fmt"

// Status is the state of a service. The value is the plugin's exit code
// (Monitoring Plugins guidelines, "Plugin Return Codes").
type Status int

// The states of the guidelines.
const (
	OK Status = iota
	Warning
	Critical
	Unknown
)

// UnmarshalText parses a state as the command line spells it, in lower case.
func (s *Status) UnmarshalText(text []byte) error {
	switch string(text) {
	case "ok":
		*s = OK
	case "warning":
		*s = Warning
	case "critical":
		*s = Critical
	case "unknown":
		*s = Unknown
	default:
		return fmt.Errorf("%+q is not a state (want ok, warning, critical or unknown)", text)
	}
	return nil
}

// Severity returns the rank of a state for "the worst wins", from 0 for OK to 3 for
// CRITICAL. UNKNOWN ranks below WARNING: what could not be judged must not hide what
// was judged to be wrong.
func (s Status) Severity() int {
	switch s {
	case OK:
		return 0
	case Warning:
		return 2
	case Critical:
		return 3
	default:
		return 1
	}
}

func worst(a, b Status) Status {
	if b.Severity() > a.Severity() {
		return b
	}
	return a
}
