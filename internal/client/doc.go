// SPDX-License-Identifier: MIT

// Package client decides which chronyd to query, at which addresses, in which order and
// with which codec. If none can be read, it says why: all causes and hints are here. It
// leaves the conversation to package cmdmon, and judges nothing.
package client
