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
