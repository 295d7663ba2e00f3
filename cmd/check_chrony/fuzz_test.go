// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// FuzzArguments runs the plugin with any arguments, one per line.
func FuzzArguments(f *testing.F) {
	for _, arguments := range []string{
		"", "-h", "-V", "-w\n10ms\n-c\n-1:1", "--warning=@~:5us\n-vvv", "-H\n::1\n-p\n323\n-6", "-H\n/run/chrony/chronyd.sock\n-t\n500ms",
		"--leap-warning=insert,delete\n--no-sources=critical", "--expect-reference=GPS,192.0.2.1,ntp.example\n--unexpected-reference=unknown",
		"-w\n5|\xff;\n", "--grace=1h", "-4\n-6", "--", "-\n--\n-w", "--skew-critical=5ppm\n-W\n1:3",
	} {
		f.Add(arguments)
	}
	// No name is looked up on the network.
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no network")
	}}
	f.Fuzz(func(t *testing.T, arguments string) {
		args := strings.Split(arguments, "\n")
		out, code := runWith(answering{report: chronydtest.Healthy()}, args...)
		if strings.HasPrefix(out, "Usage: ") || strings.HasPrefix(out, "check_chrony") {
			if code != 3 {
				t.Fatalf("help or version exits with %d", code)
			}
			return
		}
		if err := plugintest.CheckFormat(out, code, strings.Count(arguments, "v")); err != nil {
			t.Fatalf("%q: %v in\n%s", arguments, err, out)
		}
	})
}
