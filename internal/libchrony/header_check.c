// SPDX-License-Identifier: MIT

//go:build linux

// If libchrony's header is installed, the compiler compares our prototypes with it: a
// difference is a conflicting declaration, which fails the build.

#if defined(__has_include)
#if __has_include(<chrony.h>)

#include <chrony.h>

#include "binding.h"

#define DECLARE(type, name, parameters, arguments) type name parameters;
CHRONY_FUNCTIONS(DECLARE)

#endif
#endif
