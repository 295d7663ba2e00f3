// SPDX-License-Identifier: MIT

//go:build bench

// Package bench measures what a check costs as a whole process, against a real chronyd
// and next to other programs that could be run in its place: make bench.
package bench

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
)

var update = flag.Bool("u", false, "write the results into docs")

// Files that the Makefile has built.
const (
	built  = "../../build/bench/"
	plugin = built + "check_chrony"
	static = built + "check_chrony-static"
)

// reach prints each goal and whether it is reached, and returns the printed text. It
// fails the test if a goal is missed.
func reach(t *testing.T, goals ...goal) string {
	t.Helper()
	var b strings.Builder
	for _, g := range goals {
		fmt.Fprintln(&b, g)
		if g.missed() {
			t.Errorf("missed: %s", g)
		}
	}
	fmt.Print(b.String())
	return b.String()
}

// libchrony returns the library to load, and the option that names it. It empties the
// environment variable, which the static build refuses.
func libchrony(t *testing.T) (file, option string) {
	t.Helper()
	const variable = "CHECK_CHRONY_LIBCHRONY"
	file = cmp.Or(os.Getenv(variable), "libchrony.so.0")
	t.Setenv(variable, "")
	return file, " --libchrony " + file
}

// TestPeers makes the table of what each way to look at a clock costs.
func TestPeers(t *testing.T) {
	const rounds = 25
	library, option := libchrony(t)
	server, d := chronydtest.StartPair(t)
	host := fmt.Sprintf(" -H 127.0.0.1 -p %d", d.CommandPort)
	const (
		chronyc = iota
		again
		floor
		goFloor
		ours
		socket
		native
		ntp
		shell
		python
	)
	rows := []struct{ name, command string }{
		chronyc: {"`chronyc -n -c tracking`", fmt.Sprintf("chronyc -n -c -h 127.0.0.1 -p %d tracking", d.CommandPort)},
		again:   {"the same once more: the noise", fmt.Sprintf("chronyc -n -c -h 127.0.0.1 -p %d tracking", d.CommandPort)},
		floor:   {"C, one UDP round trip: the floor", fmt.Sprintf("%sfloor 127.0.0.1 %d", built, d.CommandPort)},
		goFloor: {"Go + cgo + libchrony, two fields: Go's floor", fmt.Sprintf("%sbare %s 127.0.0.1:%d", built, library, d.CommandPort)},
		ours:    {"**check_chrony**, libchrony, UDP", plugin + host + option},
		socket:  {"**check_chrony**, libchrony, Unix socket", plugin + " -H " + d.Socket + option},
		native:  {"**check_chrony**, native, UDP, static", static + host},
		ntp:     {"check_ntp_time (monitoring-plugins)", fmt.Sprintf("%s -H 127.0.0.1 -p %d", monitoringPlugin(t, "check_ntp_time"), server.NTPPort)},
		shell:   {"shell: `chronyc` into `awk`", fmt.Sprintf("sh peers/chronyc_awk.sh 127.0.0.1 %d", d.CommandPort)},
		python:  {"Python: pychrony", fmt.Sprintf("%s peers/tracking.py 127.0.0.1:%d", os.Getenv("CHECK_CHRONY_PYTHON"), d.CommandPort)},
	}
	var commands []string
	for _, r := range rows {
		commands = append(commands, r.command)
	}
	m := measure(t, rounds, commands...)

	var table strings.Builder
	fmt.Fprintf(&table, "| medians of %d rounds | CPU ms | × chronyc (min–max) | wall ms | × chronyc (min–max) | memory MiB |\n", rounds)
	table.WriteString("| --- | ---: | ---: | ---: | ---: | ---: |\n")
	var memory []float64
	for i, r := range rows {
		memory = append(memory, resident(t, r.command))
		fmt.Fprintf(&table, "| %s | %.2f | %s | %.2f | %s | %.1f |\n", r.name,
			newSpread(m[i].cpu).median, ratios(m[i].cpu, m[chronyc].cpu),
			newSpread(m[i].wall).median, ratios(m[i].wall, m[chronyc].wall), memory[i])
	}
	fmt.Println(table.String())
	record(t, "table", table.String())
	goals := reach(t,
		goal{"CPU, check_chrony / Go's floor", ratios(m[ours].cpu, m[goFloor].cpu), 1.40},
		goal{"CPU, static check_chrony / Go's floor", ratios(m[native].cpu, m[goFloor].cpu), 1.10},
		goal{"CPU, over the Unix socket / Go's floor", ratios(m[socket].cpu, m[goFloor].cpu), 1.60},
		goal{"wall, check_chrony / Go's floor", ratios(m[ours].wall, m[goFloor].wall), 1.40},
		goal{"wall, static check_chrony / Go's floor", ratios(m[native].wall, m[goFloor].wall), 1.10},
		goal{"wall, over the Unix socket / Go's floor", ratios(m[socket].wall, m[goFloor].wall), 1.60},
		goal{"memory of check_chrony, MiB", newSpread([]float64{slices.Max(memory[ours : native+1])}), 10},
		goal{"size of check_chrony, MiB", newSpread([]float64{size(t, plugin)}), 5},
		goal{"size of static check_chrony, MiB", newSpread([]float64{size(t, static)}), 5},
	)
	record(t, "goals", "```\n"+goals+"```\n")
}

// TestRequests counts the requests to a chronyd with N sources: 1 + 1 + N.
func TestRequests(t *testing.T) {
	_, option := libchrony(t)
	const sources = 5
	for name, command := range map[string]string{"libchrony": plugin + option, "native": static} {
		fake := chronydtest.NewFake(t, "udp4", chronydtest.Answer(healthy(sources)))
		run(t, command+" "+strings.Join(fake.Args(), " "))
		reach(t, goal{fmt.Sprintf("requests for %d sources, %s", sources, name), newSpread([]float64{float64(len(fake.Requests()))}), 1 + 1 + sources})
	}
}

// healthy returns the report of a chronyd that nothing is wrong with.
func healthy(sources int) chrony.Report {
	report := chrony.Report{Tracking: chrony.Tracking{Stratum: 2, ReferenceTime: time.Now()}}
	for range sources {
		report.Sources = append(report.Sources, chrony.Source{Address: "192.0.2.1", Stratum: 1, State: chrony.Selected, Reachability: 0o377})
	}
	return report
}

func size(t *testing.T, file string) float64 {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return float64(info.Size()) / (1 << 20)
}

// monitoringPlugin returns the path of one of the Monitoring Plugins.
func monitoringPlugin(t *testing.T, name string) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib*/nagios/plugins/" + name)
	if found == nil {
		chronydtest.Missing(t, name)
	}
	return found[0]
}
