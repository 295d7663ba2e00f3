// SPDX-License-Identifier: MIT

package contribtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// call makes a request to the REST API of the node.
func (n *node) call(method, path string, body, result any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, fmt.Sprintf("https://127.0.0.1:%d/v1/%s", n.port, path), bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.SetBasicAuth("test", n.password)
	request.Header.Set("Accept", "application/json")
	response, err := n.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s %s: %s %s", method, path, response.Status, text)
	}
	return json.NewDecoder(response.Body).Decode(result)
}

// hasConnected reports whether the node is connected to an endpoint.
func (n *node) hasConnected(endpoint string) bool {
	var answer struct {
		Results []struct{ Attrs struct{ Connected bool } }
	}
	err := n.call(http.MethodGet, "objects/endpoints/"+endpoint+"?attrs=connected", nil, &answer)
	return err == nil && len(answer.Results) == 1 && answer.Results[0].Attrs.Connected
}

// checkAll forces a check of every service, and returns how many there are.
func (n *node) checkAll(t *testing.T) int {
	t.Helper()
	var answer struct{ Results []struct{ Code int } }
	if err := n.call(http.MethodPost, "actions/reschedule-check", map[string]any{"type": "Service", "force": true}, &answer); err != nil {
		t.Fatal(err)
	}
	return len(answer.Results)
}

// checkResult is Icinga's result of a check.
type checkResult struct {
	State           int
	Output          string
	PerformanceData []string `json:"performance_data"`
	CheckSource     string   `json:"check_source"`
}

func (c checkResult) parse() serviceState {
	line, long, _ := strings.Cut(c.Output, "\n")
	return serviceState{c.State, strings.TrimSpace(line), strings.TrimSuffix(long, "\n"), c.PerformanceData}
}

// results returns the results of all services that were checked, by their names.
func (n *node) results(t *testing.T) map[string]checkResult {
	t.Helper()
	var answer struct {
		Results []struct {
			Name  string
			Attrs struct {
				LastCheckResult *checkResult `json:"last_check_result"`
			}
		}
	}
	if err := n.call(http.MethodGet, "objects/services?attrs=last_check_result", nil, &answer); err != nil {
		t.Fatal(err)
	}
	results := map[string]checkResult{}
	for _, r := range answer.Results {
		if r.Attrs.LastCheckResult != nil {
			results[r.Name] = *r.Attrs.LastCheckResult
		}
	}
	return results
}

// submit gives a service the result of a check.
func (n *node) submit(t *testing.T, service string, state int) {
	t.Helper()
	var answer any
	if err := n.call(http.MethodPost, "actions/process-check-result?service="+url.QueryEscape(service),
		map[string]any{"exit_status": state, "plugin_output": "submitted"}, &answer); err != nil {
		t.Fatal(err)
	}
}

// reachable reports whether a service was reachable at its last check.
func (n *node) reachable(t *testing.T, service string) bool {
	t.Helper()
	var answer struct {
		Results []struct {
			Attrs struct {
				Reachable bool `json:"last_reachable"`
			}
		}
	}
	if err := n.call(http.MethodGet, "objects/services/"+url.PathEscape(service)+"?attrs=last_reachable", nil, &answer); err != nil {
		t.Fatal(err)
	}
	return len(answer.Results) == 1 && answer.Results[0].Attrs.Reachable
}
