// SPDX-License-Identifier: MIT

//go:build pictures

package contribtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

const icingaweb = "/usr/share/icingaweb2"

// TestGraphitePicture writes docs/graphite.png: the graphs of the shipped template in
// Icinga Web's Graphite module. They show a clock that is checked for five minutes, for
// one of them without its server.
func TestGraphitePicture(t *testing.T) {
	icinga2, chromium := tool(t, "icinga2", "/usr/sbin/icinga2"), tool(t, "chromium")
	f := newDaemonFixture(t)
	server := chronydtest.Start(t, "local stratum 2")
	client := chronydtest.Start(t, chronydtest.ServerLine(relay(t, server.NTPPort)))
	client.WaitSynchronised()
	carbon := f.startCarbon(t)
	database := f.startMariaDB(t, "ido")
	schema, err := os.ReadFile("/usr/share/icinga2-ido-mysql/schema/mysql.sql")
	if err != nil {
		chronydtest.Missing(t, "ido")
	}
	database.query(t, string(schema))
	master := f.newNode(t, icinga2, "master")
	master.makeCertificates(t)
	master.configure(t, fmt.Sprintf(`
object IdoMysqlConnection "ido" {
	host = "127.0.0.1"
	port = %d
	user = "ido"
	password = "ido"
	database = "ido"
}
object GraphiteWriter "graphite" {
	host = "127.0.0.1"
	port = %d
	enable_send_thresholds = true
}
object Host "web1" {
	check_command = "dummy"
	address = "192.0.2.10"
}
object Service "chrony" {
	host_name = "web1"
	check_command = "chrony"
	check_interval = 5s
	retry_interval = 5s
	vars.chrony_port = %d
}
`, database.port, carbon.lines, client.CommandPort), nil)
	master.start(t)
	url := f.startIcingaWeb(t, database, carbon.web)

	const part = time.Minute
	time.Sleep(3 * part)
	server.Signal(syscall.SIGSTOP)
	time.Sleep(part)
	server.Signal(syscall.SIGCONT)
	time.Sleep(part)

	picture := filepath.Join(f.folder(t), "graphite.png")
	out, err := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=900,1600",
		"--user-data-dir="+t.TempDir(), "--virtual-time-budget=20000", "--screenshot="+picture,
		url+"/monitoring/service/show?host=web1&service=chrony&showFullscreen&graph_range=300&graphs_limit=6").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(picture)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join("..", "..", "docs", "graphite.png"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// relay passes datagrams to a server and back, with the delay of a network of some
// milliseconds, and returns its port.
func relay(t *testing.T, server int) int {
	t.Helper()
	listener, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	start := time.Now()
	go func() {
		buffer := make([]byte, 1024)
		for {
			n, client, err := listener.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			request := append([]byte(nil), buffer[:n]...)
			go func() {
				up, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: server})
				if err != nil {
					return
				}
				defer up.Close()
				// One direction is slower than the other, by an amount that varies.
				wave := 1 + math.Sin(time.Since(start).Seconds()/20)
				time.Sleep(time.Duration((2 + 2*wave + rand.Float64()) * float64(time.Millisecond)))
				up.Write(request)
				up.SetReadDeadline(time.Now().Add(2 * time.Second))
				reply := make([]byte, 1024)
				if n, err := up.Read(reply); err == nil {
					time.Sleep(time.Duration((2 + rand.Float64()) * float64(time.Millisecond)))
					listener.WriteToUDP(reply[:n], client)
				}
			}()
		}
	}()
	return listener.LocalAddr().(*net.UDPAddr).Port
}

// carbon is Graphite: the port at which it takes metrics, and its web server.
type carbon struct {
	lines int
	web   string
}

