// SPDX-License-Identifier: MIT

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chrony"
	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

// Real chronyds act out what becomes of authenticated sources. docs/nts.md has the table.
func TestRealAuthentication(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	valid, expired := newCertificate(t, time.Now().Add(24*time.Hour)), newCertificate(t, time.Now().Add(-time.Hour))
	for name, scene := range map[string]func(*testing.T){
		"NTS":                         func(t *testing.T) { sceneNTS(t, valid) },
		"the certificate is expired":  func(t *testing.T) { sceneNoNTS(t, expired.serve(t, exact), expired.trust()) },
		"the certificate is not ours": func(t *testing.T) { sceneNoNTS(t, valid.serve(t, exact), expired.trust()) },
		"the NTS port is closed":      func(t *testing.T) { sceneNoNTS(t, ntsServer{port: 9, ntsPort: chronydtest.FreePort(t)}, valid.trust()) },
		"no NTS, mix":                 func(t *testing.T) { sceneNoNTSMixed(t, valid) },
		"no NTS, ignore":              func(t *testing.T) { sceneNoNTSIgnored(t, valid) },
		"the server loses its keys":   func(t *testing.T) { sceneKeysLost(t, valid) },
		"NTS dies, ignore":            func(t *testing.T) { sceneNTSDiesIgnored(t, valid) },
		"NTS dies, mix":               func(t *testing.T) { sceneNTSDies(t, valid) },
		"NTS dies, require":           func(t *testing.T) { sceneNTSDiesRequired(t, valid) },
		"a symmetric key":             sceneSymmetricKey,
		"a reference clock":           sceneClockCounts,
		"NTS is dropped":              sceneNTSDropped,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t)
		})
	}
}

// authenticated is the option of these scenes.
const authenticated = "--authenticated-critical=1:"

// expectAuthenticated runs the plugin over the Unix socket, with each reader, until the
// first line begins with want and has this number as its metric, or not the metric at all
// for "".
func expectAuthenticated(t *testing.T, d *chronydtest.Daemon, code int, want, number string, args ...string) {
	t.Helper()
	metric := fmt.Sprintf(" authenticated=%s;;1:;; time=", number)
	for _, reader := range plugintest.Readers(t) {
		var out string
		var got int
		d.Wait(fmt.Sprintf("%d, %q and %q", code, want, metric), func() bool {
			out, got = plugintest.Run(t, nil, append([]string{"-H", d.Socket, "--reader=" + reader}, args...)...)
			return got == code && strings.HasPrefix(out, want) &&
				(number != "" && strings.Contains(out, metric) || number == "" && !strings.Contains(out, "authenticated"))
		})
		if err := plugintest.CheckFormat(out, got, 0); err != nil {
			t.Errorf("%v in\n%s", err, out)
		}
	}
}

// certificate is a server's, with its key: the names of two files.
type certificate struct{ file, key string }

// newCertificate returns one for 127.0.0.1, signed by itself, that is valid until then.
func newCertificate(t *testing.T, until time.Time) certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(until.UnixNano()), IPAddresses: []net.IP{{127, 0, 0, 1}},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := chronydtest.ShortTempDir(t)
	c := certificate{filepath.Join(dir, "certificate"), filepath.Join(dir, "key")}
	write(t, c.file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public})))
	write(t, c.key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	return c
}

// trust returns the client's line of chrony.conf.
func (c certificate) trust() string { return "ntstrustedcerts " + c.file }

// ntsServer is a server of time on 127.0.0.1.
type ntsServer struct {
	*chronydtest.Daemon
	port, ntsPort int
}

// exact makes a server of chronyd with an error of a few microseconds. One that follows
// what servers returns has an error of a millisecond.
const exact = "local stratum 2"

// serve starts a server with the certificate and the line of chrony.conf.
func (c certificate) serve(t *testing.T, line string) ntsServer {
	t.Helper()
	return c.serveAt(t, chronydtest.FreePort(t), chronydtest.FreePort(t), line)
}

