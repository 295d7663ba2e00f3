// SPDX-License-Identifier: MIT

package chrony

// Trace is told of each datagram's fate, for -vvv.
type Trace func(format string, args ...any)
