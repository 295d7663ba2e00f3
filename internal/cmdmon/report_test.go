// SPDX-License-Identifier: MIT

package cmdmon

import (
	"errors"
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
	return chrony.SelectData{}, nil
}

func TestTheListIsReadAgainWhenItShrinks(t *testing.T) {
	a := &answers{tracking: right, number: []uint32{2, 1}, sources: make([]chrony.Source, 1)}
	r, err := readReport(a, new(conversation))
	if err != nil || r.SourcesErr != nil || len(r.Sources) != 1 || a.asked != 3 {
		t.Errorf("got %d sources after %d requests, %v, %v", len(r.Sources), a.asked, err, r.SourcesErr)
	}
}

func TestAListThatIsNeverRightIsGivenUp(t *testing.T) {
	a := &answers{tracking: right, number: []uint32{1}}
	if r, err := readReport(a, new(conversation)); err != nil || !errors.Is(r.SourcesErr, chrony.ErrUnexpectedStatus) || a.asked != 3 {
		t.Errorf("got %v, %v after %d requests", err, r.SourcesErr, a.asked)
	}
}

func TestTheNumberOfSourcesIsBounded(t *testing.T) {
	a := &answers{tracking: right, number: []uint32{1<<32 - 1}}
	if r, err := readReport(a, new(conversation)); err != nil || !errors.Is(r.SourcesErr, chrony.ErrInvalidReply) || a.asked != 0 {
		t.Errorf("got %v, %v after %d requests", err, r.SourcesErr, a.asked)
	}
}

func TestTheTrackingReportIsKeptWithoutSources(t *testing.T) {
	a := &answers{tracking: right, number: []uint32{0}, numberErr: chrony.ErrNotAuthorised}
	r, err := readReport(a, new(conversation))
	if err != nil || !errors.Is(r.SourcesErr, chrony.ErrNotAuthorised) || r.Tracking != right {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestInvalidValuesAreRefused(t *testing.T) {
	if _, err := readReport(&answers{tracking: chrony.Tracking{Stratum: 200}}, new(conversation)); !errors.Is(err, chrony.ErrInvalidReply) {
		t.Errorf("tracking: got %v", err)
	}
	for name, source := range map[string]chrony.Source{
		"state": {State: 6}, "mode": {Mode: 3}, "stratum": {Stratum: 17}, "reachability": {Reachability: 256},
	} {
		a := &answers{tracking: right, number: []uint32{1}, sources: []chrony.Source{source}}
		if r, err := readReport(a, new(conversation)); err != nil || !errors.Is(r.SourcesErr, chrony.ErrInvalidReply) || r.Sources != nil {
			t.Errorf("%s: got %v, %v", name, err, r.SourcesErr)
		}
	}
}
