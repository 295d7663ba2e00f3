// SPDX-License-Identifier: MIT

package client

import (
	"fmt"

	"check_chrony/internal/cmdmon"
	"check_chrony/internal/libchrony"
	"check_chrony/internal/native"
)

// Codec is a codec that can name itself, for -vv and --version.
type Codec interface {
	cmdmon.Codec
	fmt.Stringer
}

// OpenCodec returns the codec that --reader and --libchrony select. "auto" is libchrony,
// or the native codec if libchrony can't be loaded and library is empty.
func OpenCodec(name, library string, limit cmdmon.Limit) (Codec, error) {
	if name == "native" {
		return nativeCodec{}, nil
	}
	codec, err := libchrony.Load(library, limit.Deadline)
	switch {
	case err == nil:
		return libchronyCodec{codec}, nil
	case library != "":
		return nil, fmt.Errorf("--libchrony: %w (omit it, or use --reader=native)", err)
	case name == "libchrony":
		return nil, fmt.Errorf("--reader: %w (install it, name the file with --libchrony, or use --reader=native)", err)
	default:
		return nativeCodec{reason: err}, nil
	}
}

type libchronyCodec struct{ *libchrony.Codec }

func (c libchronyCodec) String() string { return "libchrony " + c.File }

type nativeCodec struct {
	native.Codec
	reason error // why libchrony isn't used; nil if native was selected
}

func (c nativeCodec) String() string {
	if c.reason == nil {
		return "native"
	}
	return fmt.Sprintf("native (%v)", c.reason)
}
