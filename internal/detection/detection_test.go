// SPDX-License-Identifier: MIT

package detection

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"check_chrony/internal/chronydtest"
)

// detectionPage is the page with the tables. -u writes them.
const detectionPage = "../../docs/detection.md"

var update = flag.Bool("u", false, "write the tables of the page and the data of its pictures")

// forever is longer than any recording.
const forever time.Duration = math.MaxInt64

// sets are the ready-made options for kinds of hosts, contrib's profiles, in the order
// of the page.
var sets = []struct {
	name, profile string
	hosts         []string
}{
	{name: "LAN", profile: "lan", hosts: []string{"lan", "three-appliances", "lan-nearest-dies", "lan-20ms-daily"}},
	{name: "internet, LAN on WiFi", profile: "internet", hosts: []string{"pool4-loss1", "pool4-loss10", "bufferbloat", "servers-reboot", "nearest-dies", "outages-pool4", "boot", "majority-wrong"}},
	{name: "one server", profile: "single", hosts: []string{"witness-ordinary", "witness-server-1s-wrong", "witness-clock-minus-5s", "relay-lost-upstream"}},
	{name: "cloud", profile: "cloud"},
	{name: "PPS", profile: "pps", hosts: []string{"refclock"}},
	{name: "NMEA", profile: "nmea"},
	{name: "PHC", profile: "phc"},
	{name: "isolated cluster", profile: "isolated", hosts: []string{"orphan-client"}},
}

// profileOptions returns the options of a profile.
func profileOptions(t *testing.T, name string) string {
	t.Helper()
	const file = "../../contrib/nrpe/check_chrony_profiles.cfg"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "command[check_chrony_"+name+"]=")
	line, _, _ := strings.Cut(after, "\n")
	_, options, ok := strings.Cut(line, "/check_chrony ")
	if !ok {
		t.Fatalf("%s: no profile %s", file, name)
	}
	return options
}

// others are options that catch what the defaults don't.
var others = []struct{ options, host string }{
	{"--last-offset-warning=50ms", "jump-minus-5s"},
	{"--last-offset-warning=50ms", "server-1s-wrong"},
	{"--rms-offset-warning=20ms", "server-1s-wrong"},
	{"--disagreeing-warning=1", "smear-1of4"},
	{"--disagreeing-warning=1", "majority-wrong"},
	{"--max-error-warning=100ms", "relay-lost-upstream"},
	{"--falsetickers-warning=0", "frequency-100ppm"},
	{"--falsetickers-warning=0", "three-appliances"},
	{"--falsetickers-warning=1", "three-appliances"},
	{"--reachable-warning=4:", "lan-nearest-dies"},
	{"--reachable-warning=4:", "nearest-dies"},
	{"--no-sources-after=0", "outages-maxpoll6"},
	{"--no-sources-after=0", "three-appliances"},
	{"--age-warning=1h", "pool4-loss10"},
}

// TestDetection checks that the tables of the page agree with the code. With -u it
// writes them, and the data for the pictures.
func TestDetection(t *testing.T) {
	chronydtest.Slow(t)
	all := hosts(t)
	if *update {
		saveOutage(t, named(t, all, "outages-pool4"))
		saveBoot(t, named(t, all, "boot"))
	}
	hold(t, "recordings", recordingsTable(all))
	hold(t, "sets", setsTable(t))
	hold(t, "results of the sets", setResultsTable(t, all))
	hold(t, "other options", othersTable(t, all))
}

func named(t *testing.T, all []host, name string) host {
	t.Helper()
	i := slices.IndexFunc(all, func(h host) bool { return h.name == name })
	if i < 0 {
		t.Fatalf("no recording %s", name)
	}
	return all[i]
}

const (
	outcomeHead = " hard | soft | not OK for | first alarm after | CRITICAL after | largest error while OK |\n"
	outcomeRule = " ---: | ---: | ---: | ---: | ---: | ---: |\n"
)

// String returns the cells of a table row under outcomeHead.
func (o outcome) String() string {
	hard := strconv.Itoa(o.hard)
	if o.leastHard < o.hard {
		hard = fmt.Sprintf("%d–%d", o.leastHard, o.hard)
	}
	notOK := span(cmp.Or(o.notOK, never))
	if o.open {
		notOK = "over " + notOK
	}
	return fmt.Sprintf(" %s | %d | %s | %s | %s | %s |\n", hard, o.soft,
		notOK, orNone(o.first, o.missedFirst), orNone(o.critical, o.missedCritical), size(o.okError))
}

// orNone formats a time for the page. It says if some starts of the check saw nothing.
func orNone(d time.Duration, missed bool) string {
	if missed && d != never {
		return span(d) + " or never"
	}
	return span(d)
}

