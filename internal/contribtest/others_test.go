// SPDX-License-Identifier: MIT

//go:build integration

package contribtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// place writes a shipped file to a folder and returns its path. The recorder replaces the
// plugin, with the port of a chronyd as an option.
func (f *fixture) place(t *testing.T, name string, r recorder, port int) string {
	t.Helper()
	text := shipped(t, name)
	if !strings.Contains(text, shippedPlugin+" --") {
		t.Fatalf("%s: no %s", name, shippedPlugin)
	}
	file := filepath.Join(f.folder(t), filepath.Base(name))
	write(t, file, strings.ReplaceAll(text, shippedPlugin, fmt.Sprintf("%s/check_chrony --port=%d", r.plugins, port)))
	return file
}

// placeScript is like place, with a script in place of the plugin, or nothing if it is
// empty.
func (f *fixture) placeScript(t *testing.T, name, script string) string {
	t.Helper()
	dir := f.folder(t)
	plugin, file := filepath.Join(dir, "plugin"), filepath.Join(dir, filepath.Base(name))
	if script != "" {
		write(t, plugin, "#!/bin/sh\n"+script+"\n")
	}
	write(t, file, strings.ReplaceAll(shipped(t, name), shippedPlugin, plugin))
	return file
}

// ways returns the ports that the tests below ask, by the state that results.
func ways(t *testing.T) map[int]int {
	t.Helper()
	server, client := chronydtest.StartPair(t)
	return map[int]int{0: client.CommandPort, 1: server.CommandPort, 2: chronydtest.FreePort(t)}
}

// only returns the only run that was recorded.
func (r recorder) only(t *testing.T) serviceState {
	t.Helper()
	runs := r.runs(t)
	if len(runs) != 1 {
		t.Fatalf("%d runs of the plugin", len(runs))
	}
	return runs[0].parse()
}

// Zabbix's agent returns the whole line, in every state, and the items of the template
// find their values in it: the state always, and figures if there are any.
func TestZabbix(t *testing.T) {
	t.Parallel()
	agent := tool(t, "zabbix_agentd", "/usr/sbin/zabbix_agentd")
	f := newDaemonFixture(t)
	master, items := zabbixTemplate(t)
	for state, port := range ways(t) {
		r := f.recorder(t)
		conf := filepath.Join(f.folder(t), "zabbix_agentd.conf")
		write(t, conf, "Server=127.0.0.1\nHostname=web1\nInclude="+f.place(t, "zabbix/check_chrony.conf", r, port)+"\n")
		out, code := f.run(t, agent, "-c", conf, "-t", master)
		want := r.only(t)
		m := regexp.MustCompile(`^chrony +\[t\|((CHRONY (\w+): [^|]*)\|(.*))\]\n$`).FindStringSubmatch(out)
		if code != 0 || m == nil || strings.TrimSpace(m[2]) != want.line || !slices.Equal(strings.Fields(m[4]), want.perfdata) || want.code != state {
			t.Errorf("state %d: exit code %d, got %q, want %+v", state, code, out, want)
			continue
		}
		values := map[string]string{"state": m[3]}
		for _, metric := range want.perfdata {
			label, value, _ := strings.Cut(metric, "=")
			value, _, _ = strings.Cut(value, ";")
			values[label] = strings.TrimSuffix(value, "s")
		}
		for label, pattern := range items {
			got := ""
			if found := pattern.FindStringSubmatch(m[1]); found != nil {
				got = found[1]
			}
			if got != values[label] {
				t.Errorf("state %d: %s: got %q, want %q", state, label, got, values[label])
			}
		}
	}
}

