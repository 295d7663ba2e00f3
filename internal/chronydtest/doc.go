// SPDX-License-Identifier: MIT

// Package chronydtest gives tests a chronyd to read: a real one that never
// touches the machine's clock, with NTP servers and a reference clock whose time
// can be wrong on purpose; and a fake one for what a real one can't be made to
// answer. It imports neither reader; what the fake knows of the protocol
// (candm.h) is written down anew in wire.go, so that a mistake of a reader can't
// be one of its test.
package chronydtest
