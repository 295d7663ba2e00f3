// SPDX-License-Identifier: MIT

// Package threshold is the language of thresholds. It parses the ranges of the Monitoring
// Plugins guidelines, with units and durations, and formats numbers for people. It knows
// nothing of chrony.
package threshold
