// SPDX-License-Identifier: MIT

package chrony

import (
	"errors"
	"testing"
)

func TestSelectDataIsOf(t *testing.T) {
	server, clock := Source{Address: "192.0.2.1"}, Source{Mode: ReferenceClock, ReferenceID: 0x50505300}
	for _, tt := range []struct {
		data          SelectData
		server, clock bool
	}{
		{SelectData{ReferenceID: 0xC0000201, Address: "192.0.2.1"}, true, false},
		{SelectData{ReferenceID: 0x50505300, Address: "192.0.2.1"}, true, false},
		{SelectData{ReferenceID: 0x50505300, Address: "192.0.2.2"}, false, false},
		{SelectData{ReferenceID: 0x50505300}, false, true},
		{SelectData{ReferenceID: 0x47505300}, false, false},
	} {
		if server, clock := tt.data.IsOf(server), tt.data.IsOf(clock); server != tt.server || clock != tt.clock {
			t.Errorf("%+v: got %t and %t, want %t and %t", tt.data, server, clock, tt.server, tt.clock)
		}
	}
}

func TestSelectDataValidate(t *testing.T) {
	for authentication, want := range map[uint8]error{0: nil, 1: nil, 2: ErrInvalidReply, 'Y': ErrInvalidReply} {
		if err := (SelectData{Authentication: authentication}).Validate(); !errors.Is(err, want) {
			t.Errorf("%d: got %v, want %v", authentication, err, want)
		}
	}
}
