// SPDX-License-Identifier: MIT

package chrony

// Activity is the activity report (candm.h RPY_Activity, "chronyc activity"): how many
// NTP sources are in each state. Reference clocks are not counted. The unused sources of
// a pool count as unresolved.
type Activity struct {
	// Online and Offline are the sources that are polled, and those that are not
	// because of "chronyc offline" or the option "offline".
	Online, Offline uint32
	// BurstOnline and BurstOffline are the sources in a burst, after which they are
	// online or offline again.
	BurstOnline, BurstOffline uint32
	// Unresolved sources have no address yet.
	Unresolved uint32
}