func (c certificate) serveAt(t *testing.T, port, ntsPort int, line string) ntsServer {
	t.Helper()
	d := chronydtest.Start(t, line, fmt.Sprint("port ", port), fmt.Sprint("ntsport ", ntsPort),
		"ntsservercert "+c.file, "ntsserverkey "+c.key)
	return ntsServer{d, port, ntsPort}
}

// line returns the client's line of chrony.conf.
func (s ntsServer) line() string {
	return fmt.Sprintf("server 127.0.0.1 port %d nts ntsport %d iburst minpoll 0 maxpoll 0", s.port, s.ntsPort)
}

func sceneNTS(t *testing.T, c certificate) {
	d := chronydtest.Start(t, c.serve(t, exact).line(), c.trust())
	d.WaitSynchronised()
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "1", authenticated)
	out, _ := plugintest.Run(t, nil, "-H", d.Socket, authenticated, "-v")
	for _, want := range []string{"\nauthenticated ", " 1 of 1 usable ", " auth\n127.0.0.1  selected ", " yes\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	// Without the option nothing is said, and over UDP nothing is refused.
	if out, code := plugintest.Run(t, nil, append(d.Args(), "-v")...); code != 0 || strings.Contains(out, "auth") {
		t.Errorf("got %d\n%s", code, out)
	}
	out, code := plugintest.Run(t, nil, append(d.Args(), authenticated)...)
	checkOutput(t, "over UDP", out, code, 3, `CHRONY UNKNOWN: authenticated not read: refused by chronyd (add "selectdata" to "opencommands" in chrony.conf from chrony 4.7 on, or use the Unix socket), offset `)
}

// Without valid NTS the server is silent, as it is for the default check.
func sceneNoNTS(t *testing.T, s ntsServer, trust string) {
	d := chronydtest.Start(t, s.line(), trust)
	const attempts = 6 // at a key exchange, since the last that succeeded
	d.Wait("a failed key exchange", func() bool {
		out, err := d.Chronyc("authdata")
		return err == nil && strings.Split(out, ",")[attempts] == "1"
	})
	const lost = "CHRONY CRITICAL: clock not synchronised, "
	expectAuthenticated(t, d, 2, lost+"authenticated 0 of 0 usable (outside 1:, with NTS or a key: 1 unreachable), no usable source of 1: unreachable (warning)", "0", authenticated)
	expectAuthenticated(t, d, 2, lost+"no usable source of 1: unreachable (warning)", "")
}

// In mode mix, the default, chronyd follows no plain server until an authenticated source
// answers.
func sceneNoNTSMixed(t *testing.T, c certificate) {
	d := chronydtest.Start(t, ntsServer{port: 9, ntsPort: chronydtest.FreePort(t)}.line(), c.trust(), servers(t, 0, 0)[1])
	const lost, why = "CHRONY CRITICAL: clock not synchronised, ", "no usable source of 2: 1 unreachable, 1 waiting for others (warning)"
	expectAuthenticated(t, d, 2, lost+"authenticated 0 of 0 usable (outside 1:, with NTS or a key: 1 unreachable), "+why, "0", authenticated)
	expectAuthenticated(t, d, 2, lost+why, "")
}

// In mode ignore, chronyd follows a plain server as if nothing had happened.
func sceneNoNTSIgnored(t *testing.T, c certificate) {
	d := chronydtest.Start(t, ntsServer{port: 9, ntsPort: chronydtest.FreePort(t)}.line(), c.trust(), servers(t, 0, 0)[1], "authselectmode ignore")
	d.WaitSynchronised()
	expectAuthenticated(t, d, 2, "CHRONY CRITICAL: authenticated 0 of 1 usable (outside 1:, with NTS or a key: 1 unreachable), offset ", "0", authenticated)
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "")
}

// A server that was started again doesn't know its old cookies. The client asks for new
// ones.
func sceneKeysLost(t *testing.T, c certificate) {
	s := c.serve(t, exact)
	d := chronydtest.Start(t, s.line(), c.trust())
	d.WaitSynchronised()
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "1", authenticated)
	s.Stop()
	c.serveAt(t, s.port, s.ntsPort, exact)
	d.Wait("loss", func() bool { return reach(d)&1 == 0 })
	d.Wait("recovery", func() bool { return reach(d)&3 == 3 })
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "1", authenticated)
}

