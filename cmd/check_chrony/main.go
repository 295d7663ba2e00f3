// SPDX-License-Identifier: MIT

// Command check_chrony is a monitoring plugin that checks whether a host's clock is
// correct: it queries the host's chronyd.
package main

import (
	"os"
	"runtime"

	"check_chrony/internal/client"
)

func main() {
	// The kernel delivers signals to the main thread if it can. A call that may hang is made
	// in another goroutine, and so in another thread: cmdmon's on a socket's file system.
	runtime.LockOSThread()
	ignoreQuit()
	os.Exit(run(os.Args[1:], new(stdout), client.OpenCodec))
}
