// SPDX-License-Identifier: MIT

// Where libchrony's header is installed, the compiler holds our prototypes
// against it: a difference is a conflicting declaration and ends the build.

#if defined(__has_include)
#if __has_include(<chrony.h>)

#include <chrony.h>

#include "binding.h"

#define DECLARE(type, name, parameters, arguments) type name parameters;
CHRONY_FUNCTIONS(DECLARE)

#endif
#endif
