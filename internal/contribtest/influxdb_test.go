// SPDX-License-Identifier: MIT

//go:build integration

package contribtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// TestGrafana runs every query of the shipped dashboard, with the variables filled in, in
// an InfluxDB that an Icinga 2 fills with the shipped configuration. Grafana itself isn't
// run.
func TestGrafana(t *testing.T) {
	t.Parallel()
	icinga2, influxd := tool(t, "icinga2", "/usr/sbin/icinga2"), tool(t, "influxd")
	f := newDaemonFixture(t)
	_, client := chronydtest.StartPair(t)
	db := f.startInfluxDB(t, influxd)
	master := f.newNode(t, icinga2, "master")
	master.makeCertificates(t)
	writer := strings.NewReplacer("8086", strconv.Itoa(db.port), "flush_interval = 10s", "flush_interval = 1s").Replace(shipped(t, "grafana/influxdb.conf"))
	master.configure(t, writer+fmt.Sprintf(`
object Host "web1" { check_command = "dummy" }
object Service "chrony" {
	host_name = "web1"
	check_command = "chrony"
	vars.chrony_port = %d
	vars.chrony_timeout = "500ms"
}
`, client.CommandPort), nil)
	master.start(t)

	// OK, CRITICAL because chronyd hangs, and OK again: one change for the worse, one for
	// the better.
	checkUntil(t, master, 0)
	client.Signal(syscall.SIGSTOP)
	checkUntil(t, master, 2)
	client.Signal(syscall.SIGCONT)
	last := checkUntil(t, master, 0)
	master.daemon.wait(t, "the last check in InfluxDB", func() bool {
		points := db.points(t, `SELECT "state" FROM "chrony"`)
		return len(points) >= 3 && points[len(points)-1] == 0
	})

	metrics := map[string]float64{}
	for _, metric := range last.PerformanceData {
		label, rest, _ := strings.Cut(metric, "=")
		text, _, _ := strings.Cut(rest, ";")
		value, err := strconv.ParseFloat(strings.TrimSuffix(text, "s"), 64)
		if err != nil {
			t.Fatal(err)
		}
		metrics[label] = value
	}
	dash := readDashboard(t)
	for _, q := range dash.queries() {
		points := db.points(t, q.filled())
		switch {
		case len(points) == 0:
			t.Errorf("%s: no point for %s", q.title, q.text)
		case q.title == "Worse state" && points[0] != 2, q.title == "Better state" && points[0] != -2:
			t.Errorf("%s: got %v", q.title, points)
		}
		if metric := q.metric(); metric != "" {
			want, ok := metrics[metric]
			if strings.Contains(q.text, "* -1") {
				want = -want
			}
			if got := points[len(points)-1]; !ok || fmt.Sprintf("%.6f", got) != fmt.Sprintf("%.6f", want) {
				t.Errorf("%s: got %v at last, want %v of %q", q.text, got, want, last.PerformanceData)
			}
		}
	}
	for variable, want := range map[string]string{"host": "web1", "service": "chrony"} {
		if got := db.values(t, fill(dash.variable(variable))); len(got) != 1 || got[0][1] != want {
			t.Errorf("variable %s: got %v, want %s", variable, got, want)
		}
	}
	rejectLines(t, master.daemon.text(), "critical/", "warning/InfluxdbWriter")
}

// checkUntil checks all services, of which there is one, until it has the state, and
// returns that result.
func checkUntil(t *testing.T, n *node, state int) (result checkResult) {
	t.Helper()
	n.daemon.wait(t, fmt.Sprint("state ", state), func() bool {
		n.checkAll(t)
		// Icinga gives the time to the second: two results in a second are a single point.
		time.Sleep(1600 * time.Millisecond)
		result = n.results(t)["web1!chrony"]
		return result.State == state && result.Output != ""
	})
	return result
}

// influxDB is an InfluxDB 1 with the database icinga2.
type influxDB struct{ port int }

func (f *fixture) startInfluxDB(t *testing.T, program string) *influxDB {
	t.Helper()
	dir := f.folder(t)
	db := &influxDB{port: chronydtest.FreePort(t)}
	conf := filepath.Join(dir, "influxdb.conf")
	write(t, conf, fmt.Sprintf(`
reporting-enabled = false
bind-address = "127.0.0.1:%d"
[meta]
dir = "%[3]s/meta"
[data]
dir = "%[3]s/data"
wal-dir = "%[3]s/wal"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:%[2]d"
log-enabled = false
[logging]
level = "warn"
`, chronydtest.FreePort(t), db.port, dir))
	d := f.start(t, program, "-config", conf)
	d.wait(t, "answer", func() bool {
		response, err := http.PostForm(db.url("CREATE DATABASE icinga2"), nil)
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return db
}

func (db *influxDB) url(query string) string {
	return fmt.Sprintf("http://127.0.0.1:%d/query?db=icinga2&q=%s", db.port, url.QueryEscape(query))
}

// values returns the rows of all series. A query that fails also fails the test.
func (db *influxDB) values(t *testing.T, query string) (rows [][]any) {
	t.Helper()
	response, err := http.Get(db.url(query))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Error   string
		Results []struct {
			Error  string
			Series []struct{ Values [][]any }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	for _, result := range answer.Results {
		answer.Error += result.Error
		for _, series := range result.Series {
			rows = append(rows, series.Values...)
		}
	}
	if answer.Error != "" {
		t.Fatalf("%s: %s", query, answer.Error)
	}
	return rows
}

// points returns the numbers of the first column after the time.
func (db *influxDB) points(t *testing.T, query string) (points []float64) {
	t.Helper()
	for _, row := range db.values(t, query) {
		if value, ok := row[1].(float64); ok {
			points = append(points, value)
		}
	}
	return points
}
