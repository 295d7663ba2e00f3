// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

// FuzzArguments runs the plugin with any arguments, which stand one a line.
func FuzzArguments(f *testing.F) {
	for _, arguments := range []string{
		"", "-h", "-V", "-w\n10ms\n-c\n-1:1", "--warning=@~:5us\n-vvv", "-H\n::1\n-p\n323\n-6", "-H\n/run/chrony/chronyd.sock\n-t\n500ms",
		"--leap-warning=insert,delete\n--no-sources=critical", "--expect-reference=GPS,192.0.2.1,ntp.example\n--unexpected-reference=unknown",
		"-w\n5|\xff;\n", "--grace=1h", "-4\n-6", "--", "-\n--\n-w", "--skew-critical=5ppm\n-W\n1:3",
	} {
		f.Add(arguments)
	}
	// Names are looked up nowhere.
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no network")
	}}
	read := func(context.Context, string, chrony.Trace) (chrony.Report, error) { return healthy(), nil }
	f.Fuzz(func(t *testing.T, arguments string) {
		args := strings.Split(arguments, "\n")
		out, code := runWith(read, args...)
		if strings.HasPrefix(out, "Usage: ") || strings.HasPrefix(out, "check_chrony") {
			if code != 3 {
				t.Fatalf("help or version exits with %d", code)
			}
			return
		}
		if err := strict(out, code, strings.Count(arguments, "v")); err != nil {
			t.Fatalf("%q: %v in\n%s", arguments, err, out)
		}
	})
}

// The two below send any reply through a reader to the output.

func FuzzLibchrony(f *testing.F) { fuzzReader(f, "libchrony") }

func FuzzNative(f *testing.F) { fuzzReader(f, "native") }

func fuzzReader(f *testing.F, reader string) {
	request := make([]byte, chronydtest.TrackingLength)
	report := healthy()
	for command, reply := range map[uint16][]byte{
		chronydtest.RequestTracking:      chronydtest.Tracking(request, report.Tracking),
		chronydtest.RequestNumberSources: chronydtest.NumberSources(request, 1),
		chronydtest.RequestSource:        chronydtest.Source(request, report.Sources[0]),
	} {
		f.Add(command, reply, true)
		f.Add(command, reply[:len(reply)-1], true)
		f.Add(command, append(slices.Clone(reply), 1), false)
		f.Add(command, chronydtest.Header(request, chronydtest.ReplyNull, 2), true)
	}
	args := []string{"--reader", reader, "-t", "20ms"}
	if name := library(f); reader == "libchrony" && name != "" {
		args = append(args, "--libchrony", name)
	}
	var (
		mu    sync.Mutex
		given struct {
			command uint16
			reply   []byte
			ours    bool // with the header of a reply to the request
		}
	)
	fake := chronydtest.NewFake(f, "udp4", func(request []byte, _ int) []chronydtest.Datagram {
		mu.Lock()
		defer mu.Unlock()
		right := chronydtest.Reply(request, report)
		if chronydtest.Command(request) != given.command {
			return chronydtest.Send(right)
		}
		reply := slices.Clone(given.reply)
		if given.ours && len(reply) >= chronydtest.HeaderLength {
			copy(reply, right[:chronydtest.AtStatus])
			copy(reply[chronydtest.AtSequence:], right[chronydtest.AtSequence:chronydtest.HeaderLength])
		}
		return chronydtest.Send(reply)
	})
	args = append(args, fake.Args()...)
	f.Fuzz(func(t *testing.T, command uint16, reply []byte, ours bool) {
		if len(reply) > 9000 {
			return // no datagram on loopback
		}
		mu.Lock()
		given.command, given.reply, given.ours = command, reply, ours
		mu.Unlock()
		var out strings.Builder
		code := run(args, &out, loadReader)
		if err := strict(out.String(), code, 0); err != nil {
			t.Fatalf("%v in\n%s", err, out.String())
		}
	})
}