// reach returns the reachability register of the first source.
func reach(d *chronydtest.Daemon) uint64 {
	out, _ := d.Chronyc("sources")
	const reach = 5
	register, _ := strconv.ParseUint(strings.Split(out, ",")[reach], 8, 8)
	return register
}

// Once its NTS server is dead, chronyd follows the plain one, which the default check
// can't tell from before. Here NTS was followed, and chronyd takes its time.
func sceneNTSDiesIgnored(t *testing.T, c certificate) {
	s := c.serve(t, exact)
	d := chronydtest.Start(t, s.line(), c.trust(), servers(t, 0, 0)[1], "authselectmode ignore")
	d.Wait("both", func() bool {
		out, _ := d.Chronyc("sources")
		return strings.Contains(out, "^,*,127.0.0.1,") && regexp.MustCompile(`\^,[-+],127\.0\.0\.2,`).MatchString(out)
	})
	expectDowngrade(t, s, d)
}

// In mode mix, the default, chronyd selects a plain source only if its interval is within
// that of the authenticated ones. Here it was followed before, too, and chronyd goes on for
// as long as it has samples of it from that time.
func sceneNTSDies(t *testing.T, c certificate) {
	// The server follows another one, which isn't at 127.0.0.1: its client would take that
	// for itself.
	s := c.serve(t, servers(t, 0, 0)[1])
	s.WaitSynchronised()
	plain := chronydtest.Start(t, exact, "bindaddress 127.0.0.3")
	d := chronydtest.Start(t, s.line(), c.trust(), fmt.Sprintf("server 127.0.0.3 port %d iburst minpoll 0 maxpoll 0 minsamples 64", plain.NTPPort), "combinelimit 1e9")
	d.Wait("both", func() bool {
		out, _ := d.Chronyc("sources")
		return strings.Contains(out, "^,+,127.0.0.1,") && strings.Contains(out, "^,*,127.0.0.3,")
	})
	expectDowngrade(t, s, d)
	expectAuthenticated(t, d, 2, "CHRONY CRITICAL: authenticated 0 of 1 usable (outside 1:, with NTS or a key: 1 unreachable), offset ", "0", authenticated)
}

func expectDowngrade(t *testing.T, s ntsServer, d *chronydtest.Daemon) {
	t.Helper()
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "1", authenticated)
	s.Stop()
	start := time.Now()
	expectAuthenticated(t, d, 2, "CHRONY CRITICAL: authenticated 0 of ", "0", authenticated)
	t.Logf("CRITICAL after %s, at polls of 1 s", time.Since(start))
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "")
}

// With authselectmode require the defaults show it.
func sceneNTSDiesRequired(t *testing.T, c certificate) {
	s := c.serve(t, exact)
	d := chronydtest.Start(t, s.line(), c.trust(), servers(t, 0, 0)[1], "authselectmode require")
	d.WaitSynchronised()
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "1", authenticated)
	s.Stop()
	expectAuthenticated(t, d, 2, "CHRONY CRITICAL: authenticated 0 of 0 usable (outside 1:, with NTS or a key: 1 unreachable), ", "0", authenticated)
	expectAuthenticated(t, d, 1, "CHRONY WARNING: ", "", atOnce)
}

// keyed returns the lines of chrony.conf of a server and its client with a common key.
func keyed(t *testing.T) (server, client []string) {
	t.Helper()
	file := filepath.Join(chronydtest.ShortTempDir(t), "keys")
	write(t, file, "1 SHA1 HEX:000102030405060708090a0b0c0d0e0f10111213\n")
	if err := os.Chmod(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	port := chronydtest.FreePort(t)
	return []string{"local stratum 2", "keyfile " + file, fmt.Sprint("port ", port)},
		[]string{"keyfile " + file, fmt.Sprintf("server 127.0.0.1 port %d key 1 iburst minpoll 0 maxpoll 0", port)}
}

func sceneSymmetricKey(t *testing.T) {
	server, client := keyed(t)
	chronydtest.Start(t, server...)
	d := chronydtest.Start(t, client...)
	d.WaitSynchronised()
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "1", authenticated)
}

