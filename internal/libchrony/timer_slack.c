// SPDX-License-Identifier: MIT

//go:build linux

// Go's runtime watches a young program from a thread that sleeps for 20 microseconds at a
// time. Each sleep ends by a timer interrupt and a switch of threads, and all of them
// together are a tenth of what a check costs. With more timer slack (prctl(2)) the thread
// sleeps for a millisecond, which is also exact enough for the plugin's own waiting.
//
// New threads inherit the slack, so it must be set before the runtime starts. Only C can
// do that, and this is the package that has C.

#include <sys/prctl.h>

__attribute__((constructor)) static void set_timer_slack(void)
{
	const unsigned long nanoseconds = 1000 * 1000;

	prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}
