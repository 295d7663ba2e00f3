// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/client"
	"check_chrony/internal/cmdmon"
	"check_chrony/internal/plugintest"
)

// resolveBy makes Go resolve names through a DNS server on loopback. It gives these
// IPv4 addresses for every name; without any it never answers.
func resolveBy(t *testing.T, addresses ...string) {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		query := make([]byte, 512)
		for {
			n, client, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			if len(addresses) > 0 {
				conn.WriteTo(dnsAnswer(query[:n], addresses), client)
			}
		}
	}()
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before })
	net.DefaultResolver = &net.Resolver{
		PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			return net.DialUDP("udp4", nil, conn.LocalAddr().(*net.UDPAddr))
		},
	}
}

// dnsAnswer returns the answer to a query (RFC 1035, section 4.1): addresses for type
// A, nothing for others.
func dnsAnswer(query []byte, addresses []string) []byte {
	const header, typeA = 12, 1
	end := header
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5 // the root label, type and class
	reply := append([]byte{}, query[:end]...)
	binary.BigEndian.PutUint16(reply[2:], 0x8180) // a response without an error
	clear(reply[6:header])
	if binary.BigEndian.Uint16(query[end-4:]) != typeA {
		return reply
	}
	binary.BigEndian.PutUint16(reply[6:], uint16(len(addresses)))
	for _, a := range addresses {
		ip := netip.MustParseAddr(a).As4()
		// A pointer to the name, type A, class IN, a TTL of a minute, four bytes.
		reply = append(reply, 0xc0, header, 0, typeA, 0, 1, 0, 0, 0, 60, 0, 4)
		reply = append(reply, ip[:]...)
	}
	return reply
}

// Nine addresses silently swallow each request; the last one answers.
func TestTheLastOfTenAddressesAnswers(t *testing.T) {
	chronydtest.Slow(t)
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	port := int(netip.MustParseAddrPort(fake.Address).Port())
	var addresses []string
	for i := 2; i <= 10; i++ {
		address := "127.0.0." + strconv.Itoa(i)
		silent, err := net.ListenPacket("udp4", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { silent.Close() })
		addresses = append(addresses, address)
	}
	resolveBy(t, append(addresses, "127.0.0.1")...)
	for _, reader := range plugintest.Readers(t) {
		t.Run(reader, func(t *testing.T) {
			t.Parallel()
			out, code := runReal(t, reader, "-H", "ten.example", "-4", "-p", strconv.Itoa(port), "-t", "3s", "-vvv")
			if code != 0 || strings.Count(out, ": queried, with ") != 10 {
				t.Errorf("got %d\n%s", code, out)
			}
		})
	}
}

// Addresses that are silent alike are named once, with the time that all of them had. The
// text is the same at each check.
func TestManySilentAddresses(t *testing.T) {
	chronydtest.Slow(t)
	silent := func([]byte, int) []chronydtest.Datagram { return nil }
	port := int(netip.MustParseAddrPort(chronydtest.NewFake(t, "udp4", silent).Address).Port())
	var addresses []string
	for i := 2; i <= 21; i++ {
		addresses = append(addresses, fmt.Sprintf("127.0.0.%d", i))
		chronydtest.NewFakeAt(t, "udp4", net.JoinHostPort(addresses[len(addresses)-1], strconv.Itoa(port)), silent)
	}
	resolveBy(t, addresses...)
	want := regexp.MustCompile(fmt.Sprintf(`^CHRONY CRITICAL: no answer from chronyd at 127\.0\.0\.2:%d, 127\.0\.0\.3:%[1]d, 127\.0\.0\.4:%[1]d and 17 more addresses: `+
		`no reply within [23](\.\d)?s \(chronyd ignores hosts that "cmdallow" does not name, and other protocol versions\) \| time=`, port))
	for _, reader := range plugintest.Readers(t) {
		t.Run(reader, func(t *testing.T) {
			t.Parallel()
			out, code := runReal(t, reader, "-H", "silent.example", "-4", "-p", strconv.Itoa(port), "-t", "3s")
			if code != 2 || !want.MatchString(out) {
				t.Errorf("got %d, %q; want %s", code, out, want)
			}
		})
	}
}

