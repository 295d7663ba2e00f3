// SPDX-License-Identifier: MIT

package client

import (
	"context"
	"fmt"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/cmdmon"
)

// parse returns the address that an IP address with a port, or a path, stands for.
func parse(t *testing.T, text string) cmdmon.Address {
	t.Helper()
	if udp, err := netip.ParseAddrPort(text); err == nil {
		return cmdmon.UDP(udp.Addr(), udp.Port())
	}
	address, err := cmdmon.Socket(text)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// within returns a limit of this length, which no signal ends.
func within(d time.Duration) cmdmon.Limit {
	return cmdmon.Limit{Deadline: time.Now().Add(d), Context: context.Background}
}

// neverResent is the length of a limit with which a request that is answered is sent once,
// however slow the machine is.
const neverResent = time.Hour

// Each address gets an equal share of the time that is left, so that the last of many
// is still asked. Here nobody listens at the others, so no time passes.
func TestAddressesShareTheTime(t *testing.T) {
	var addresses []cmdmon.Address
	for range 9 {
		addresses = append(addresses, parse(t, fmt.Sprintf("127.0.0.1:%d", chronydtest.FreePort(t))))
	}
	last := parse(t, chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy())).Address)
	limit := within(neverResent)
	addresses = append(addresses, last)
	asked := 0
	answer, err := readInTurn(nativeCodec{}, addresses, false, cmdmon.Reports{}, limit, func(format string, args ...any) {
		if format != "%s: queried, with %s to answer" {
			return
		}
		share, err := time.ParseDuration(args[1].(string))
		equal := neverResent / time.Duration(len(addresses)-asked)
		if err != nil || share < equal*98/100 || share > equal*102/100 {
			t.Errorf("address %d: got %v, %v, want %v", asked+1, share, err, equal)
		}
		asked++
	})
	if asked != len(addresses) {
		t.Errorf("asked %d addresses, want %d", asked, len(addresses))
	}
	if err != nil || answer.Address != last || answer.Tracking.Stratum != 3 {
		t.Errorf("got %+v, %v", answer, err)
	}
}

// Once chronyd has answered, no other address is asked: the answer counts.
func TestAnAnswerEndsTheSearch(t *testing.T) {
	for name, tt := range map[string]struct {
		change chronydtest.Change
		same   bool
		asked  int
	}{
		"invalid":                    {chronydtest.Cut(chronydtest.HeaderLength), true, 0},
		"refused":                    {chronydtest.Set16(chronydtest.AtStatus, 2), false, 0},
		"refused, of the same":       {chronydtest.Set16(chronydtest.AtStatus, 2), true, 3},
		"a failure is not a refusal": {chronydtest.Set16(chronydtest.AtStatus, 1), true, 0},
	} {
		first := chronydtest.NewFake(t, "udp4", chronydtest.Changed(chronydtest.Answer(chronydtest.Healthy()), chronydtest.RequestTracking, tt.change))
		second := chronydtest.NewFake(t, "unixgram", chronydtest.Answer(chronydtest.Healthy()))
		limit := within(neverResent)
		answer, err := readInTurn(nativeCodec{}, []cmdmon.Address{parse(t, first.Address), parse(t, second.Address)}, tt.same, cmdmon.Reports{}, limit, func(string, ...any) {})
		if asked := len(second.Requests()); asked != tt.asked || (err == nil) != (tt.asked > 0) {
			t.Errorf("%s: asked the other %d times, want %d; got %+v, %v", name, asked, tt.asked, answer, err)
		}
	}
}

// The search doesn't end at an address where nobody listens, even after a refusal: with
// "opencommands" and no IPv6, 127.0.0.1 refuses, ::1 is closed, and the socket answers.
func TestNextAddressAfterRefusalAndClosedPort(t *testing.T) {
	first := chronydtest.NewFake(t, "udp4", chronydtest.Changed(chronydtest.Answer(chronydtest.Healthy()), chronydtest.RequestTracking, chronydtest.Set16(chronydtest.AtStatus, 2)))
	closed := fmt.Sprintf("127.0.0.1:%d", chronydtest.FreePort(t))
	last := chronydtest.NewFake(t, "unixgram", chronydtest.Answer(chronydtest.Healthy()))
	limit := within(neverResent)
	answer, err := readInTurn(nativeCodec{}, []cmdmon.Address{parse(t, first.Address), parse(t, closed), parse(t, last.Address)}, true, cmdmon.Reports{}, limit, func(string, ...any) {})
	if answer.Address.String() != last.Address || err != nil {
		t.Errorf("got %+v, %v; want %s", answer, err, last.Address)
	}
}

