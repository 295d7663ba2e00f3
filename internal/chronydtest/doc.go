// SPDX-License-Identifier: MIT

// Package chronydtest gives tests a chronyd to read. One is real and never touches the
// machine's clock, and follows NTP servers and a reference clock whose time can be wrong
// on purpose. The other is a fake, for answers that a real one can't be made to give.
//
// The package imports neither reader. What the fake knows of the protocol (candm.h) is
// written down separately in wire.go, so that a mistake in a reader isn't repeated in
// its test.
package chronydtest
