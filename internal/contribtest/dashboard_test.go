// SPDX-License-Identifier: MIT

//go:build integration

package contribtest

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// dashboard is the part of the shipped dashboard that the test reads.
type dashboard struct {
	Annotations struct {
		List []struct {
			Name   string
			Target struct{ Query string }
		}
	}
	Templating struct {
		List []struct{ Name, Type, Query string }
	}
	Panels []struct {
		Title   string
		Targets []struct{ Query string }
	}
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	if err := json.Unmarshal([]byte(shipped(t, "grafana/chrony.json")), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// query is a query of a panel or of an annotation.
type query struct{ title, text string }

func (d dashboard) queries() (all []query) {
	for _, a := range d.Annotations.List {
		all = append(all, query{a.Name, a.Target.Query})
	}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			all = append(all, query{p.Title, target.Query})
		}
	}
	return all
}

// variable returns the query of a variable.
func (d dashboard) variable(name string) string {
	for _, v := range d.Templating.List {
		if v.Name == name {
			return v.Query
		}
	}
	return "no variable " + name
}

// metric returns the label that a query reads; empty if it reads the state.
func (q query) metric() string {
	m := regexp.MustCompile(`"metric" = '(\w+)'`).FindStringSubmatch(q.text)
	if m == nil {
		return ""
	}
	return m[1]
}

func (q query) filled() string { return fill(q.text) }

// fill replaces Grafana's variables with values.
func fill(query string) string {
	return strings.NewReplacer("$timeFilter", "time > now() - 1h", "$__interval", "1s", "$host", "web1", "$service", "chrony").Replace(query)
}
