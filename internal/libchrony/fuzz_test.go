// SPDX-License-Identifier: MIT

//go:build cgo && linux

package libchrony

import (
	"testing"

	"check_chrony/internal/chronydtest"
)

// FuzzReply hands any datagram to libchrony as the reply to one of its requests.
// Run it with -asan: the fields are read by C code.
func FuzzReply(f *testing.F) {
	chronydtest.AddReplies(f)
	c := loaded(f)
	f.Fuzz(func(t *testing.T, reply []byte, command uint16, right bool) {
		isReply := false
		roundTrip := chronydtest.RoundTrip(func(request []byte) [][]byte {
			datagram := chronydtest.FuzzedReply(request, reply, command, right)
			isReply = chronydtest.IsReply(request, datagram)
			return [][]byte{datagram}
		})
		_, tracking := c.Tracking(roundTrip)
		chronydtest.CheckFuzzed(t, tracking, isReply)
		_, number := c.NumberSources(roundTrip)
		chronydtest.CheckFuzzed(t, number, isReply)
		_, source := c.Source(roundTrip, 0)
		chronydtest.CheckFuzzed(t, source, isReply)
		_, activity := c.Activity(roundTrip)
		chronydtest.CheckFuzzed(t, activity, isReply)
		_, selectData := c.SelectData(roundTrip, 0)
		chronydtest.CheckFuzzed(t, selectData, isReply)
	})
}