// deniedOnce is the native codec, but its first request fails as if a firewall denied it.
type deniedOnce struct {
	nativeCodec
	denied bool
}

func (c *deniedOnce) Tracking(roundTrip cmdmon.RoundTrip) (chrony.Tracking, error) {
	if !c.denied {
		c.denied = true
		return chrony.Tracking{}, syscall.EPERM
	}
	return c.nativeCodec.Tracking(roundTrip)
}

// What a firewall or a service's sandbox denies says nothing about the next address: in a
// sandbox without a network there is still the Unix socket.
func TestNextAddressAfterADeniedOne(t *testing.T) {
	first := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	last := chronydtest.NewFake(t, "unixgram", chronydtest.Answer(chronydtest.Healthy()))
	answer, err := readInTurn(new(deniedOnce), []cmdmon.Address{parse(t, first.Address), parse(t, last.Address)}, true, cmdmon.Reports{}, within(5*time.Second), func(string, ...any) {})
	if answer.Address.String() != last.Address || err != nil {
		t.Errorf("got %+v, %v; want %s", answer, err, last.Address)
	}
}

// The selectdata report, which chronyd refuses over UDP by default, is asked for at the
// same chronyd's next address. If all refuse, the other reports are kept.
func TestRefusedSelectDataReadOverSocket(t *testing.T) {
	refuses := func(status uint16) chronydtest.Handler {
		return chronydtest.Changed(chronydtest.Answer(chronydtest.Healthy()), chronydtest.RequestSelectData, chronydtest.Set16(chronydtest.AtStatus, status))
	}
	const unauthorised, invalid = 2, 3
	for name, tt := range map[string]struct {
		first, second  chronydtest.Handler
		oneChronyd     bool
		records, asked int // of the second
	}{
		"answered":               {refuses(unauthorised), chronydtest.Answer(chronydtest.Healthy()), true, 1, 4},
		"refused":                {refuses(unauthorised), refuses(unauthorised), true, 0, 4},
		"another host's address": {refuses(unauthorised), chronydtest.Answer(chronydtest.Healthy()), false, 0, 0},
		"unknown":                {refuses(invalid), chronydtest.Answer(chronydtest.Healthy()), true, 0, 0},
	} {
		first := chronydtest.NewFake(t, "udp4", tt.first)
		second := chronydtest.NewFake(t, "unixgram", tt.second)
		addresses := []cmdmon.Address{parse(t, first.Address), parse(t, second.Address)}
		answer, err := readInTurn(nativeCodec{}, addresses, tt.oneChronyd, cmdmon.Reports{SelectData: true}, within(neverResent), func(string, ...any) {})
		if asked := len(second.Requests()); err != nil || len(answer.Sources) != 1 || len(answer.SelectData) != tt.records || asked != tt.asked {
			t.Errorf("%s: got %+v, %v; the second was asked %d times, want %d", name, answer, err, asked, tt.asked)
		}
	}
}

// Sources that are refused at one address are asked for at the same chronyd's next
// address, and never of another chronyd. If all refuse, the tracking report is kept.
func TestRefusedSourcesReadOverSocket(t *testing.T) {
	refuses := chronydtest.Changed(chronydtest.Answer(chronydtest.Healthy()), chronydtest.RequestNumberSources, chronydtest.Set16(chronydtest.AtStatus, 2))
	for name, tt := range map[string]struct {
		second  chronydtest.Handler
		same    bool
		sources int
		asked   bool
	}{
		"answered":      {chronydtest.Answer(chronydtest.Healthy()), true, 1, true},
		"refused":       {refuses, true, 0, true},
		"other chronyd": {chronydtest.Answer(chronydtest.Healthy()), false, 0, false},
	} {
		first := chronydtest.NewFake(t, "udp4", refuses)
		second := chronydtest.NewFake(t, "unixgram", tt.second)
		limit := within(neverResent)
		answer, err := readInTurn(nativeCodec{}, []cmdmon.Address{parse(t, first.Address), parse(t, second.Address)}, tt.same, cmdmon.Reports{}, limit, func(string, ...any) {})
		want := map[bool]string{false: first.Address, true: second.Address}[tt.asked]
		if asked := len(second.Requests()) > 0; asked != tt.asked {
			t.Errorf("%s: asked the other: %t", name, asked)
		}
		if err != nil || answer.Address.String() != want || len(answer.Sources) != tt.sources || answer.Tracking.Stratum != 3 {
			t.Errorf("%s: got %+v, %v", name, answer, err)
		}
	}
}