// stretch is a part of a recording from one event to the next.
type stretch struct {
	name     string // "3 d", if the events of a recording differ
	from, to time.Duration
}

// stretches returns the parts of a recording to judge. If nothing happens, that is the
// whole of it. If all events last equally long, it is everything after the first. If
// not, it is the part after each event.
func (h host) stretches() []stretch {
	switch {
	case len(h.events) == 0:
		return []stretch{{"", 0, forever}}
	case !slices.ContainsFunc(h.events, func(e event) bool { return e.lasts != h.events[0].lasts }):
		return []stretch{{"", h.events[0].at, forever}}
	}
	var parts []stretch
	for i, e := range h.events {
		to := forever
		if i+1 < len(h.events) {
			to = h.events[i+1].at
		}
		parts = append(parts, stretch{span(e.lasts), e.at, to})
	}
	return parts
}

// part returns the name of a stretch: "outages-pool4, 3 d".
func (h host) part(s stretch) string {
	if s.name == "" {
		return h.name
	}
	return h.name + ", " + s.name
}

func recordingsTable(all []host) string {
	var b strings.Builder
	b.WriteString("| recording | what happens |" + outcomeHead + "| --- | --- |" + outcomeRule)
	for _, h := range all {
		title := h.title
		for _, s := range h.stretches() {
			fmt.Fprintf(&b, "| %s | %s |%s", h.part(s), title, h.outcome(h.byDefault, s.from, s.to))
			title = ""
		}
	}
	return b.String()
}

func setsTable(t *testing.T) string {
	var b strings.Builder
	for _, s := range sets {
		fmt.Fprintf(&b, "# %s\ncheck_chrony %s\n", s.name, profileOptions(t, s.profile))
	}
	return "```\n" + b.String() + "```\n"
}

func setResultsTable(t *testing.T, all []host) string {
	var b strings.Builder
	b.WriteString("| set | recording |" + outcomeHead + "| --- | --- |" + outcomeRule)
	for _, s := range sets {
		for _, name := range s.hosts {
			h := named(t, all, name)
			states := h.evaluate(t, strings.Fields(profileOptions(t, s.profile))...)
			for _, part := range h.stretches() {
				fmt.Fprintf(&b, "| %s | %s |%s", s.name, h.part(part), h.outcome(states, part.from, part.to))
			}
		}
	}
	return b.String()
}

func othersTable(t *testing.T, all []host) string {
	var b strings.Builder
	b.WriteString("| option | recording |" + outcomeHead + "| --- | --- |" + outcomeRule)
	for _, o := range others {
		h := named(t, all, o.host)
		states := h.evaluate(t, o.options)
		for _, part := range h.stretches() {
			fmt.Fprintf(&b, "| `%s` | %s |%s", o.options, h.part(part), h.outcome(states, part.from, part.to))
		}
	}
	return b.String()
}

// span formats a length of time for the page, in two or three digits.
func span(d time.Duration) string {
	switch {
	case d == never:
		return "–"
	case d == 0:
		return "at once"
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return digits(d.Minutes(), 3) + " min"
	case d < 48*time.Hour:
		return digits(d.Hours(), 3) + " h"
	default:
		return digits(d.Hours()/24, 3) + " d"
	}
}

// size formats a clock's error, in seconds, to two digits.
func size(seconds float64) string {
	if math.IsNaN(seconds) {
		return "–"
	}
	for unit, ofASecond := range map[string]float64{"us": 1e-6, "ms": 1e-3} {
		if x, _ := strconv.ParseFloat(digits(seconds/ofASecond, 2), 64); x < 1e3 && (x >= 1 || unit == "us") {
			return digits(seconds/ofASecond, 2) + " " + unit
		}
	}
	return digits(seconds, 2) + " s"
}

// digits formats x with n significant digits and without an exponent.
func digits(x float64, n int) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', n, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// hold compares the page's text between the marks of this name with want. With -u it
// writes want there.
func hold(t *testing.T, name, want string) {
	t.Helper()
	page, err := os.ReadFile(detectionPage)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+": written by make detection -->\n", "<!-- end of "+name+" -->\n"
	head, rest, _ := strings.Cut(string(page), begin)
	got, tail, ok := strings.Cut(rest, end)
	switch {
	case !ok:
		t.Fatalf("%s: no marks for %s", detectionPage, name)
	case *update:
		if err := os.WriteFile(detectionPage, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	case got != want:
		t.Errorf("%s: %s: run make detection\ngot\n%swant\n%s", detectionPage, name, got, want)
	}
}
