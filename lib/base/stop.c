/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/stop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The action that VSS_STOP_AT asks for at `name`, behind its colon ("" for the default); NULL when it is not listed. */
static const char *
action_for(const char *list, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = list; *p; p += strcspn(p, ","), p += *p == ',') {
		if (strncmp(p, name, n) == 0 && strchr(":,", p[n]))
			return p + n + (p[n] == ':');
	}
	return NULL;
}

static void
note(const char *name)
{
	const char *path = secure_getenv("VSS_STOP_LOG");
	if (!path)
		return;
	char line[160];
	int n = snprintf(line, sizeof line, "%s %ld\n", name, (long)getpid());
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		abort(); /* a test that waits for this line must not wait for ever */
	if (n >= (int)sizeof line || write(fd, line, (size_t)n) != n || close(fd))
		abort();
}

static void
act(const char *action)
{
	static const struct {
		const char *name;
		int signal;
	} signals[] = { { "stop", SIGSTOP }, { "term", SIGTERM }, { "int", SIGINT } };
	size_t n = strcspn(action, ",");

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		if (strlen(signals[i].name) == n && strncmp(action, signals[i].name, n) == 0) {
			/* SIGSTOP goes to this thread, so that it stands still here and not a little later. */
			if (signals[i].signal == SIGSTOP)
				raise(SIGSTOP);
			else
				kill(getpid(), signals[i].signal);
			return;
		}
	}
	if (n == 4 && strncmp(action, "note", n) == 0)
		return;
	if (n == 4 && strncmp(action, "exit", n) == 0)
		_exit(1);
	kill(getpid(), SIGKILL);
}

void
vss_stop_point(const char *name)
{
	enum { UNKNOWN, OFF, ON };
	static atomic_int armed = UNKNOWN;
	if (armed == OFF)
		return;
	const char *list = secure_getenv("VSS_STOP_AT");
	armed = list ? ON : OFF;
	const char *action = list ? action_for(list, name) : NULL;
	if (!action)
		return;
	note(name);
	act(action);
}
