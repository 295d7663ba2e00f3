// SPDX-License-Identifier: MIT

package chrony

// Report holds what was read from chronyd in one check.
type Report struct {
	Tracking Tracking
	Sources  []Source
	// SourcesErr says why the sources could not be read although the tracking report
	// could: refused ([ErrNotAuthorised], [ErrDisabled]), invalid, or no reply. It is
	// nil if Sources holds all of them.
	SourcesErr error
	// Activity is read only if no source is usable. It is nil if it wasn't read.
	Activity *Activity
	// SelectData has a record for each of Sources, in the same order; nil unless it was
	// requested. SelectDataErr says why it could not be read although the sources could.
	SelectData    []SelectData
	SelectDataErr error
}

// MaxSources is the largest number of sources that the plugin reads. It limits the work
// that a single reply can cause. chronyd itself has no limit.
const MaxSources = 4096
