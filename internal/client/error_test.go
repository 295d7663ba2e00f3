// SPDX-License-Identifier: MIT

package client

import (
	"testing"

	"check_chrony/internal/chrony"
)

// An address that wasn't asked for lack of time has no say in the state.
func TestUnqueriedAddressesDontCount(t *testing.T) {
	silent, late := attempt{name: "192.0.2.1:323", err: chrony.ErrNoReply}, attempt{name: "192.0.2.2:323", err: chrony.ErrNotAsked}
	invalid := attempt{name: "192.0.2.3:323", err: chrony.ErrInvalidReply}
	for _, tt := range []struct {
		failed Error
		want   bool
	}{
		{Error{silent}, true},
		{Error{silent, late}, true},
		{Error{late}, false},
		{Error{late, late}, false},
		{Error{silent, invalid, late}, false},
	} {
		if got := tt.failed.Unreachable(); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.failed, got, tt.want)
		}
	}
}

func TestErrorsDoNotNameLocalPorts(t *testing.T) {
	for text, want := range map[string]string{
		"read udp [::1]:43662->[::1]:53: read: connection refused": "read udp [::1]:53: read: connection refused",
		"read udp 192.0.2.1:40000->192.0.2.53:53: i/o timeout":     "read udp 192.0.2.53:53: i/o timeout",
		"dial udp 192.0.2.53:53: connect: network is unreachable":  "dial udp 192.0.2.53:53: connect: network is unreachable",
		"no such host, or it has no IPv6 address":                  "no such host, or it has no IPv6 address",
		"x->y": "y",
	} {
		if got := withoutLocalPort(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
