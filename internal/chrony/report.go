// SPDX-License-Identifier: MIT

package chrony

// Report holds the result of one reading of chronyd.
type Report struct {
	Tracking Tracking
	Sources  []Source
	// SourcesErr says why the sources could not be read although the tracking report
	// could: refused ([ErrNotAuthorised], [ErrDisabled]), invalid, or no reply. It is
	// nil if Sources holds all of them.
	SourcesErr error
	// Activity is asked for only if no source is usable. It is nil if there is none.
	Activity *Activity
	// SelectData has a record for each of Sources, in the same order; nil unless it was
	// asked for. SelectDataErr is nil, or says why it could not be read although the
	// sources could.
	SelectData    []SelectData
	SelectDataErr error
}

// MaxSources is the largest number of sources that is read. It limits the work that a
// single reply can cause. chronyd itself has no limit, but nobody configures that many.
const MaxSources = 4096
