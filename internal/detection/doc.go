// SPDX-License-Identifier: MIT

// Package detection tests what the plugin notices on recorded hosts, and when. It writes
// the tables of docs/detection.md and the data for its pictures.
package detection
