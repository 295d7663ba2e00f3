// SPDX-License-Identifier: MIT

// Package contribtest runs the definitions that are shipped here in the
// monitoring systems that they are for: real daemons, started on loopback in a
// temporary folder, that ask real chronyds. What a daemon shows must be what the
// plugin said, value by value.
package contribtest

import "testing"

func TestContrib(t *testing.T) {
	s := newSite(t)
	for name, test := range map[string]func(*testing.T, *site){
		"Nagios":   testNagios,
		"NRPE":     testNRPE,
		"Icinga 2": testIcinga,
		"Sensu":    testSensu,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}
