// SPDX-License-Identifier: MIT

package chrony

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// Report is what one reading of chronyd gives.
type Report struct {
	Tracking Tracking
	Sources  []Source
	// SourcesErr is why chronyd refused the sources report ([ErrNotAuthorised] or
	// [ErrDisabled]); nil if Sources holds all of them.
	SourcesErr error
}

// Session is a conversation with one chronyd. Its errors wrap one of this
// package's where chronyd answered.
type Session interface {
	Tracking(ctx context.Context) (Tracking, error)
	NumberSources(ctx context.Context) (uint32, error)
	Source(ctx context.Context, index uint32) (Source, error)
}

// MaxSources bounds the work that a reply can ask for. chronyd itself has no
// limit, and nobody configures as many.
const MaxSources = 4096

// A pool's sources come and go while they are read; then the list is read anew.
const sourcesAttempts = 3

// ReadReport asks for all that a check needs, and lets no invalid value pass.
func ReadReport(ctx context.Context, s Session) (Report, error) {
	var r Report
	var err error
	start := time.Now()
	if r.Tracking, err = s.Tracking(ctx); err == nil {
		err = r.Tracking.Validate()
	}
	if err != nil {
		return Report{}, fmt.Errorf("tracking report: %w", err)
	}
	for range sourcesAttempts {
		r.Sources, err = readSources(ctx, s, start)
		if !errors.Is(err, ErrUnexpectedStatus) {
			break
		}
	}
	if errors.Is(err, ErrNotAuthorised) || errors.Is(err, ErrDisabled) {
		r.SourcesErr, err = err, nil
	}
	if err != nil {
		return Report{}, fmt.Errorf("sources report: %w", err)
	}
	return r, nil
}

func readSources(ctx context.Context, s Session, start time.Time) ([]Source, error) {
	number, err := s.NumberSources(ctx)
	if err != nil {
		return nil, err
	}
	if number > MaxSources {
		return nil, fmt.Errorf("%w: %d sources", ErrInvalidReply, number)
	}
	var sources []Source
	for i := range number {
		// A reader asks whether the context has ended only where no answer comes.
		if time.Since(start) > slice && ctx.Err() != nil {
			return nil, os.ErrDeadlineExceeded
		}
		source, err := s.Source(ctx, i)
		if err == nil {
			err = source.Validate()
		}
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return sources, nil
}
