// SPDX-License-Identifier: MIT

//go:build director || pictures

package contribtest

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
)

// mariaDB is a MariaDB with one database, whose user and password are its name.
type mariaDB struct {
	fixture              *fixture
	client, socket, name string
	port                 int
}

func (f *fixture) startMariaDB(t *testing.T, name string) *mariaDB {
	t.Helper()
	server, install := tool(t, "mariadbd", "/usr/sbin/mariadbd"), tool(t, "mariadb-install-db")
	dir := f.folder(t)
	data := f.subfolder(t, dir, "data")
	m := &mariaDB{f, tool(t, "mariadb"), filepath.Join(dir, "mariadbd.sock"), name, chronydtest.FreePort(t)}
	if out, code := f.run(t, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db"); code != 0 {
		t.Fatalf("mariadb-install-db: %d\n%s", code, out)
	}
	d := f.start(t, server, "--no-defaults", "--datadir="+data, "--socket="+m.socket,
		"--bind-address=127.0.0.1", "--port="+strconv.Itoa(m.port), "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M")
	d.wait(t, "ready for connections", func() bool { return strings.Contains(d.text(), "ready for connections") })
	m.query(t, fmt.Sprintf("CREATE DATABASE %[1]s CHARACTER SET utf8; GRANT ALL ON %[1]s.* TO %[1]s@'%%' IDENTIFIED BY '%[1]s'", name))
	return m
}

// query runs a query and returns the server's answer.
func (m *mariaDB) query(t *testing.T, sql string) string {
	t.Helper()
	cmd := m.fixture.command(t, m.client, "--no-defaults", "-N", "-uroot", "-S", m.socket)
	if !strings.HasPrefix(sql, "CREATE DATABASE") {
		sql = "USE " + m.name + "; " + sql
	}
	cmd.Stdin = strings.NewReader(sql)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// resource returns the section for the database in Icinga Web's resources.ini, under the
// database's name.
func (m *mariaDB) resource() string {
	return fmt.Sprintf(`[%[1]s]
type = db
db = mysql
host = 127.0.0.1
port = %[2]d
dbname = %[1]s
username = %[1]s
password = %[1]s
charset = utf8
`, m.name, m.port)
}
