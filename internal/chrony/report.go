// SPDX-License-Identifier: MIT

package chrony

// Report is what one reading of chronyd gives.
type Report struct {
	Tracking Tracking
	Sources  []Source
	// SourcesErr is why the sources could not be read although the tracking report
	// was: refused ([ErrNotAuthorised], [ErrDisabled]), invalid, or no reply. It is
	// nil if Sources holds all of them.
	SourcesErr error
}

// MaxSources is the largest number of sources that is read. It bounds the work that
// a reply can ask for: chronyd itself has no limit, and nobody configures as many.
const MaxSources = 4096