func (f *fixture) startCarbon(t *testing.T) carbon {
	t.Helper()
	cache, manage := tool(t, "carbon-cache"), tool(t, "graphite-manage")
	dir := f.folder(t)
	whisper := f.subfolder(t, dir, "whisper")
	c := carbon{lines: chronydtest.FreePort(t)}
	query := chronydtest.FreePort(t)
	write(t, filepath.Join(dir, "storage-schemas.conf"), "[icinga2]\npattern = ^icinga2\\.\nretentions = 5s:1h\n")
	write(t, filepath.Join(dir, "carbon.conf"), fmt.Sprintf(`[cache]
STORAGE_DIR = %[1]s
LOCAL_DATA_DIR = %[1]s/whisper
CONF_DIR = %[1]s
LOG_DIR = %[1]s
PID_DIR = %[1]s
ENABLE_LOGROTATION = False
MAX_CREATES_PER_MINUTE = inf
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = %[2]d
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = %[3]d
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = %[4]d
`, dir, c.lines, chronydtest.FreePort(t), query))
	f.start(t, cache, "--config="+filepath.Join(dir, "carbon.conf"), "--nodaemon", "start")

	write(t, filepath.Join(dir, "web_settings.py"), fmt.Sprintf(`
GRAPHITE_ROOT = '/usr/share/graphite-web'
CONF_DIR = %[1]q
STORAGE_DIR = %[1]q
LOG_DIR = %[1]q
INDEX_FILE = %[1]q + '/index'
WHISPER_DIR = %[2]q
STANDARD_DIRS = [ WHISPER_DIR ]
SECRET_KEY = 'of no use outside the test'
ALLOWED_HOSTS = ['*']
CARBONLINK_HOSTS = ['127.0.0.1:%[3]d']
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': %[1]q + '/graphite.db'}}
`, dir, whisper, query))
	environment := []string{"PYTHONPATH=" + dir, "PYTHONWARNINGS=ignore", "GRAPHITE_SETTINGS_MODULE=web_settings"}
	if out, code := f.run(t, "/usr/bin/env", append(environment, manage, "migrate", "--run-syncdb")...); code != 0 {
		t.Fatalf("graphite-manage migrate: %d\n%s", code, out)
	}
	address := fmt.Sprintf("127.0.0.1:%d", chronydtest.FreePort(t))
	c.web = "http://" + address
	d := f.start(t, "/usr/bin/env", append(environment, manage, "runserver", "--noreload", address)...)
	d.wait(t, "answer", func() bool { return answers(c.web + "/render?target=a&format=json") })
	return c
}

func answers(url string) bool {
	response, err := http.Get(url)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// startIcingaWeb starts an Icinga Web whose user is logged in, with the shipped
// template, and returns its address.
func (f *fixture) startIcingaWeb(t *testing.T, database *mariaDB, graphite string) string {
	t.Helper()
	php := tool(t, "php")
	dir := f.folder(t)
	enabled, modules := f.subfolder(t, dir, "enabledModules"), f.subfolder(t, dir, "modules")
	for _, module := range []string{"monitoring", "graphite"} {
		if _, err := os.Stat(filepath.Join(icingaweb, "modules", module)); err != nil {
			chronydtest.Missing(t, "graphite")
		}
		if err := os.Symlink(filepath.Join(icingaweb, "modules", module), filepath.Join(enabled, module)); err != nil {
			t.Fatal(err)
		}
	}
	monitoring, module := f.subfolder(t, modules, "monitoring"), f.subfolder(t, modules, "graphite")
	templates := f.subfolder(t, module, "templates")
	for name, text := range map[string]string{
		filepath.Join(dir, "config.ini"):          "[global]\nshow_stacktraces = 0\nmodule_path = \"" + icingaweb + "/modules\"\nconfig_backend = ini\n[logging]\nlog = none\n",
		filepath.Join(dir, "resources.ini"):       database.resource(),
		filepath.Join(dir, "authentication.ini"):  "[external]\nbackend = external\n",
		filepath.Join(dir, "roles.ini"):           "[admin]\nusers = admin\npermissions = \"*\"\n",
		filepath.Join(monitoring, "backends.ini"): "[icinga]\ntype = ido\nresource = ido\n",
		filepath.Join(module, "config.ini"):       "[graphite]\nurl = \"" + graphite + "\"\n[ui]\ndefault_time_range = 5\ndefault_time_range_unit = minutes\n",
		filepath.Join(templates, "chrony.ini"):    shipped(t, "graphite/chrony.ini"),
		filepath.Join(dir, "router.php"): `<?php
$_SERVER["REMOTE_USER"] = "admin";
$path = parse_url($_SERVER["REQUEST_URI"], PHP_URL_PATH);
if ($path !== "/" && is_file("` + icingaweb + `/public" . $path)) { return false; }
$_SERVER["SCRIPT_NAME"] = "/index.php";
$_SERVER["SCRIPT_FILENAME"] = "` + icingaweb + `/public/index.php";
require "` + icingaweb + `/public/index.php";
`,
	} {
		write(t, name, text)
	}
	address := "127.0.0.1:" + strconv.Itoa(chronydtest.FreePort(t))
	d := f.start(t, "/usr/bin/env", "ICINGAWEB_CONFIGDIR="+dir, "PHP_CLI_SERVER_WORKERS=4", "TZ=UTC", php,
		"-d", "date.timezone=UTC", "-d", "session.save_path="+f.folder(t), "-S", address, "-t", icingaweb+"/public", filepath.Join(dir, "router.php"))
	url := "http://" + address
	d.wait(t, "answer", func() bool { return answers(url + "/monitoring/list/services") })
	return url
}
