// SPDX-License-Identifier: MIT

// Package contribtest runs the files of contrib in the monitoring systems that they are
// for: real daemons, on loopback and in a temporary folder, that check real chronyds.
// What a daemon shows must be what the plugin printed, value by value.
//
// Each system has a test of its own: TestNagios, TestNRPE, TestIcinga, and so on. A test
// whose daemon isn't installed is skipped with a line that names the daemon or, with
// CI=true, fails. All tests start from a fixture. Those that need port 323, /run/chrony or
// files in /etc run in namespaces of their own.
package contribtest
