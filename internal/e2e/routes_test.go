// SPDX-License-Identifier: MIT

package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// However the network refuses a request, it means that no chronyd answers: the state is
// that of --unreachable. The errors are the kernel's own.
func TestRoutesAndFirewallsThatBlock(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	const prohibited = "permission denied (a route or a firewall prohibits it)"
	for kind, cause := range map[string]string{
		"prohibit":    prohibited,
		"blackhole":   "invalid argument",
		"unreachable": "no route to host",
		"throw":       "network is unreachable",
	} {
		must(t, "ip", "route", "add", kind, "192.0.2.0/24")
		must(t, "ip", "-6", "route", "add", kind, "2001:db8::/32")
		forbidden(t, kind+" route", "192.0.2.1", cause)
		forbidden(t, kind+" route", "2001:db8::1", cause)
		must(t, "ip", "route", "del", kind, "192.0.2.0/24")
		must(t, "ip", "-6", "route", "del", kind, "2001:db8::/32")
	}

	if _, err := exec.LookPath("nft"); err != nil {
		chronydtest.Missing(t, "nft (nftables)")
	}
	// A fake chronyd listens behind the firewall.
	for network, address := range map[string]string{"udp4": "127.0.0.1:323", "udp6": "[::1]:323"} {
		chronydtest.NewFakeAt(t, network, address, chronydtest.Answer(chronydtest.Healthy()))
	}
	for _, tt := range []struct{ rule, address, cause string }{
		{"meta nfproto ipv6 reject with icmpv6 admin-prohibited", "::1", prohibited}, // firewalld's
		{"meta nfproto ipv4 reject with icmp admin-prohibited", "127.0.0.1", "no route to host"},
		{"meta nfproto ipv4 reject with icmp host-prohibited", "127.0.0.1", "no route to host"},
		{"meta nfproto ipv4 reject with icmp net-prohibited", "127.0.0.1", "network is unreachable"},
		{"meta nfproto ipv4 reject with icmp prot-unreachable", "127.0.0.1", "protocol not available"},
		{"meta nfproto ipv6 reject with icmpv6 no-route", "::1", "no reply within "}, // Linux doesn't report it
		{"reject with icmpx port-unreachable", "::1", "connection refused ("},
	} {
		must(t, "nft", "add table inet test")
		must(t, "nft", "add chain inet test in { type filter hook input priority 0; }")
		must(t, "nft", "add rule inet test in udp dport 323 "+tt.rule)
		forbidden(t, tt.rule, tt.address, tt.cause)
		must(t, "nft", "delete table inet test")
	}
	// If its own host doesn't let the plugin ask, that says nothing about chronyd.
	must(t, "nft", "add table inet test")
	must(t, "nft", "add chain inet test out { type filter hook output priority 0; }")
	must(t, "nft", "add rule inet test out udp dport 323 reject")
	out, code := plugintest.Run(t, nil, "-H", "::1", "--unreachable=ok")
	checkOutput(t, "output rule", out, code, 3, "CHRONY UNKNOWN: can't read chronyd at [::1]:323: operation not permitted (blocked by this host's firewall or service sandbox)")
	must(t, "nft", "delete table inet test")
	out, code = plugintest.Run(t, nil, "-H", "::1")
	checkOutput(t, "no firewall", out, code, 0, "CHRONY OK: ")
}

// forbidden checks an address that the network forbids, and compares the cause.
func forbidden(t *testing.T, what, address, cause string) {
	t.Helper()
	at := address + ":323"
	if address[len(address)-2] == ':' {
		at = "[" + address + "]:323"
	}
	timeout := "5s"
	if strings.HasPrefix(cause, "no reply") {
		timeout = "300ms"
	}
	for _, reader := range plugintest.Readers(t) {
		for code, state := range map[int]string{1: "warning", 2: "critical"} {
			out, got := plugintest.Run(t, nil, "-H", address, "--unreachable="+state, "--reader="+reader, "-t", timeout)
			want := fmt.Sprintf("CHRONY %s: no answer from chronyd at %s: %s", [...]string{1: "WARNING", 2: "CRITICAL"}[code], at, cause)
			checkOutput(t, what+", "+reader, out, got, code, want)
		}
	}
}
