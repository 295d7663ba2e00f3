// SPDX-License-Identifier: MIT

// Package client decides which chronyd is queried, at which addresses, in which order
// and with which codec, and says why if none could be read: the causes and their hints
// are all here. The conversation itself is package cmdmon's. It knows no thresholds and
// judges nothing.
package client
