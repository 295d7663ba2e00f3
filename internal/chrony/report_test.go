// SPDX-License-Identifier: MIT

package chrony_test

import (
	"context"
	"errors"
	"testing"

	"check_chrony/internal/chrony"
)

// session answers from fields; the real ones are in the readers' tests.
type session struct {
	tracking chrony.Tracking
	number   []uint32 // in turn
	numberE  error
	sources  []chrony.Source
	asked    int
}

func (s *session) Tracking(context.Context) (chrony.Tracking, error) { return s.tracking, nil }

func (s *session) NumberSources(context.Context) (uint32, error) {
	n := s.number[0]
	if len(s.number) > 1 {
		s.number = s.number[1:]
	}
	return n, s.numberE
}

func (s *session) Source(_ context.Context, i uint32) (chrony.Source, error) {
	s.asked++
	if int(i) >= len(s.sources) {
		return chrony.Source{}, chrony.ErrUnexpectedStatus // STT_NOSUCHSOURCE
	}
	return s.sources[i], nil
}

func TestReadReportStartsOverWhenTheListShrinks(t *testing.T) {
	s := &session{number: []uint32{2, 1}, sources: make([]chrony.Source, 1)}
	r, err := chrony.ReadReport(t.Context(), s)
	if err != nil || len(r.Sources) != 1 || s.asked != 3 {
		t.Errorf("got %d sources after %d requests, %v", len(r.Sources), s.asked, err)
	}
}

func TestReadReportGivesUpOnAListThatIsNeverRight(t *testing.T) {
	s := &session{number: []uint32{1}}
	if _, err := chrony.ReadReport(t.Context(), s); !errors.Is(err, chrony.ErrUnexpectedStatus) || s.asked != 3 {
		t.Errorf("got %v after %d requests", err, s.asked)
	}
}

func TestReadReportBoundsTheNumberOfSources(t *testing.T) {
	s := &session{number: []uint32{1<<32 - 1}}
	if _, err := chrony.ReadReport(t.Context(), s); !errors.Is(err, chrony.ErrInvalidReply) || s.asked != 0 {
		t.Errorf("got %v after %d requests", err, s.asked)
	}
}

func TestReadReportWithoutSourcesWhereTheyAreRefused(t *testing.T) {
	s := &session{number: []uint32{0}, numberE: chrony.ErrNotAuthorised, tracking: chrony.Tracking{Stratum: 3}}
	r, err := chrony.ReadReport(t.Context(), s)
	if err != nil || !errors.Is(r.SourcesErr, chrony.ErrNotAuthorised) || r.Tracking.Stratum != 3 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestReadReportRefusesInvalidValues(t *testing.T) {
	for name, s := range map[string]*session{
		"tracking":            {tracking: chrony.Tracking{Stratum: 200}},
		"source state":        {number: []uint32{1}, sources: []chrony.Source{{State: 6}}},
		"source mode":         {number: []uint32{1}, sources: []chrony.Source{{Mode: 3}}},
		"source stratum":      {number: []uint32{1}, sources: []chrony.Source{{Stratum: 17}}},
		"source reachability": {number: []uint32{1}, sources: []chrony.Source{{Reachability: 256}}},
	} {
		if _, err := chrony.ReadReport(t.Context(), s); !errors.Is(err, chrony.ErrInvalidReply) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
