// SPDX-License-Identifier: MIT

package cmdmon

import (
	"net/netip"
	"testing"
)

func TestAddressesOfThisHost(t *testing.T) {
	socket, err := Socket("/run/chrony/chronyd.sock")
	if err != nil {
		t.Fatal(err)
	}
	ip := func(text string) Address { return UDP(netip.MustParseAddr(text), DefaultPort) }
	for _, tt := range []struct {
		address        Address
		local, allowed bool
	}{
		{socket, true, true},
		{ip("127.0.0.1"), true, true},
		{ip("::ffff:127.0.0.1"), true, true},
		{ip("::1"), true, true},
		{ip("127.0.0.2"), true, false}, // chrony.conf: only 127.0.0.1 and ::1 are allowed by default
		{ip("192.0.2.1"), false, false},
		{ip("2001:db8::1"), false, false},
		{ip("fe80::1%1"), false, false},
	} {
		if local, allowed := tt.address.IsLocal(), tt.address.IsAllowed(); local != tt.local || allowed != tt.allowed {
			t.Errorf("%s: got local %t, allowed %t; want %t, %t", tt.address, local, allowed, tt.local, tt.allowed)
		}
	}
}