// zabbixTemplate returns the key of the template's master item, and the patterns of the
// items that depend on it. Figures that aren't there must be discarded, the state of a
// plugin that is missing is UNKNOWN, and triggers and graphs use items that exist.
func zabbixTemplate(t *testing.T) (string, map[string]*regexp.Regexp) {
	t.Helper()
	text := shipped(t, "zabbix/template.yaml")
	master := only(t, text, `(?m)^          key: (chrony)$`)
	items := map[string]*regexp.Regexp{}
	for _, m := range regexp.MustCompile(`(?s)\n          key: chrony\.(\w+)\n.*?\n                - '(.*?)'\n                - '(.*?)'\n(.*?)\n            key: (\w+)\n`).FindAllStringSubmatch(text, -1) {
		label, pattern, output, handler := m[1], m[2], m[3], m[4]
		items[label] = regexp.MustCompile(pattern)
		want := "              error_handler: DISCARD_VALUE\n          master_item:"
		if label == "state" {
			want = "              error_handler: CUSTOM_VALUE\n              error_handler_params: UNKNOWN\n          master_item:"
		}
		if output != `\1` || m[5] != master || handler != want {
			t.Errorf("%s: %q", label, m[0])
		}
	}
	if len(items) != strings.Count(text, "type: DEPENDENT\n") || len(items) == 0 {
		t.Errorf("got %d items of\n%s", len(items), text)
	}
	for _, m := range regexp.MustCompile(`(?:/|key: )chrony\.(\w+)`).FindAllStringSubmatch(text, -1) {
		if items[m[1]] == nil {
			t.Errorf("no item chrony.%s", m[1])
		}
	}
	ids := regexp.MustCompile(`uuid: (\w+)`).FindAllStringSubmatch(text, -1)
	slices.SortFunc(ids, func(a, b []string) int { return strings.Compare(a[1], b[1]) })
	if unique := slices.CompactFunc(slices.Clone(ids), slices.Equal); len(unique) != len(ids) || len(ids) == 0 {
		t.Errorf("the same uuid twice: %q", ids)
	}
	return master, items
}

func monitoringPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "monitoring.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// A Checkmk local check prints state, name, metrics with | between them, and text.
func TestCheckmk(t *testing.T) {
	t.Parallel()
	f := newDaemonFixture(t)
	for state, port := range ways(t) {
		r := f.recorder(t)
		out, _ := f.run(t, f.place(t, "checkmk/check_chrony", r, port))
		want := r.only(t)
		var metrics []string
		for _, metric := range want.perfdata {
			value, _, _ := strings.Cut(metric, ";")
			metrics = append(metrics, strings.TrimSuffix(value, "s"))
		}
		line := fmt.Sprintf("%d chrony %s %s", want.code, strings.Join(metrics, "|"), want.line)
		if strings.TrimSpace(out) != line || want.code != state {
			t.Errorf("got  %q\nwant %q in state %d", out, line, state)
		}
	}
	// A wrong option, port -1, leaves a check without metrics.
	r := f.recorder(t)
	out, _ := f.run(t, f.place(t, "checkmk/check_chrony", r, -1))
	if want := "3 chrony - CHRONY UNKNOWN: "; !strings.HasPrefix(out, want) {
		t.Errorf("got %q, want %q", out, want)
	}
	// A missing plugin, one that ends without a word, and backslashes, which are text.
	for _, c := range []struct{ script, want string }{
		{"", "3 chrony - CHRONY UNKNOWN: the plugin is not installed\n"},
		{"exit 2", "3 chrony - CHRONY UNKNOWN: the plugin printed nothing, exit code 2\n"},
		{`printf '%s\n' 'CHRONY OK: reference A\nB\c | offset=0.1s;;;; x=2;;;;'`, `0 chrony offset=0.1|x=2 CHRONY OK: reference A\nB\c ` + "\n"},
	} {
		out, code := f.run(t, "sh", "-c", f.placeScript(t, "checkmk/check_chrony", c.script)+" 2>/dev/null")
		if out != c.want || code != 0 {
			t.Errorf("%q: got %d, %q, want %q", c.script, code, out, c.want)
		}
	}
	// A line for MRPE is a name and a command line.
	lines := regexp.MustCompile(`(?m)^[^#\n].*`).FindAllString(shipped(t, "checkmk/mrpe.cfg"), -1)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "chrony "+shippedPlugin+" -") {
		t.Errorf("mrpe.cfg: %q", lines)
	}
}

