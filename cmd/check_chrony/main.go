// SPDX-License-Identifier: MIT

// Command check_chrony is a monitoring plugin that tells whether a host's clock
// is right, by what its chronyd reports.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, loadReader))
}
