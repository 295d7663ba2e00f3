// SPDX-License-Identifier: MIT

// Command check_chrony is a monitoring plugin that reports whether a host's clock
// is right, going by what its chronyd says.
package main

import (
	"os"
	"runtime"
)

func main() {
	// One thing is done at a time. With more processors the runtime's monitor looks
	// dozens of times into each wait for work that the others could do meanwhile.
	runtime.GOMAXPROCS(1)
	ignoreQuit()
	os.Exit(run(os.Args[1:], new(stdout), loadReader))
}
