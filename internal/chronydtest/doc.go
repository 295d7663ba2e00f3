// SPDX-License-Identifier: MIT

// Package chronydtest gives tests a chronyd to read: a fake one, which answers
// as the test wants, and which can be as wrong, slow or silent as no real one is.
// It imports neither reader; what it knows of the protocol (candm.h) is written
// down anew in wire.go, so that a mistake of a reader can't be one of its test.
package chronydtest
