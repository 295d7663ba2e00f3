// SPDX-License-Identifier: MIT

// The binding to libchrony 0.2: one list of functions, expanded to declare them, to
// load them and to call them. The prototypes are our own, so that building needs no
// header. header_check.c compares them with <chrony.h> if it is installed.

#ifndef CHECK_CHRONY_BINDING_H
#define CHECK_CHRONY_BINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#ifndef CHRONY_H
typedef struct chrony_session_t chrony_session;

typedef enum {
	CHRONY_OK = 0,
	CHRONY_NO_MEMORY,
	CHRONY_NO_RANDOM,
	CHRONY_UNKNOWN_REPORT,
	CHRONY_RANDOM_FAILED,
	CHRONY_SEND_FAILED,
	CHRONY_RECV_FAILED,
	CHRONY_INVALID_ARGUMENT,
	CHRONY_UNEXPECTED_CALL,
	CHRONY_UNAUTHORIZED,
	CHRONY_DISABLED,
	CHRONY_UNEXPECTED_STATUS,
	CHRONY_OLD_SERVER,
	CHRONY_NEW_SERVER,
	CHRONY_INVALID_RESPONSE,
} chrony_err;

typedef enum {
	CHRONY_TYPE_NONE = 0,
	CHRONY_TYPE_UINTEGER,
	CHRONY_TYPE_INTEGER,
	CHRONY_TYPE_FLOAT,
	CHRONY_TYPE_TIMESPEC,
	CHRONY_TYPE_STRING,
} chrony_field_type;
#endif

// F(return type, name, parameters, arguments)
//
// chrony_open_socket isn't called. It comes first so that the error message names it if
// the file is another library.
#define CHRONY_FUNCTIONS(F) \
	F(int, chrony_open_socket, (const char *address), (address)) \
	F(const char *, chrony_get_error_string, (chrony_err e), (e)) \
	F(chrony_err, chrony_init_session, (chrony_session **s, int fd), (s, fd)) \
	F(void, chrony_deinit_session, (chrony_session *s), (s)) \
	F(bool, chrony_needs_response, (chrony_session *s), (s)) \
	F(chrony_err, chrony_process_response, (chrony_session *s), (s)) \
	F(chrony_err, chrony_request_report_number_records, (chrony_session *s, const char *report), (s, report)) \
	F(int, chrony_get_report_number_records, (chrony_session *s), (s)) \
	F(chrony_err, chrony_request_record, (chrony_session *s, const char *report, int record), (s, report, record)) \
	F(int, chrony_get_field_index, (chrony_session *s, const char *name), (s, name)) \
	F(chrony_field_type, chrony_get_field_type, (chrony_session *s, int field), (s, field)) \
	F(uint64_t, chrony_get_field_uinteger, (chrony_session *s, int field), (s, field)) \
	F(int64_t, chrony_get_field_integer, (chrony_session *s, int field), (s, field)) \
	F(double, chrony_get_field_float, (chrony_session *s, int field), (s, field)) \
	F(struct timespec, chrony_get_field_timespec, (chrony_session *s, int field), (s, field)) \
	F(const char *, chrony_get_field_string, (chrony_session *s, int field), (s, field))

// The loaded library: a pointer to each function. Either all are set or none.
#define POINTER(type, name, parameters, arguments) type(*name) parameters;
struct chrony_library {
	CHRONY_FUNCTIONS(POINTER)
};
#undef POINTER

extern struct chrony_library chrony_library;

// Go can't call through a C function pointer: call_X calls the loaded X.
#define CALL(type, name, parameters, arguments) \
	static inline type call_##name parameters { return chrony_library.name arguments; }
CHRONY_FUNCTIONS(CALL)
#undef CALL

// load_chrony opens the library's file and finds its functions. It returns true, and the
// name of the loaded file in text; or false, and the reason in text. The other arguments
// are guard_on's.
bool load_chrony(const char *file, const char *before, const char *after,
		 struct itimerval timeout, char *text, size_t size);

// guard_on installs a handler for the signals that loading can cause, and for SIGALRM after
// the timeout. It prints one line (the text before, the reason, the text after) and exits
// with UNKNOWN's code. guard_off removes the handler; call it in the same thread.
void guard_on(const char *before, const char *after, struct itimerval timeout);
void guard_off(void);

#endif
