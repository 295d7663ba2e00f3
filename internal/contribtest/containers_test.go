// SPDX-License-Identifier: MIT

package contribtest

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"check_chrony/internal/chronydtest"
	"check_chrony/internal/plugintest"
)

const root, nobody = "0:0", "65534:65534"

// container is what a container's definition says of how it runs, as far as it matters to
// the plugin.
type container struct {
	user         string // uid:gid
	capabilities string // of root
	hostNetwork  bool
	mounts       []string // arguments of mount, with "root" for the container's root folder
	arguments    []string
}

// TestContainers runs the static plugin in containers made of namespaces: in the set-ups
// of docs/containers.md that work, as contrib defines them, and in those that don't.
func TestContainers(t *testing.T) {
	t.Parallel()
	owner := chronydsUser(t)
	if !chronydtest.InNamespaces(t, "mode=1777") {
		return
	}
	folder := chronydsFolder(t, owner)
	socket := filepath.Join(folder, "chronyd.sock")
	server := chronydtest.Start(t, "local stratum 5")
	chronyd := chronydtest.Start(t, "user "+owner, "bindcmdaddress "+socket, "cmdport 323", server.AsServer())
	chronyd.WaitSynchronised()
	chronydsIDs := must(t, "sh", "-c", `echo "$(id -u "$0"):$(id -g "$0")"`, owner)

	plugin := plugintest.Static(t)
	host, bySocket, compose := kubernetes(t, "daemonset.yaml"), kubernetes(t, "daemonset-socket.yaml"), compose(t)
	if len(bySocket.mounts) != 1 || bySocket.hostNetwork || !host.hostNetwork || host.mounts != nil {
		t.Fatalf("got %+v and %+v", host, bySocket)
	}
	bySocket.user = chronydsIDs
	// with returns the container with the socket, with one thing changed.
	with := func(change func(c *container)) container {
		c := bySocket
		change(&c)
		return c
	}
	elsewhere := func(c *container) {
		c.mounts = []string{"--rbind / root/host"}
		c.arguments = []string{"--hostname=/host" + socket, "--timeout=1s"}
	}

	for _, c := range []struct {
		name  string
		c     container
		code  int
		words string // in this order
	}{
		{"host network", host, 0, "CHRONY OK: offset .* stratum 6"},
		{"Compose, host network", compose, 0, "CHRONY OK: offset .* stratum 6"},
		{"socket", bySocket, 0, "CHRONY OK: offset .* stratum 6"},
		{"own network", with(func(c *container) { c.mounts, c.arguments = nil, nil }), 2, "CHRONY CRITICAL: .*refused"},
		{"socket at another path", with(elsewhere), 2, "CHRONY CRITICAL: .*no reply"},
		{"socket, read-only", with(func(c *container) {
			c.mounts = append(c.mounts, "-o remount,bind,ro root/run/chrony")
		}), 3, "CHRONY UNKNOWN: .*read-only"},
		{"socket, another user", with(func(c *container) { c.user = nobody }), 3, "CHRONY UNKNOWN: .*(permission|permitted)"},
		{"socket, not mounted", with(func(c *container) { c.mounts = nil }), 2, "CHRONY CRITICAL: .*no such file"},
		{"socket, root with two of Docker's capabilities", with(func(c *container) { c.user, c.capabilities = root, ",+setuid,+setgid" }), 0, "CHRONY OK: "},
		{"socket, root without capabilities", with(func(c *container) { c.user = root }), 3, "CHRONY UNKNOWN: .*(permission|permitted)"},
	} {
		out, code := c.c.run(t, plugin)
		if code != c.code || !regexp.MustCompile("^"+c.words).MatchString(out) {
			t.Errorf("%s: got %d, %q, want %d, %q", c.name, code, out, c.code, c.words)
		}
		line, _, _ := strings.Cut(out, " | ")
		t.Logf("%s: %d, %s", c.name, code, line)
	}

	// A socket that a killed chronyd left.
	stale := filepath.Join(folder, "stale.sock")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: stale, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	must(t, "chown", chronydsIDs, stale)
	c := with(func(c *container) { c.arguments = []string{"--hostname=" + stale} })
	out, code := c.run(t, plugin)
	if code != 2 || !regexp.MustCompile("^CHRONY CRITICAL: .*refused").MatchString(out) {
		t.Errorf("stale socket: got %d, %q", code, out)
	}
	t.Logf("stale socket: %d, %s", code, out)
}

// run runs the plugin, alone in an empty root folder, as the container's user.
func (c container) run(t *testing.T, plugin string) (string, int) {
	t.Helper()
	folder := filepath.Join(chronydtest.ShortTempDir(t), "root")
	script := `mount -t tmpfs tmpfs "$0" && cd "$0/.." && mkdir -p root/run/chrony root/host && cp "$1" root/check_chrony`
	for _, mount := range c.mounts {
		script += " && mount " + mount
	}
	namespaces := []string{"--mount"}
	if !c.hostNetwork {
		namespaces = append(namespaces, "--net")
		script += " && ip link set lo up"
	}
	// Another user than root loses all capabilities.
	become, capabilities := " --groups= --userspec="+c.user, ",+setuid,+setgid"
	if c.user == root {
		become, capabilities = "", c.capabilities
	}
	script += " && shift && exec setpriv --inh-caps=-all --bounding-set=-all,+sys_chroot" + capabilities +
		" chroot" + become + ` root /check_chrony "$@"`
	must(t, "mkdir", folder)
	arguments := append(namespaces, "sh", "-c", script, folder, plugin)
	cmd := exec.CommandContext(t.Context(), "unshare", append(arguments, c.arguments...)...)
	cmd.Env = environment
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// kubernetes reads a shipped DaemonSet.
func kubernetes(t *testing.T, name string) container {
	t.Helper()
	text := shipped(t, "kubernetes/"+name)
	c := container{
		user:        only(t, text, `(?m)^ +runAsUser: (\d+)$`) + ":" + only(t, text, `(?m)^ +runAsGroup: (\d+)$`),
		hostNetwork: strings.Contains(text, "\n      hostNetwork: true\n"),
		arguments:   flow(t, text, `(?m)^ +command: \[check_chrony, (.*)\]$`),
	}
	for _, want := range []string{"allowPrivilegeEscalation: false\n", "drop: [ALL]\n", "readOnlyRootFilesystem: true\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %s", name, want)
		}
	}
	if strings.Contains(text, "volumeMounts:") {
		c.mounts = []string{fmt.Sprintf("--bind %s root%s", only(t, text, `(?m)^ +path: (\S+)$`), only(t, text, `(?m)^ +mountPath: (\S+)$`))}
	}
	return c
}

// compose reads the shipped Compose file.
func compose(t *testing.T) container {
	t.Helper()
	text := shipped(t, "compose/compose.yaml")
	return container{
		user:        only(t, text, `(?m)^    user: "(\S+)"$`),
		hostNetwork: strings.Contains(text, "\n    network_mode: host\n"),
		arguments:   flow(t, text, `(?m)^      test: \[CMD, check_chrony, (.*)\]$`),
	}
}

// only returns what the pattern's group matches, which must be one text.
func only(t *testing.T, text, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("got %q for %s, want one", found, pattern)
	}
	return found[0][1]
}

// flow returns the words of a list in YAML.
func flow(t *testing.T, text, pattern string) []string {
	t.Helper()
	return strings.Split(only(t, text, pattern), ", ")
}
