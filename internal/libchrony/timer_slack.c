// SPDX-License-Identifier: MIT

//go:build linux

// Go's runtime has a monitor thread that wakes up every 20 microseconds at first, which
// costs a tenth of a check. With more timer slack (prctl(2)) it sleeps for a millisecond.
// The plugin's own timeouts don't need to be more precise.
//
// New threads inherit the slack, so it must be set before the runtime starts. Only C can
// do that, and no other package has C.

#include <sys/prctl.h>

__attribute__((constructor)) static void set_timer_slack(void)
{
	const unsigned long nanoseconds = 1000 * 1000;

	prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}