// promtool accepts the textfile, which has every metric of the plugin.
func TestPrometheus(t *testing.T) {
	t.Parallel()
	promtool := tool(t, "promtool")
	if out, err := exec.Command(promtool, "check", "rules", filepath.Join("..", "..", "contrib", "prometheus", "rules.yml")).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	f := newDaemonFixture(t)
	for state, port := range ways(t) {
		r, folder := f.recorder(t), f.folder(t)
		if out, code := f.run(t, f.place(t, "prometheus/check_chrony_textfile", r, port), folder); code != 0 || out != "" {
			t.Fatalf("%d, %q", code, out)
		}
		want := r.only(t)
		text := readIfThere(t, filepath.Join(folder, "check_chrony.prom"))
		cmd := exec.Command(promtool, "check", "metrics")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("promtool: %v\n%s\n%s", err, out, text)
		}
		lines := []string{fmt.Sprintf("check_chrony_state %d", want.code)}
		for _, metric := range want.perfdata {
			label, rest, _ := strings.Cut(metric, "=")
			value, _, _ := strings.Cut(rest, ";")
			if number, ok := strings.CutSuffix(value, "s"); ok {
				label, value = label+"_seconds", number
			}
			lines = append(lines, "check_chrony_"+label+" "+value)
		}
		got := regexp.MustCompile(`(?m)^[^#\n].*`).FindAllString(text, -1)
		slices.Sort(got)
		slices.Sort(lines)
		if !slices.Equal(got, lines) || want.code != state {
			t.Errorf("state %d: got\n%q\nwant\n%q", state, got, lines)
		}
		if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
			t.Errorf("left %v (%v)", entries, err)
		}
	}
	// A missing plugin, and one that ends without a word, as an empty file does.
	for _, plugin := range []string{"", "exit 0"} {
		folder := f.folder(t)
		f.run(t, f.placeScript(t, "prometheus/check_chrony_textfile", plugin), folder)
		if text := readIfThere(t, filepath.Join(folder, "check_chrony.prom")); !strings.HasSuffix(text, "\ncheck_chrony_state 3\n") {
			t.Errorf("%q: got\n%s", plugin, text)
		}
	}
}

// The textfile is written by a user without rights, completely or not at all, even if the
// script is interrupted, and never through a name that someone else has prepared.
func TestPrometheusFolder(t *testing.T) {
	t.Parallel()
	if crontab := shipped(t, "prometheus/crontab"); !strings.Contains(crontab, "\n* * * * * prometheus /") {
		t.Errorf("want a line for user prometheus:\n%s", crontab)
	}
	f := newDaemonFixture(t)
	script := f.placeScript(t, "prometheus/check_chrony_textfile", "echo 'CHRONY OK: | offset=0.1s;;;;'")

	victim, folder, bin := filepath.Join(f.folder(t), "victim"), f.folder(t), f.folder(t)
	link := filepath.Join(folder, "guessed")
	write(t, victim, "untouched")
	write(t, filepath.Join(bin, "mktemp"), "#!/bin/sh\necho "+link+"\n")
	if err := os.Symlink(victim, link); err != nil {
		t.Fatal(err)
	}
	out, code := f.run(t, "/usr/bin/env", "PATH="+bin+":/usr/bin:/bin", script, folder)
	if code == 0 || readIfThere(t, victim) != "untouched" {
		t.Errorf("through a link: %d, %q, wrote %q", code, out, readIfThere(t, victim))
	}

	interrupted := f.folder(t)
	write(t, filepath.Join(bin, "mktemp"), "#!/bin/sh\necho "+interrupted+"/new\n")
	write(t, filepath.Join(bin, "mv"), "#!/bin/sh\nkill $PPID\n")
	out, code = f.run(t, "/usr/bin/env", "PATH="+bin+":/usr/bin:/bin", script, interrupted)
	if entries, err := os.ReadDir(interrupted); code == 0 || err != nil || len(entries) > 0 {
		t.Errorf("interrupted: %d, %q, left %v (%v)", code, out, entries, err)
	}

	if !chronydtest.InNamespaces(t, "mode=1777") {
		return
	}
	must(t, "mount", "-t", "tmpfs", "-o", "size=16k,mode=777", "tmpfs", folder)
	full := filepath.Join(folder, "full")
	exec.Command("dd", "if=/dev/zero", "of="+full).Run()
	if out, code := f.run(t, script, folder); code == 0 {
		t.Errorf("on a full disk: %d, %q", code, out)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("left on a full disk: %v (%v)", entries, err)
	}
	os.Remove(full)
	if out, code := f.run(t, script, folder); code != 0 || !strings.Contains(readIfThere(t, filepath.Join(folder, "check_chrony.prom")), "check_chrony_offset_seconds 0.1\n") {
		t.Errorf("%d, %q", code, out)
	}
}

// Every line with the plugin in docs/monitoring.md is also in a shipped file.
func TestMonitoringLines(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	files, err := filepath.Glob(filepath.Join("..", "..", "contrib", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			all.Write(data)
		}
	}
	blocks := regexp.MustCompile("(?s)```\\w*\n(.*?)```").FindAllStringSubmatch(monitoringPage(t), -1)
	if len(blocks) == 0 {
		t.Fatal("no lines")
	}
	for _, block := range blocks {
		for line := range strings.Lines(block[1]) {
			if line = strings.TrimSpace(line); !strings.Contains(all.String(), line) {
				t.Errorf("in no file of contrib: %q", line)
			}
		}
	}
}
