// SPDX-License-Identifier: MIT

// A stand-in for libchrony that has its functions, and a defect that is chosen at
// compile time:
//
//   -DLACKS='"stratum"'   it doesn't know this field
//   -DCHANGED='"stratum"' this field is a string
//   -DSLEEPS              loading it takes an hour
//   -DABORTS              loading it aborts the process
//   -DLACKS_FUNCTION      it lacks a function
//   -DCALLS_MISSING       it calls a function that no library has
//
// It takes any datagram for the reply, and reports the same of every record.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../../internal/libchrony/binding.h"

#ifndef LACKS
#define LACKS ""
#endif
#ifndef CHANGED
#define CHANGED ""
#endif

struct chrony_session_t {
	int fd;
	bool waits;
};

static struct chrony_session_t session;
static unsigned char sequence;

static const struct {
	const char *name;
	chrony_field_type type;
	unsigned value;
} fields[] = {
	{"reference ID", CHRONY_TYPE_UINTEGER, 0x7f000001},
	{"address", CHRONY_TYPE_STRING, 0},
	{"stratum", CHRONY_TYPE_UINTEGER, 3},
	{"leap status", CHRONY_TYPE_UINTEGER, 0},
	{"reference time", CHRONY_TYPE_TIMESPEC, 0},
	{"current correction", CHRONY_TYPE_FLOAT, 0},
	{"last offset", CHRONY_TYPE_FLOAT, 0},
	{"RMS offset", CHRONY_TYPE_FLOAT, 0},
	{"frequency offset", CHRONY_TYPE_FLOAT, 0},
	{"residual frequency", CHRONY_TYPE_FLOAT, 0},
	{"skew", CHRONY_TYPE_FLOAT, 0},
	{"root delay", CHRONY_TYPE_FLOAT, 0},
	{"root dispersion", CHRONY_TYPE_FLOAT, 0},
	{"last update interval", CHRONY_TYPE_FLOAT, 0},
	{"mode", CHRONY_TYPE_UINTEGER, 0},
	{"state", CHRONY_TYPE_UINTEGER, 0},
	{"poll", CHRONY_TYPE_INTEGER, 6},
	{"reachability", CHRONY_TYPE_UINTEGER, 255},
	{"last sample ago", CHRONY_TYPE_UINTEGER, 1},
	{"adjusted last sample offset", CHRONY_TYPE_FLOAT, 0},
	{"last sample error", CHRONY_TYPE_FLOAT, 0},
};

#ifdef SLEEPS
__attribute__((constructor)) static void load_for_an_hour(void)
{
	for (unsigned left = 3600; left > 0;) // a signal interrupts sleep
		left = sleep(left);
}
#endif

#ifdef ABORTS
__attribute__((constructor)) static void load_and_abort(void) { abort(); }
#endif

// send_request sends a request in candm.h's format: version 6, type request, command.
static chrony_err send_request(chrony_session *s, unsigned char command)
{
	unsigned char request[104] = {6, 1, 0, 0, 0, command, 0, 0, 0, 0, 0, ++sequence};

	s->waits = true;
	return write(s->fd, request, sizeof(request)) == sizeof(request) ? CHRONY_OK : CHRONY_SEND_FAILED;
}

chrony_err chrony_init_session(chrony_session **s, int fd)
{
	session.fd = fd;
	*s = &session;
	return CHRONY_OK;
}

chrony_err chrony_request_report_number_records(chrony_session *s, const char *report)
{
	(void)report;
	return send_request(s, 14);
}

chrony_err chrony_request_record(chrony_session *s, const char *report, int record)
{
	(void)record;
	return send_request(s, strcmp(report, "tracking") == 0 ? 33 : 15);
}

chrony_err chrony_process_response(chrony_session *s)
{
	char reply[2048];

#ifdef CALLS_MISSING
	void not_in_any_library(void);
	not_in_any_library();
#endif
	s->waits = read(s->fd, reply, sizeof(reply)) <= 0;
	return CHRONY_OK;
}

int chrony_get_field_index(chrony_session *s, const char *name)
{
	(void)s;
	for (int i = 0; i < (int)(sizeof(fields) / sizeof(fields[0])); i++)
		if (strcmp(name, fields[i].name) == 0 && strcmp(name, LACKS) != 0)
			return i;
	return -1;
}

chrony_field_type chrony_get_field_type(chrony_session *s, int field)
{
	(void)s;
	return strcmp(fields[field].name, CHANGED) == 0 ? CHRONY_TYPE_STRING : fields[field].type;
}

struct timespec chrony_get_field_timespec(chrony_session *s, int field)
{
	struct timespec now;

	(void)s;
	(void)field;
	clock_gettime(CLOCK_REALTIME, &now);
	return now;
}

// clang-format off
int chrony_open_socket(const char *address) { (void)address; return -1; }
const char *chrony_get_error_string(chrony_err e) { (void)e; return "an error"; }
void chrony_deinit_session(chrony_session *s) { (void)s; }
bool chrony_needs_response(chrony_session *s) { return s->waits; }
int chrony_get_report_number_records(chrony_session *s) { (void)s; return 1; }
uint64_t chrony_get_field_uinteger(chrony_session *s, int field) { (void)s; return fields[field].value; }
int64_t chrony_get_field_integer(chrony_session *s, int field) { (void)s; return fields[field].value; }
double chrony_get_field_float(chrony_session *s, int field) { (void)s; (void)field; return 0; }
#ifndef LACKS_FUNCTION
const char *chrony_get_field_string(chrony_session *s, int field) { (void)s; (void)field; return "127.0.0.1"; }
#endif
