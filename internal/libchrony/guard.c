// SPDX-License-Identifier: MIT

//go:build linux

// Loading a library can hang on a named pipe or on a file system that doesn't respond,
// crash on a truncated file, and run the library's own code. The process can't recover
// from these, so while the guard is on, a signal handler prints the result of the check
// and ends the process.

#include "binding.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static const struct {
	int signal;
	const char *reason;
} guarded[] = {
	{SIGBUS, "the file is truncated"},
	{SIGSEGV, "the file is damaged"},
	{SIGILL, "the file is damaged"},
	{SIGFPE, "the file is damaged"},
	{SIGABRT, "its code aborted"},
	{SIGALRM, "timed out"},
};
#define GUARDED (sizeof(guarded) / sizeof(guarded[0]))

static const char *message, *hint;
static struct sigaction actions[GUARDED];
static sigset_t mask;
static struct itimerval timer;

// fail prints the message, the reason and the hint, and exits with UNKNOWN's code. If
// stdout is full, SIGALRM comes a second later, maybe in this same thread (SA_NODEFER).
static void fail(int signal)
{
	static volatile sig_atomic_t writing;
	const char *reason = "";

	if (writing++)
		_exit(3);
	alarm(1);
	for (size_t i = 0; i < GUARDED; i++)
		if (guarded[i].signal == signal)
			reason = guarded[i].reason;
	struct iovec line[] = {
		{(char *)message, strlen(message)},
		{(char *)reason, strlen(reason)},
		{(char *)hint, strlen(hint)},
	};
	ssize_t written = writev(STDOUT_FILENO, line, 3);
	(void)written;
	_exit(3);
}

// The kernel would deliver SIGALRM to the thread that loads, even if it hangs. So this
// thread blocks all signals that it doesn't cause itself, and Go's other threads take
// them: a program with cgo always has some.
void guard_on(const char *before, const char *after, struct itimerval timeout)
{
	struct sigaction action = {.sa_handler = fail, .sa_flags = SA_ONSTACK | SA_NODEFER};
	sigset_t others;

	message = before;
	hint = after;
	sigfillset(&others);
	for (size_t i = 0; i < GUARDED; i++) {
		sigaction(guarded[i].signal, &action, &actions[i]);
		if (guarded[i].signal != SIGALRM)
			sigdelset(&others, guarded[i].signal);
	}
	pthread_sigmask(SIG_SETMASK, &others, &mask);
	setitimer(ITIMER_REAL, &timeout, &timer);
}

void guard_off(void)
{
	setitimer(ITIMER_REAL, &timer, NULL);
	for (size_t i = 0; i < GUARDED; i++)
		sigaction(guarded[i].signal, &actions[i], NULL);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

// The parent may have blocked SIGALRM. Go's threads inherit the signal mask that the
// process has when the runtime starts, so unblock it before.
__attribute__((constructor)) static void unblock_alarm(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
