// SPDX-License-Identifier: MIT

//go:build linux

#define _GNU_SOURCE // dladdr

#include "binding.h"

#include <dlfcn.h>
#include <stdio.h>

struct chrony_library chrony_library;

static bool find_functions(const char *file, char *text, size_t size)
{
	struct chrony_library found;
	const char *missing = NULL;
	Dl_info info;

	// RTLD_LOCAL: libchrony exports names such as get_report and process_response.
	void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		snprintf(text, size, "%s", dlerror());
		return false;
	}

#define LOAD(type, name, parameters, arguments) \
	found.name = (type(*) parameters)dlsym(handle, #name); \
	if (!found.name && !missing) \
		missing = #name;
	CHRONY_FUNCTIONS(LOAD)
#undef LOAD

	if (missing) {
		snprintf(text, size, "%s: no function %s", file, missing);
		dlclose(handle);
		return false;
	}

	chrony_library = found;
	if (!dladdr((void *)found.chrony_init_session, &info) || !info.dli_fname)
		info.dli_fname = file;
	snprintf(text, size, "%s", info.dli_fname);
	return true;
}

bool load_chrony(const char *file, const char *before, const char *after,
		 struct itimerval timeout, char *text, size_t size)
{
	guard_on(before, after, timeout);
	bool loaded = find_functions(file, text, size);
	guard_off();
	return loaded;
}
