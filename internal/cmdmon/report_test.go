// SPDX-License-Identifier: MIT

package cmdmon

import (
	"errors"
	"math"
	"slices"
	"testing"

	"check_chrony/internal/chrony"
)

// right is a tracking report that nothing is wrong with.
var right = chrony.Tracking{Stratum: 3}

// answers is a codec that answers from its fields.
type answers struct {
	tracking  chrony.Tracking
	number    []uint32 // in turn
	numberErr error
	sources   []chrony.Source
	asked     int
	// The records of selectdata, in turn for each request.
	selectData    []chrony.SelectData
	selectDataErr error
	selected      int
}

func (a *answers) Tracking(RoundTrip) (chrony.Tracking, error) { return a.tracking, nil }

func (a *answers) NumberSources(RoundTrip) (uint32, error) {
	n := a.number[0]
	if len(a.number) > 1 {
		a.number = a.number[1:]
	}
	return n, a.numberErr
}

func (a *answers) Source(_ RoundTrip, i uint32) (chrony.Source, error) {
	a.asked++
	if int(i) >= len(a.sources) {
		return chrony.Source{}, chrony.ErrUnexpectedStatus // STT_NOSUCHSOURCE
	}
	return a.sources[i], nil
}

func (a *answers) Activity(RoundTrip) (chrony.Activity, error) { return chrony.Activity{}, nil }

func (a *answers) SelectData(RoundTrip, uint32) (chrony.SelectData, error) {
	a.selected++
	if len(a.selectData) == 0 {
		return chrony.SelectData{}, a.selectDataErr
	}
	d := a.selectData[0]
	a.selectData = a.selectData[1:]
	return d, nil
}

func TestTheListIsReadAgainWhenItShrinks(t *testing.T) {
	a := &answers{tracking: right, number: []uint32{2, 1}, sources: make([]chrony.Source, 1)}
	r, err := readReport(a, Reports{}, new(conversation))
	if err != nil || r.SourcesErr != nil || len(r.Sources) != 1 || a.asked != 3 {
		t.Errorf("got %d sources after %d requests, %v, %v", len(r.Sources), a.asked, err, r.SourcesErr)
	}
}

func TestEverChangingListIsGivenUp(t *testing.T) {
	a := &answers{tracking: right, number: []uint32{1}}
	if r, err := readReport(a, Reports{}, new(conversation)); err != nil || !errors.Is(r.SourcesErr, chrony.ErrUnexpectedStatus) || a.asked != 3 {
		t.Errorf("got %v, %v after %d requests", err, r.SourcesErr, a.asked)
	}
}

func TestTheNumberOfSourcesIsBounded(t *testing.T) {
	a := &answers{tracking: right, number: []uint32{1<<32 - 1}}
	if r, err := readReport(a, Reports{}, new(conversation)); err != nil || !errors.Is(r.SourcesErr, chrony.ErrInvalidReply) || a.asked != 0 {
		t.Errorf("got %v, %v after %d requests", err, r.SourcesErr, a.asked)
	}
}

func TestReportWithoutSources(t *testing.T) {
	a := &answers{tracking: right, number: []uint32{0}, numberErr: chrony.ErrNotAuthorised}
	r, err := readReport(a, Reports{}, new(conversation))
	if err != nil || !errors.Is(r.SourcesErr, chrony.ErrNotAuthorised) || r.Tracking != right {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestInvalidValuesAreRefused(t *testing.T) {
	if _, err := readReport(&answers{tracking: chrony.Tracking{Stratum: 200}}, Reports{}, new(conversation)); !errors.Is(err, chrony.ErrInvalidReply) {
		t.Errorf("tracking: got %v", err)
	}
	for name, source := range map[string]chrony.Source{
		"state": {State: 6}, "mode": {Mode: 3}, "stratum": {Stratum: 17}, "reachability": {Reachability: 256},
		"offset": {LastSampleOffset: math.NaN()}, "error": {LastSampleError: math.Inf(1)},
	} {
		a := &answers{tracking: right, number: []uint32{1}, sources: []chrony.Source{source}}
		if r, err := readReport(a, Reports{}, new(conversation)); err != nil || !errors.Is(r.SourcesErr, chrony.ErrInvalidReply) || r.Sources != nil {
			t.Errorf("%s: got %v, %v", name, err, r.SourcesErr)
		}
	}
}

func TestSelectDataIsReadIfItIsWanted(t *testing.T) {
	sources := []chrony.Source{{Address: "192.0.2.1"}, {Address: "192.0.2.2"}}
	first, second := chrony.SelectData{Address: "192.0.2.1", Authentication: 1}, chrony.SelectData{Address: "192.0.2.2"}
	other := chrony.SelectData{Address: "192.0.2.3"}
	for name, tt := range map[string]struct {
		reports         Reports
		records         []chrony.SelectData
		err             error // after the records
		want            error
		asked, selected int
	}{
		"not wanted":          {Reports{}, nil, nil, nil, 2, 0},
		"wanted":              {Reports{SelectData: true}, []chrony.SelectData{first, second}, nil, nil, 2, 2},
		"another source":      {Reports{SelectData: true}, []chrony.SelectData{other, first, second}, nil, nil, 4, 3},
		"another, later":      {Reports{SelectData: true}, []chrony.SelectData{first, other, first, second}, nil, nil, 4, 4},
		"always another":      {Reports{SelectData: true}, []chrony.SelectData{other, other, other, other}, nil, errChanged, 6, 3},
		"no such source":      {Reports{SelectData: true}, []chrony.SelectData{first}, chrony.ErrUnexpectedStatus, chrony.ErrUnexpectedStatus, 6, 4},
		"refused":             {Reports{SelectData: true}, nil, chrony.ErrNotAuthorised, chrony.ErrNotAuthorised, 2, 1},
		"one is refused":      {Reports{SelectData: true}, []chrony.SelectData{first}, chrony.ErrNotAuthorised, chrony.ErrNotAuthorised, 2, 2},
		"unknown":             {Reports{SelectData: true}, nil, chrony.ErrServerTooOld, chrony.ErrServerTooOld, 2, 1},
		"no reply":            {Reports{SelectData: true}, []chrony.SelectData{first}, chrony.ErrNoReply, chrony.ErrNoReply, 2, 2},
		"what no chronyd has": {Reports{SelectData: true}, []chrony.SelectData{{Address: "192.0.2.1", Authentication: 'Y'}}, nil, chrony.ErrInvalidReply, 2, 1},
	} {
		a := &answers{tracking: right, number: []uint32{2}, sources: sources, selectData: tt.records, selectDataErr: tt.err}
		r, err := readReport(a, tt.reports, new(conversation))
		if err != nil || r.SourcesErr != nil || len(r.Sources) != 2 || !errors.Is(r.SelectDataErr, tt.want) || a.asked != tt.asked || a.selected != tt.selected {
			t.Errorf("%s: got %+v, %v; asked %d and %d times, want %d and %d", name, r, err, a.asked, a.selected, tt.asked, tt.selected)
		}
		if wanted := tt.reports.SelectData && tt.want == nil; wanted != slices.Equal(r.SelectData, []chrony.SelectData{first, second}) {
			t.Errorf("%s: got %+v", name, r.SelectData)
		}
	}
}
