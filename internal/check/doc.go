// SPDX-License-Identifier: MIT

// Package check judges what chronyd reports against thresholds. It is pure: it does no
// I/O and reads no clock. Its own words are those of the Monitoring Plugins guidelines:
// status, range, warning, critical.
package check
