// SPDX-License-Identifier: MIT

// Command check_chrony is a monitoring plugin that reports whether a host's clock
// is right, going by what its chronyd says.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], new(stdout), loadReader))
}
