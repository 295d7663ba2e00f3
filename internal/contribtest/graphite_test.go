// SPDX-License-Identifier: MIT

package contribtest

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// graphite stands in for Graphite, and takes the metrics that Icinga has read in the
// performance data and sends on.
type graphite struct {
	port   int
	mu     sync.Mutex
	values map[string]string
}

func listenAsGraphite(t *testing.T) *graphite {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &graphite{port: l.Addr().(*net.TCPAddr).Port, values: map[string]string{}}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.read(c)
		}
	}()
	return g
}

func (g *graphite) read(c net.Conn) {
	defer c.Close()
	for lines := bufio.NewScanner(c); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 {
			g.mu.Lock()
			g.values[fields[0]] = fields[1]
			g.mu.Unlock()
		}
	}
}

// compare checks that Icinga has sent each metric of a check, to the six decimals that it
// sends.
func (g *graphite) compare(t *testing.T, d *daemon, service string, result checkResult) {
	t.Helper()
	host, name, _ := strings.Cut(service, "!")
	for _, metric := range result.PerformanceData {
		label, rest, _ := strings.Cut(metric, "=")
		text, _, _ := strings.Cut(strings.ReplaceAll(rest, "s;", ";"), ";")
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Errorf("%s: %q: %v", service, metric, err)
			continue
		}
		key := fmt.Sprintf("icinga2.%s.services.%s.chrony.perfdata.%s.value", host, name, label)
		var got string
		d.wait(t, key, func() bool {
			g.mu.Lock()
			defer g.mu.Unlock()
			got = g.values[key]
			return got != ""
		})
		if value, err := strconv.ParseFloat(got, 64); err != nil || fmt.Sprintf("%.6f", value) != fmt.Sprintf("%.6f", want) {
			t.Errorf("%s: sent %s, want %s", key, got, text)
		}
	}
}
