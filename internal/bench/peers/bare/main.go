// SPDX-License-Identifier: MIT

// Command bare is Go's floor: it loads libchrony, asks chronyd once, and prints two
// fields. It is what anyone would write first, with none of what a check needs on top.
package main

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct chrony_session_t chrony_session;

static bool read_two_fields(const char *library, const char *address, double *offset, unsigned long *stratum)
{
	void *l = dlopen(library, RTLD_NOW);
	if (!l)
		return false;
	int (*open_socket)(const char *) = dlsym(l, "chrony_open_socket");
	void (*close_socket)(int) = dlsym(l, "chrony_close_socket");
	int (*init_session)(chrony_session **, int) = dlsym(l, "chrony_init_session");
	void (*deinit_session)(chrony_session *) = dlsym(l, "chrony_deinit_session");
	int (*request_record)(chrony_session *, const char *, int) = dlsym(l, "chrony_request_record");
	bool (*needs_response)(chrony_session *) = dlsym(l, "chrony_needs_response");
	int (*process_response)(chrony_session *) = dlsym(l, "chrony_process_response");
	int (*field_index)(chrony_session *, const char *) = dlsym(l, "chrony_get_field_index");
	double (*field_float)(chrony_session *, int) = dlsym(l, "chrony_get_field_float");
	unsigned long (*field_uinteger)(chrony_session *, int) = dlsym(l, "chrony_get_field_uinteger");

	struct pollfd wait = {.fd = open_socket(address), .events = POLLIN};
	chrony_session *s = NULL;
	if (wait.fd < 0 || init_session(&s, wait.fd) != 0 || request_record(s, "tracking", 0) != 0)
		return false;
	while (needs_response(s)) {
		if (poll(&wait, 1, 5000) != 1 || process_response(s) != 0)
			return false;
	}
	*offset = field_float(s, field_index(s, "current correction"));
	*stratum = field_uinteger(s, field_index(s, "stratum"));
	deinit_session(s);
	close_socket(wait.fd);
	return true;
}
*/
import "C"

import (
	"fmt"
	"os"
)

// Usage: bare LIBRARY ADDRESS
func main() {
	var (
		offset  C.double
		stratum C.ulong
	)
	if !C.read_two_fields(C.CString(os.Args[1]), C.CString(os.Args[2]), &offset, &stratum) {
		os.Exit(3)
	}
	fmt.Printf("offset %.9f, stratum %d\n", float64(offset), uint64(stratum))
}
