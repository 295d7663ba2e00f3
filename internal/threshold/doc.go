// SPDX-License-Identifier: MIT

// Package threshold is the language of thresholds: the ranges of the Monitoring Plugins
// guidelines, the units and lengths of time that they are written in, and numbers for
// people. It knows nothing of chrony.
package threshold
