// SPDX-License-Identifier: MIT

package chrony

import "time"

// Timestamp converts candm.h's Timespec to a time in UTC: seconds since 1970, with the
// high half in the upper 32 bits, and nanoseconds. A high half of 0x7fffffff
// (TV_NOHIGHSEC) means that there is none, as from a chronyd with 32-bit time.
// Nanoseconds are limited to less than a second, as in chronyc.
func Timestamp(seconds uint64, nanoseconds uint32) time.Time {
	const noHighSeconds = 0x7fffffff
	if seconds>>32 == noHighSeconds {
		seconds &= 0xffffffff
	}
	return time.Unix(int64(seconds), int64(min(nanoseconds, 999999999))).UTC()
}
