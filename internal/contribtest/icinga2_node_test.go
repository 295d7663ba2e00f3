// SPDX-License-Identifier: MIT

package contribtest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// node is an Icinga 2.
type node struct {
	name, program, dir, password string
	port                         int
	defines                      []string
	plugin                       recorder
	certificates                 string
	zones                        string // endpoints and zones
	daemon                       *daemon
	client                       *http.Client
	fixture                      *fixture
}

func (f *fixture) newNode(t *testing.T, program, name string) *node {
	t.Helper()
	n := &node{
		name: name, program: program, dir: f.folder(t), password: "test", port: chronydtest.FreePort(t), plugin: f.recorder(t), fixture: f,
	}
	for _, folder := range []string{"Data", "Log", "Cache", "Spool", "InitRun", "Config"} {
		n.defines = append(n.defines, "-D", "Configuration."+folder+"Dir="+f.subfolder(t, n.dir, folder))
	}
	n.defines = append(n.defines, "-D", "Configuration.ZonesDir="+f.subfolder(t, filepath.Join(n.dir, "Config"), "zones.d"))
	n.defines = append(n.defines, "-D", "Configuration.RunAsUser="+f.user.Username, "-D", "Configuration.RunAsGroup="+f.group(t))
	n.certificates = f.subfolder(t, filepath.Join(n.dir, "Data"), "certs")
	return n
}

// icinga2 runs a command of icinga2 that must succeed.
func (n *node) icinga2(t *testing.T, arguments ...string) string {
	t.Helper()
	out, code := n.fixture.run(t, n.program, append(arguments, n.defines...)...)
	if code != 0 {
		t.Fatalf("icinga2 %s: %d\n%s", strings.Join(arguments, " "), code, out)
	}
	return out
}

// makeCertificates gives the master and its agents certificates from the master's own CA,
// and makes them know each other.
func (master *node) makeCertificates(t *testing.T, agents ...*node) {
	t.Helper()
	nodes := append([]*node{master}, agents...)
	var making sync.WaitGroup
	making.Add(1 + len(nodes))
	go func() {
		defer making.Done()
		master.icinga2(t, "pki", "new-ca")
	}()
	for _, n := range nodes {
		go func() {
			defer making.Done()
			n.icinga2(t, "pki", "new-cert", "--cn", n.name,
				"--key", filepath.Join(n.certificates, n.name+".key"), "--csr", filepath.Join(n.certificates, n.name+".csr"))
		}()
	}
	making.Wait()
	authority := readIfThere(t, filepath.Join(master.dir, "Data", "ca", "ca.crt"))
	for _, n := range nodes {
		certificate := filepath.Join(n.certificates, n.name+".crt")
		master.icinga2(t, "pki", "sign-csr", "--csr", filepath.Join(n.certificates, n.name+".csr"), "--cert", certificate)
		write(t, filepath.Join(n.certificates, "ca.crt"), authority)
		n.zones = n.knows(nodes)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(authority)) {
		t.Fatalf("no certificate: %q", authority)
	}
	master.client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "master"},
	}}
	t.Cleanup(master.client.CloseIdleConnections)
}

// knows returns the configuration of what the node knows of itself and of the others. An
// agent doesn't know where the master is: the master connects to it.
func (n *node) knows(nodes []*node) string {
	zones := ""
	for i, other := range nodes {
		where, parent := "", ""
		if i > 0 || n == other {
			where = fmt.Sprintf("host = \"127.0.0.1\"; port = %d", other.port)
		}
		if i > 0 {
			parent = fmt.Sprintf("; parent = %q", nodes[0].name)
		}
		zones += fmt.Sprintf("object Endpoint %[1]q { %[2]s }\nobject Zone %[1]q { endpoints = [ %[1]q ]%[3]s }\n", other.name, where, parent)
	}
	return zones
}

// configure writes the configuration around the shipped CheckCommand, and the files of
// the node's zone. icinga2 must accept it without a warning.
func (n *node) configure(t *testing.T, objects string, zone map[string]string) {
	t.Helper()
	if zone != nil {
		folder := n.fixture.subfolder(t, filepath.Join(n.dir, "Config", "zones.d"), n.name)
		for name, text := range zone {
			write(t, filepath.Join(folder, name), text)
		}
	}
	write(t, filepath.Join(n.dir, "chrony.conf"), shipped(t, "icinga2/chrony.conf"))
	write(t, filepath.Join(n.dir, "authenticated.conf"), shipped(t, "icinga2/authenticated.conf"))
	conf := filepath.Join(n.dir, "icinga2.conf")
	write(t, conf, fmt.Sprintf(`
const PluginDir = %[1]q
const PluginContribDir = PluginDir
const NodeName = %[2]q
const ZoneName = NodeName
include <itl>
include <plugins>
include "chrony.conf"
include "authenticated.conf"
object CheckerComponent "checker" { }
object ApiListener "api" {
	bind_host = "127.0.0.1"
	bind_port = %[3]d
	accept_commands = true
	accept_config = true
}
object ApiUser "test" {
	password = %[4]q
	permissions = [ "*" ]
}
%[5]s%[6]s`, n.plugin.plugins, n.name, n.port, n.password, n.zones, objects))
	rejectLines(t, n.icinga2(t, "daemon", "-C", "-c", conf), "warning/", "critical/")
}

// start starts the node, and returns when it listens.
func (n *node) start(t *testing.T) {
	t.Helper()
	n.daemon = n.fixture.start(t, n.program, append([]string{"daemon", "-c", filepath.Join(n.dir, "icinga2.conf")}, n.defines...)...)
	n.daemon.wait(t, "listening", func() bool { return strings.Contains(n.daemon.text(), "Started new listener") })
}
