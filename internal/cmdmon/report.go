// SPDX-License-Identifier: MIT

package cmdmon

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"check_chrony/internal/chrony"
)

// sourcesAttempts is how often the list of sources is read at most. It is read again if
// the sources change meanwhile, as a pool's do: chronyd then rejects an index, or another
// source has it.
const sourcesAttempts = 3

// errChanged means that a source was replaced while the sources were read.
var errChanged = errors.New("the sources changed meanwhile")

// Read reads the tracking and sources reports of the chronyd at an address, and the
// additional reports.
//
// An error means that there is no tracking report. It wraps a [syscall.Errno] from
// connecting, or an error of [RoundTrip]; see also [OwnerError] and [PathError]. If only
// the sources are missing, the report says why in SourcesErr, and likewise for the
// additional reports.
//
// If the process runs as root, and others own the path of the Unix socket, Read gives up
// root for good. So whatever needs root must come first.
func Read(codec Codec, address Address, reports Reports, limit Limit, trace Trace) (chrony.Report, error) {
	start := time.Now()
	s, err := dial(address, limit)
	if err != nil {
		return chrony.Report{}, err
	}
	defer s.Close()
	if s.cred != nil {
		trace("%s: used as user %d, group %d", address, s.cred.uid, s.cred.gid)
	}
	report, err := readReport(codec, reports, &conversation{conn: s, limit: limit, trace: trace, start: start})
	return report, s.explainNoReply(err)
}

// readReport reads the reports and, if no source is usable, the activity report, which may
// say why. It rejects values that no chronyd sends.
func readReport(codec Codec, reports Reports, c *conversation) (chrony.Report, error) {
	tracking, err := codec.Tracking(c.roundTrip)
	if err == nil {
		err = tracking.Validate()
	}
	switch {
	case c.interrupted != nil:
		return chrony.Report{}, c.interrupted
	case err != nil:
		return chrony.Report{}, fmt.Errorf("tracking report: %w", err)
	}
	r := chrony.Report{Tracking: tracking}
	for range sourcesAttempts {
		r.Sources, r.SourcesErr = readSources(codec, c.roundTrip)
		r.SelectData, r.SelectDataErr = nil, nil
		if reports.SelectData && r.SourcesErr == nil {
			r.SelectData, r.SelectDataErr = readSelectData(codec, c.roundTrip, r.Sources)
		}
		err := cmp.Or(r.SourcesErr, r.SelectDataErr)
		if !errors.Is(err, chrony.ErrUnexpectedStatus) && !errors.Is(err, errChanged) {
			break
		}
	}
	if c.interrupted != nil {
		return chrony.Report{}, c.interrupted
	}
	if len(r.Sources) > 0 && chrony.UsableSources(r.Sources) == 0 {
		r.Activity = readActivity(codec, c)
		if c.interrupted != nil {
			return chrony.Report{}, c.interrupted
		}
	}
	return r, nil
}

// readActivity returns the activity report, or nil if chronyd doesn't give it, since it is
// optional. It uses at most half of the time left: there may be names to look up.
func readActivity(codec Codec, c *conversation) *chrony.Activity {
	now := time.Now()
	c.limit.Deadline = now.Add(c.limit.Deadline.Sub(now) / 2)
	activity, err := codec.Activity(c.roundTrip)
	if err != nil {
		return nil
	}
	return &activity
}

func readSources(codec Codec, roundTrip RoundTrip) ([]chrony.Source, error) {
	number, err := codec.NumberSources(roundTrip)
	if err != nil {
		return nil, err
	}
	if number > chrony.MaxSources {
		return nil, fmt.Errorf("%w: %d sources", chrony.ErrInvalidReply, number)
	}
	return readRecords(number, func(index uint32) (chrony.Source, error) {
		source, err := codec.Source(roundTrip, index)
		if err == nil {
			err = source.Validate()
		}
		return source, err
	})
}

// readSelectData reads the record of each source.
func readSelectData(codec Codec, roundTrip RoundTrip, sources []chrony.Source) ([]chrony.SelectData, error) {
	return readRecords(uint32(len(sources)), func(index uint32) (chrony.SelectData, error) {
		record, err := codec.SelectData(roundTrip, index)
		if err == nil {
			err = record.Validate()
		}
		if err == nil && !record.IsOf(sources[index]) {
			err = errChanged
		}
		return record, err
	})
}

// readRecords reads one record a source. If chronyd stops answering, the error says after
// how many.
func readRecords[T any](number uint32, read func(index uint32) (T, error)) ([]T, error) {
	var records []T
	for i := range number {
		record, err := read(i)
		switch {
		case errors.Is(err, chrony.ErrNoReply) && i > 0:
			return nil, fmt.Errorf("%w after %d of %d sources", err, i, number)
		case err != nil:
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}
