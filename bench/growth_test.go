// SPDX-License-Identifier: MIT

//go:build bench

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// TestSources measures the cost of a check by the number of sources.
func TestSources(t *testing.T) {
	const rounds = 15
	_, option := libchrony(t)
	server := chronydtest.Start(t, "local stratum 5")
	numbers := []int{1, 4, 16, 64, 256}
	readers := []string{plugin + option, static}
	var commands []string
	for _, n := range numbers {
		// All but one are offline: chronyd leaves 0.2 s between requests to any two, and
		// to the check they are as good.
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
			s := NewSpread(m[len(readers)*i+r].cpu)
			fmt.Fprintf(&data, " %.3f %.3f %.3f", 1e3*s.Median, 1e3*s.Min, 1e3*s.Max)
		}
		data.WriteString("\n")
	}
	save(t, "sources.dat", data.String())

	// Linear: from 64 to 256 sources each costs no more than from 1 to 64.
	for r, name := range []string{"libchrony", "native"} {
		cpu := func(i int) []float64 { return m[len(readers)*i+r].cpu }
		one, some, many := cpu(0), cpu(3), cpu(4)
		var first, later []float64
		for i := range one {
			first = append(first, (some[i]-one[i])/(64-1))
			later = append(later, (many[i]-some[i])/(256-64))
		}
		fmt.Printf("a source more costs %.1f us of CPU, %s\n", 1e6*NewSpread(later).Median, name)
		reach(t, Goal{"CPU of a source, from 64 to 256 to from 1 to 64, " + name, Ratios(later, first), 1.1})
	}
}

// TestThroughput measures how many checks a machine gets done, by how many run at
// a time.
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
				rates[i][p] = append(rates[i][p], checks/c.wall/float64(runtime.NumCPU()))
			}
		}
	}
	var data strings.Builder
	data.WriteString("# checks at a time, then checks a second and core (median, min, max) by libchrony and native\n")
	for i, n := range atATime {
		fmt.Fprintf(&data, "%d", n)
		for p := range programs {
			s := NewSpread(rates[i][p])
			fmt.Fprintf(&data, " %.1f %.1f %.1f", s.Median, s.Min, s.Max)
		}
		data.WriteString("\n")
	}
	save(t, "throughput.dat", data.String())
	for p, name := range []string{"libchrony", "native"} {
		reach(t,
			Goal{"checks a second, 2 to 16 at a time, " + name, Ratios(rates[1][p], rates[3][p]), 1.1},
			Goal{"checks a second, 2 to 64 at a time, " + name, Ratios(rates[1][p], rates[4][p]), 1.1},
		)
	}
}

// TestPicture draws what the two above have measured.
func TestPicture(t *testing.T) {
	picture := built + "growth.svg"
	if out, err := exec.Command("gnuplot", "-e", "folder='"+built+"'", "-e", "picture='"+picture+"'", "growth.gp").CombinedOutput(); err != nil {
		t.Fatalf("gnuplot: %v\n%s", err, out)
	}
	if *update {
		data, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("../docs/growth.svg", data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
