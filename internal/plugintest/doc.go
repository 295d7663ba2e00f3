// SPDX-License-Identifier: MIT

// Package plugintest gives tests the built plugin: it builds it, runs it and checks what
// it printed.
package plugintest