func sceneClockCounts(t *testing.T) {
	clock := chronydtest.NewReferenceClock(t)
	d := chronydtest.Start(t, clock.Line("GPS"), servers(t, 0)[0])
	clock.Feed(t)
	d.Wait("the clock", func() bool { out, _ := d.Chronyc("sources"); return strings.Contains(out, "#,*,") })
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "1", authenticated)
}

func sceneNTSDropped(t *testing.T) {
	d := chronydtest.Start(t, servers(t, 0)...)
	d.WaitSynchronised()
	expectAuthenticated(t, d, 2, "CHRONY CRITICAL: authenticated 0 of 1 usable (outside 1:, none has NTS or a key), offset ", "0", authenticated)
	expectAuthenticated(t, d, 0, "CHRONY OK: offset ", "")
}

// Without -H the selectdata report comes from the Unix socket, for whom it is open to.
func TestSelectDataFallsBackToSocket(t *testing.T) {
	chronydtest.Slow(t)
	t.Parallel()
	if !inNamespaces(t) {
		return
	}
	server, client := keyed(t)
	chronydtest.Start(t, server...)
	d := chronydtest.Start(t, append(client, "user "+chronydsName, "bindcmdaddress "+defaultSocket, "cmdport 323")...)
	d.WaitSynchronised()
	const refused = `CHRONY UNKNOWN: authenticated not read: refused by chronyd (add "selectdata" to "opencommands" in chrony.conf from chrony 4.7 on, or use the Unix socket), offset `
	for _, reader := range plugintest.Readers(t) {
		for _, tt := range []struct {
			user uint32
			code int
			want string
			at   string
			args []string
		}{
			{0, 0, "CHRONY OK: offset ", socketAsChronyd, nil},
			{chronydsUser, 0, "CHRONY OK: offset ", socketAsChronyd, nil},
			{stranger, 3, refused, "[::1]:323", nil},
			{0, 3, refused, "127.0.0.1:323", []string{"-H", "127.0.0.1"}},
		} {
			out, code := plugintest.Run(t, credentialOf(tt.user), append(tt.args, authenticated, "-vv", "--reader="+reader)...)
			checkOutput(t, reader, out, code, tt.code, tt.want)
			if !strings.Contains(out, "\nchronyd: "+tt.at+"\n") {
				t.Errorf("user %d, %v: not at %s:\n%s", tt.user, tt.args, tt.at, out)
			}
		}
	}
	if left := listDir(t, filepath.Dir(defaultSocket)); left != "chronyd.sock" {
		t.Errorf("left behind: %s", left)
	}
}

