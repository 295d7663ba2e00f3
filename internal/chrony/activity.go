// SPDX-License-Identifier: MIT

package chrony

// Activity is the part that the plugin reads of the activity report (candm.h
// RPY_Activity, "chronyc activity").
type Activity struct {
	// Offline is how many servers and peers are not polled, because of "chronyc offline"
	// or the option "offline".
	Offline uint32
}
