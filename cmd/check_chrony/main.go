// SPDX-License-Identifier: MIT

// Command check_chrony is a monitoring plugin that checks whether a host's clock is
// correct: it queries the host's chronyd.
package main

import (
	"os"

	"check_chrony/internal/client"
)

func main() {
	ignoreQuit()
	os.Exit(run(os.Args[1:], new(stdout), client.OpenCodec))
}