// What a chronyd can answer to the request for selectdata.
func TestAnswersToSelectData(t *testing.T) {
	t.Parallel()
	report := chronydtest.Healthy()
	report.Sources = append(report.Sources, chrony.Source{Address: "2001:db8::5", State: chrony.Combined, Reachability: 1})
	report.SelectData = []chrony.SelectData{{Address: "192.0.2.1", Authentication: 1}, {Address: "2001:db8::5"}}
	const (
		unauthorised, invalid = 2, 3
		notRead               = "CHRONY UNKNOWN: authenticated not read: "
		sources               = 2
	)
	second := func(change chronydtest.Change) chronydtest.Handler {
		return func(request []byte, n int) []chronydtest.Datagram {
			if chronydtest.Command(request) == chronydtest.RequestSelectData && chronydtest.Index(request) == 1 {
				return chronydtest.Send(change(chronydtest.Reply(request, report)))
			}
			return chronydtest.Answer(report)(request, n)
		}
	}
	status := func(status uint16) chronydtest.Change {
		return func(reply []byte) []byte {
			return chronydtest.Set16(chronydtest.AtStatus, status)(reply)[:chronydtest.HeaderLength]
		}
	}
	all := func(change chronydtest.Change) chronydtest.Handler {
		return chronydtest.Changed(chronydtest.Answer(report), chronydtest.RequestSelectData, change)
	}
	for name, tt := range map[string]struct {
		handler  chronydtest.Handler
		args     []string
		code     int
		want     string
		requests int
	}{
		"not asked":             {chronydtest.Answer(report), nil, 0, "CHRONY OK: offset ", sources + 2},
		"chrony 4.7":            {chronydtest.Answer(report), []string{authenticated}, 0, "CHRONY OK: offset ", 2*sources + 2},
		"too few":               {chronydtest.Answer(report), []string{"--authenticated-warning=2:"}, 1, "CHRONY WARNING: authenticated 1 of 2 usable (outside 2:), offset ", 2*sources + 2},
		"refused":               {all(status(unauthorised)), []string{authenticated}, 3, notRead + "refused by chronyd (add ", sources + 3},
		"one is refused":        {second(status(unauthorised)), []string{authenticated}, 3, notRead + "refused by chronyd (add ", 2*sources + 2},
		"chrony 3":              {all(status(invalid)), []string{authenticated}, 3, notRead + "chronyd is too old for this request (chrony 4.0 ", sources + 3},
		"cut short":             {second(func(b []byte) []byte { return b[:len(b)-1] }), []string{authenticated}, 3, notRead + "invalid reply: truncated, offset ", 2*sources + 2},
		"longer":                {second(chronydtest.Extend(500)), []string{authenticated}, 0, "CHRONY OK: offset ", 2*sources + 2},
		"an odd state":          {all(chronydtest.Set8(chronydtest.AtSelectState, 0xff)), []string{authenticated}, 0, "CHRONY OK: offset ", 2*sources + 2},
		"an odd authentication": {second(chronydtest.Set8(chronydtest.AtAuthentication, 'Y')), []string{authenticated}, 3, notRead + "invalid reply: source authentication 89, offset ", 2*sources + 2},
		"another source":        {second(chronydtest.Set32(chronydtest.AtSelectAddress, 1)), []string{authenticated}, 3, notRead + "the sources changed meanwhile, offset ", 3*(2*sources+1) + 1},
		"silence":               {second(chronydtest.Cut(0)), []string{authenticated, "-t", "1"}, 3, notRead + "no reply after 1 of 2 sources (if the path is slow, a longer --timeout helps), offset ", 0},
		"worse is known":        {all(status(unauthorised)), []string{authenticated, "-c", "1ns"}, 2, "CHRONY CRITICAL: offset ", sources + 3},
	} {
		for _, reader := range plugintest.Readers(t) {
			fake := chronydtest.NewFake(t, "udp4", tt.handler)
			args := slices.Concat(fake.Args(), tt.args, []string{"--reader=" + reader})
			if tt.requests > 0 {
				args = append(args, neverResent)
			}
			out, code := plugintest.Run(t, nil, args...)
			checkOutput(t, name+", "+reader, out, code, tt.code, tt.want)
			if requests := len(fake.Requests()); requests != tt.requests && tt.requests > 0 {
				t.Errorf("%s, %s: %d requests, want %d", name, reader, requests, tt.requests)
			}
		}
	}
}

// The line of docs/nts.md that watches the certificates of one's own servers.
func TestCertificatesExpire(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/nts.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^/usr/lib/nagios/plugins/check_tcp -H ntp1.example.net -p 4460 (.*)$`).FindSubmatch(page)
	if line == nil {
		t.Fatal("docs/nts.md doesn't have the line")
	}
	checkTCP, err := filepath.Glob("/usr/lib*/nagios/plugins/check_tcp")
	if err != nil || checkTCP == nil {
		chronydtest.Missing(t, "check_tcp")
	}
	for days, want := range map[int]int{100: 0, 14: 1, 3: 2, -1: 2} {
		until := time.Now().Add(time.Duration(days)*24*time.Hour + time.Hour)
		s := newCertificate(t, until).serve(t, exact)
		cmd := exec.Command(checkTCP[0], append([]string{"-H", "127.0.0.1", "-p", strconv.Itoa(s.ntsPort)}, strings.Fields(string(line[1]))...)...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != want || !strings.Contains(string(out), until.UTC().Format("Jan _2 15:04:05 2006")) {
			t.Errorf("a certificate for %d days: got %d, %q; want %d", days, got, out, want)
		}
	}
}
