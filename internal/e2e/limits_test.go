// SPDX-License-Identifier: MIT

package e2e

import (
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// The plugin runs under these limits in every kind of check. With less address space or
// fewer threads, Go ends a program with exit code 2 and a trace.
func TestLimitsThatSuffice(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	plugin := plugintest.Shipped(t)
	fast := chronydtest.NewFake(t, "unixgram", chronydtest.Answer(chronydtest.Healthy()))
	slow := chronydtest.NewFake(t, "udp4", func(request []byte, _ int) []chronydtest.Datagram {
		return chronydtest.Later(70*time.Millisecond, chronydtest.Reply(request, chronydtest.Healthy())) // late enough that it listens for signals
	})
	for limit, value := range map[string]string{
		// KiB of address space. More than 0.8 GB is sometimes enough. But Go and the C
		// library reserve more if there is more, so they fail again at 1.2 GB.
		"-v": "2097152",
		"-d": "200000", // KiB of data; it took up to 150,000
		"-n": "64",     // open files; it took up to 12
		"-s": "64",     // KiB of stack
		"-l": "0",      // KiB of locked memory
	} {
		t.Run("ulimit "+limit+" "+value, func(t *testing.T) {
			t.Parallel()
			for _, fake := range []*chronydtest.Fake{fast, slow} {
				for _, reader := range plugintest.Readers(t) {
					for range 3 {
						args := append([]string{"-c", `ulimit "$0" "$1" && shift && exec "$@"`, limit, value, plugin, "--reader=" + reader}, fake.Args()...)
						out, state := execute(t, "sh", args...)
						checkOutput(t, reader, out, state.ExitCode(), 0, "CHRONY OK: ")
					}
				}
			}
		})
	}
}
