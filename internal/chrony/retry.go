// SPDX-License-Identifier: MIT

package chrony

import "time"

// WaitUntil tells until when a reader waits for an answer before it sends a
// request, first sent at start, again: attempts 0, 1, 2 and 3 get one, two, four
// and eight fifteenths of the time to the deadline.
//
// So three lost datagrams cost no alarm, and a chronyd that takes half of the
// time to answer is heard. A new request has a new sequence number, which makes
// answers to the one before it worthless: at short fixed intervals a slow
// chronyd would never be heard.
func WaitUntil(attempt int, start, deadline time.Time) time.Time {
	const attempts = 4
	if attempt >= attempts-1 {
		return deadline
	}
	return start.Add(deadline.Sub(start) * (2<<attempt - 1) / (1<<attempts - 1))
}
