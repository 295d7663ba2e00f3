// SPDX-License-Identifier: MIT

package chrony

import "time"

// Timestamp is candm.h's Timespec: seconds since 1970 with the high half in the
// upper 32 bits, and nanoseconds. A high half of 0x7fffffff (TV_NOHIGHSEC) is
// how a chronyd with 32-bit time says that it has none; nanoseconds beyond a
// second are cut, as chronyc does.
func Timestamp(seconds uint64, nanoseconds uint32) time.Time {
	const noHighSeconds = 0x7fffffff
	if seconds>>32 == noHighSeconds {
		seconds &= 0xffffffff
	}
	return time.Unix(int64(seconds), int64(min(nanoseconds, 999999999))).UTC()
}
