// SPDX-License-Identifier: MIT

// Package e2e tests whole runs of the built plugin: against real chronyds and a fake one,
// libraries, users, pipes, signals, firewalls and namespaces.
package e2e