func TestDNSThatNeverAnswers(t *testing.T) {
	resolveBy(t)
	for _, reader := range plugintest.Readers(t) {
		start := time.Now()
		out, code := runReal(t, reader, "-H", "silent.example", "-t", "300ms")
		want := "CHRONY CRITICAL: no answer from chronyd at silent.example: name lookup timed out | time="
		if took := time.Since(start); code != 2 || !strings.HasPrefix(out, want) || took > 2*time.Second {
			t.Errorf("%s: got %d after %v, %q; want %q", reader, code, took, out, want)
		}
	}
	// If only the reference's name can't be looked up, the clock is still judged.
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	port := netip.MustParseAddrPort(fake.Address).Port()
	for text, want := range map[string]string{
		"silent.example":     "CHRONY UNKNOWN: reference 192.0.2.1 (expected silent.example, which is not resolved), offset ",
		"ntp1":               "CHRONY UNKNOWN: reference 192.0.2.1 (expected ntp1, which is not resolved), offset ",
		"GPS":                "CHRONY WARNING: reference 192.0.2.1 (expected GPS, which is not among the sources), offset ", // in capitals: an ID
		"192.0.2.9":          "CHRONY WARNING: reference 192.0.2.1 (expected 192.0.2.9, which is not among the sources), offset ",
		"192.0.2.9,x.y.test": "CHRONY UNKNOWN: reference 192.0.2.1 (expected 192.0.2.9 or x.y.test, 192.0.2.9 is not among the sources, x.y.test is not resolved), offset ",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			out, code := runReal(t, "native", "-H", "127.0.0.1", "-p", strconv.Itoa(int(port)), "-t", "1s", "--expect-reference="+text)
			if wantCode := map[bool]int{true: 1, false: 3}[strings.HasPrefix(want, "CHRONY WARNING")]; code != wantCode || !strings.HasPrefix(out, want) {
				t.Errorf("got %d, %q; want %d, %q", code, out, wantCode, want)
			}
		})
	}
}

func TestExpectedReferenceByName(t *testing.T) {
	resolveBy(t, "192.0.2.7", "192.0.2.1")
	fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(chronydtest.Healthy()))
	port := netip.MustParseAddrPort(fake.Address).Port()
	if out, code := runReal(t, "native", "-H", "127.0.0.1", "-p", strconv.Itoa(int(port)), "--expect-reference=ntp.example"); code != 0 {
		t.Errorf("got %d, %q", code, out)
	}
}

// If a name has no address of the wanted family, no chronyd answers there.
func TestANameWithoutAnAddressOfTheFamily(t *testing.T) {
	resolveBy(t, "192.0.2.7")
	for _, reader := range plugintest.Readers(t) {
		for code, state := range map[int]string{0: "ok", 1: "warning", 2: "critical", 3: "unknown"} {
			out, got := runReal(t, reader, "-6", "-H", "ipv4only.example", "--unreachable="+state)
			want := fmt.Sprintf("CHRONY %s: no answer from chronyd at ipv4only.example: name lookup failed: no such host, or it has no IPv6 address", [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[code])
			if got != code || !strings.HasPrefix(out, want) {
				t.Errorf("%s: got %d, %q; want %d, %q", reader, got, out, code, want)
			}
		}
	}
}

// Some resolvers block names with 0.0.0.0, which leads to this host. A chronyd listens
// there, and must not be taken for the named one.
func TestANameThatIsBlocked(t *testing.T) {
	fake := chronydtest.NewFakeAt(t, "udp4", "0.0.0.0:0", chronydtest.Answer(chronydtest.Healthy()))
	port := strconv.Itoa(int(netip.MustParseAddrPort(fake.Address).Port()))
	for _, tt := range []struct {
		addresses []string
		code      int
		want      string
	}{
		{[]string{"0.0.0.0"}, 2, "CHRONY CRITICAL: no answer from chronyd at blocked.example: it resolves only to 0.0.0.0 or ::, "},
		{[]string{"0.0.0.0", "127.0.0.1"}, 0, "CHRONY OK: "},
	} {
		resolveBy(t, tt.addresses...)
		for _, reader := range plugintest.Readers(t) {
			out, code := runReal(t, reader, "-H", "blocked.example", "-p", port, "-vv")
			if code != tt.code || !strings.HasPrefix(out, tt.want) || strings.Contains(out, "0.0.0.0:"+port) {
				t.Errorf("%s, %v: got %d, %q; want %d, %q", reader, tt.addresses, code, out, tt.code, tt.want)
			}
		}
	}
	resolveBy(t, "0.0.0.0")
	out, code := runReal(t, "native", "-H", "127.0.0.1", "-p", port, "--expect-reference=blocked.example")
	if want := "CHRONY WARNING: reference 192.0.2.1 (expected blocked.example, which is not found), "; code != 1 || !strings.HasPrefix(out, want) {
		t.Errorf("got %d, %q; want 1, %q", code, out, want)
	}
}

// A signal that comes while a reference is looked up ends the check. It isn't taken for a
// DNS that doesn't answer.
func TestLookUpIsInterrupted(t *testing.T) {
	resolveBy(t)
	ctx, cancel := context.WithTimeoutCause(context.Background(), 50*time.Millisecond, cmdmon.Interrupted("SIGTERM"))
	defer cancel()
	found, err := lookUp([]string{"silent.example"}, cmdmon.Limit{Deadline: time.Now().Add(10 * time.Second), Context: func() context.Context { return ctx }})
	if !errors.Is(err, cmdmon.Interrupted("SIGTERM")) {
		t.Errorf("got %v, %v; want SIGTERM", found, err)
	}
}

// runReal runs the plugin in this process with a real reader.
func runReal(t *testing.T, reader string, args ...string) (string, int) {
	t.Helper()
	args = append(args, "--reader", reader)
	var out strings.Builder
	code := run(args, &out, client.OpenCodec)
	return out.String(), code
}
