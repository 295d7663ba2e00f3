// SPDX-License-Identifier: MIT

// Package chrony holds what chronyd reports, in chronyc's words: the tracking
// report, the sources, and the reasons why either can be missing. It is plain data:
// it does no I/O and knows no transport, no library and no threshold.
package chrony
