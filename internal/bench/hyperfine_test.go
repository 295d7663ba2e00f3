// SPDX-License-Identifier: MIT

//go:build bench

package bench

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// cost is what one run of a command costs, in milliseconds: the mean CPU time (hyperfine
// gives no other) and the median wall time of some runs in a row.
type cost struct{ cpu, wall float64 }

// hyperfine runs a command, given as a shell would split it, some times in a row.
func hyperfine(t *testing.T, runs int, command string) cost {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hyperfine.json")
	out, err := exec.Command("hyperfine", "-N", "--style", "none", "--warmup", "1",
		"--runs", strconv.Itoa(runs), "--export-json", file, command).CombinedOutput()
	if err != nil {
		t.Fatalf("hyperfine %s: %v\n%s", command, err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var export struct {
		Results []struct{ User, System, Median float64 }
	}
	if err := json.Unmarshal(data, &export); err != nil || len(export.Results) != 1 {
		t.Fatalf("hyperfine %s: %v\n%s", command, err, data)
	}
	r := export.Results[0]
	return cost{cpu: 1e3 * (r.User + r.System), wall: 1e3 * r.Median}
}

// measurement is the cost of a command in each round.
type measurement struct{ cpu, wall []float64 }

// measure lets the commands take turns of about a tenth of a second each, so that a
// machine that is slow for a while is slow for all of them. Each round begins with
// another command.
func measure(t *testing.T, rounds int, commands ...string) []measurement {
	t.Helper()
	const turn = 120 // milliseconds
	all := make([]measurement, len(commands))
	runs := make([]int, len(commands))
	for i, command := range commands {
		runs[i] = min(max(int(turn/hyperfine(t, 2, command).wall), 2), 25)
	}
	for round := range rounds {
		for i := range commands {
			i = (i + round) % len(commands)
			c := hyperfine(t, runs[i], commands[i])
			all[i].cpu = append(all[i].cpu, c.cpu)
			all[i].wall = append(all[i].wall, c.wall)
		}
	}
	return all
}

// resident returns the largest resident memory of some runs of a command, in MiB.
func resident(t *testing.T, command string) float64 {
	t.Helper()
	most := 0
	for range 5 {
		kib, code := chronydtest.Resident(t, strings.Fields(command)...)
		if code != 0 {
			t.Fatalf("%s: exit code %d", command, code)
		}
		most = max(most, kib)
	}
	return float64(most) / 1024
}

// run runs a command, given as a shell would split it, which must succeed.
func run(t *testing.T, command string) {
	t.Helper()
	if out, err := exec.Command("sh", "-c", "exec "+command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}
