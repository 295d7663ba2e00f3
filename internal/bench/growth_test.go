// SPDX-License-Identifier: MIT

//go:build bench

package bench

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// TestSources measures how the cost of a check grows with the number of sources.
func TestSources(t *testing.T) {
	const rounds = 15
	_, option := libchrony(t)
	server := chronydtest.Start(t, "local stratum 5")
	numbers := []int{1, 4, 16, 64, 256}
	readers := []string{plugin + option, static}
	var commands []string
	for _, n := range numbers {
		// All but one are offline: chronyd leaves 0.2 s between requests to any two sources,
		// and for the check offline ones do as well.
		sources := []string{server.AsServer()}
		for i := 1; i < n; i++ {
			sources = append(sources, fmt.Sprintf("server 192.0.2.%d offline", i))
		}
		d := chronydtest.Start(t, sources...)
		d.WaitSynchronised()
		for _, reader := range readers {
			commands = append(commands, fmt.Sprintf("%s -H 127.0.0.1 -p %d", reader, d.CommandPort))
		}
	}
	m := measure(t, rounds, commands...)

	var data strings.Builder
	data.WriteString("# sources, then CPU ms (median, min, max) by libchrony and native\n")
	for i, n := range numbers {
		fmt.Fprintf(&data, "%d", n)
		for r := range readers {
			s := newSpread(m[len(readers)*i+r].cpu)
			fmt.Fprintf(&data, " %.3f %.3f %.3f", s.median, s.min, s.max)
		}
		data.WriteString("\n")
	}
	save(t, "sources.dat", data.String())

	var goals strings.Builder
	// The cost is linear: from 64 to 256 sources, each costs no more than from 1 to 64.
	for r, name := range []string{"libchrony", "native"} {
		cpu := func(i int) []float64 { return m[len(readers)*i+r].cpu }
		one, some, many := cpu(0), cpu(slices.Index(numbers, 64)), cpu(slices.Index(numbers, 256))
		var first, later []float64
		for i := range one {
			first = append(first, (some[i]-one[i])/(64-1))
			later = append(later, (many[i]-some[i])/(256-64))
		}
		fmt.Printf("a source more costs %.1f us of CPU, %s\n", 1e3*newSpread(later).median, name)
		goals.WriteString(reach(t, goal{"CPU of a source, 64 to 256 / 1 to 64 sources, " + name, ratios(later, first), 1.1}))
	}
	record(t, "sources", "```\n"+goals.String()+"```\n")
}

// TestThroughput measures how many checks a machine gets done, depending on how many run
// at a time.
func TestThroughput(t *testing.T) {
	const (
		rounds = 7
		checks = 256
	)
	_, option := libchrony(t)
	_, d := chronydtest.StartPair(t)
	// A line for each check: the value of its last option.
	list := filepath.Join(t.TempDir(), "ports")
	if err := os.WriteFile(list, []byte(strings.Repeat(strconv.Itoa(d.CommandPort)+"\n", checks)), 0o600); err != nil {
		t.Fatal(err)
	}
	atATime := []int{1, 2, 4, 16, 64}
	programs := []string{plugin + option + " -H 127.0.0.1 -p", static + " -H 127.0.0.1 -p"}
	rates := make([][][]float64, len(atATime)) // by number, program and round
	for i := range rates {
		rates[i] = make([][]float64, len(programs))
	}
	for range rounds {
		for i, n := range atATime {
			for p, program := range programs {
				c := hyperfine(t, 1, fmt.Sprintf("xargs -a %s -L 1 -P %d %s", list, n, program))
				rates[i][p] = append(rates[i][p], checks/(c.wall/1e3)/float64(runtime.NumCPU()))
			}
		}
	}
	var data strings.Builder
	data.WriteString("# checks at a time, then checks a second and core (median, min, max) by libchrony and native\n")
	for i, n := range atATime {
		fmt.Fprintf(&data, "%d", n)
		for p := range programs {
			s := newSpread(rates[i][p])
			fmt.Fprintf(&data, " %.1f %.1f %.1f", s.median, s.min, s.max)
		}
		data.WriteString("\n")
	}
	save(t, "throughput.dat", data.String())
	// In each round: the best rate with fewer at a time, compared with the most at a time.
	most := len(atATime) - 1
	var goals strings.Builder
	for p, name := range []string{"libchrony", "native"} {
		best := slices.Clone(rates[0][p])
		for _, fewer := range rates[1:most] {
			for round := range best {
				best[round] = max(best[round], fewer[p][round])
			}
		}
		goals.WriteString(reach(t, goal{fmt.Sprintf("checks a second, best of fewer / %d at a time, %s", atATime[most], name), ratios(best, rates[most][p]), 1.25}))
	}
	record(t, "throughput", "```\n"+goals.String()+"```\n")
	draw(t)
}

// TestDistance measures what a check costs, depending on how long each reply takes.
func TestDistance(t *testing.T) {
	const (
		rounds  = 9
		sources = 4
		hosts   = 10000.0 // once a minute
	)
	_, option := libchrony(t)
	report := healthy(sources)
	pauses := []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond}
	programs := []string{"chronyc -n -c -h %s -p %d tracking", plugin + option + " -H %s -p %d", static + " -H %s -p %d"}
	var commands []string
	for _, pause := range pauses {
		fake := chronydtest.NewFakeAt(t, "udp4", elsewhere(t), func(request []byte, _ int) []chronydtest.Datagram {
			return chronydtest.Later(pause, chronydtest.Reply(request, report))
		})
		address := netip.MustParseAddrPort(fake.Address)
		for _, program := range programs {
			commands = append(commands, fmt.Sprintf(program, address.Addr(), address.Port()))
		}
	}
	m := measure(t, rounds, commands...)

	var table strings.Builder
	fmt.Fprintf(&table, "| each reply comes after | chronyc, CPU ms | libchrony, CPU ms (min–max) | native, CPU ms (min–max) | cores for %.0f hosts a minute: libchrony | native |\n", hosts)
	table.WriteString("| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for i, pause := range pauses {
		cpu := func(program int) spread { return newSpread(m[len(programs)*i+program].cpu) }
		cores := func(program int) float64 { return hosts / 60 * cpu(program).median / 1e3 }
		fmt.Fprintf(&table, "| %s | %.2f | %s | %s | %.1f | %.1f |\n", pause, cpu(0).median, cpu(1), cpu(2), cores(1), cores(2))
	}
	fmt.Println(table.String())
	record(t, "distance", table.String())
}

// elsewhere returns an address of this machine that isn't loopback: to the plugin it is
// another host.
func elsewhere(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			return net.JoinHostPort(ip.IP.String(), "0")
		}
	}
	chronydtest.Missing(t, "an IPv4 address other than loopback")
	return ""
}

// draw draws what the tests above have measured.
func draw(t *testing.T) {
	t.Helper()
	picture := built + "growth.svg"
	if *update {
		picture = "../../docs/growth.svg"
	}
	run(t, "gnuplot -e \"folder='"+built+"'\" -e \"picture='"+picture+"'\" growth.gp")
}
