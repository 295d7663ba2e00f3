// SPDX-License-Identifier: MIT

// Command check_chrony is a monitoring plugin that reports whether a host's clock
// is right, by asking its chronyd.
package main

import "os"

func main() {
	ignoreQuit()
	os.Exit(run(os.Args[1:], new(stdout), loadReader))
}
