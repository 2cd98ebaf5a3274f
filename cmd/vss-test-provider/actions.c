/* SPDX-License-Identifier: BSD-2-Clause */
#include "actions.h"

#include "base/num.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AWAIT_MS = 60000, AWAIT_TURN_MS = 5 };

typedef int act(const struct test_provider *t, struct vss_sdk *w, const struct vss_line *l);

/* The words behind `at EVENT ACTION`. */
static const char *
word(const struct vss_line *l, size_t i)
{
	return vss_line_word(l, i + 3);
}

static long
number(const struct vss_line *l, const char *key, long otherwise)
{
	const char *text = vss_line_get(l, key);
	int64_t n;

	return text && vss_parse_i64(text, &n) == 0 ? (long)n : otherwise;
}

static int
act_fail(const struct test_provider *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	return vss_sdk_fail(w, word(l, 0), 0, "%s", word(l, 1) ? word(l, 1) : "told to fail");
}

static int
act_stall(const struct test_provider *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	(void)w;
	if (vss_line_flag(l, "stubborn", false))
		signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
	return 0;
}

static int
act_die(const struct test_provider *t, struct vss_sdk *w, const struct vss_line *l)
{
	long status = number(l, "status", -1);

	(void)t;
	(void)w;
	if (word(l, 0))
		fprintf(stderr, "%s\n", word(l, 0));
	if (status >= 0)
		_exit((int)status);
	raise(SIGKILL);
	return 0;
}

/* The SDK has taken descriptor 1 away and made it non-blocking; this one goes past it. */
static int
act_raw(const struct test_provider *t, struct vss_sdk *w, const struct vss_line *l)
{
	const char *text = word(l, 0);
	size_t n = strlen(text);

	(void)w;
	while (n > 0) {
		ssize_t done = write(t->raw, text, n);
		if (done < 0 && errno != EAGAIN && errno != EINTR)
			_exit(1);
		if (done < 0) {
			poll(&(struct pollfd){ .fd = t->raw, .events = POLLOUT }, 1, -1);
			continue;
		}
		text += done;
		n -= (size_t)done;
	}
	return 0;
}

static int
act_answer(const struct test_provider *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	vss_sdk_answer(w, word(l, 0), word(l, 1));
	return 0;
}

static int
act_copy(const struct test_provider *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	vss_sdk_copy(w, word(l, 0), word(l, 1));
	return 0;
}

static int
act_touch(const struct test_provider *t, struct vss_sdk *w, const struct vss_line *l)
{
	int fd = open(word(l, 0), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)t;
	if (fd < 0 || close(fd) != 0)
		return vss_sdk_fail(w, "VSS_E_PROVIDER_VETO", 0, "%s: touch: %s", word(l, 0), strerror(errno));
	return 0;
}

static int
act_await(const struct test_provider *t, struct vss_sdk *w, const struct vss_line *l)
{
	int64_t end = vss_now_mono() + AWAIT_MS * VSS_MS;

	(void)t;
	while (access(word(l, 0), F_OK) != 0) {
		if (vss_now_mono() >= end)
			return vss_sdk_fail(w, "VSS_E_PROVIDER_VETO", 0, "%s: did not appear", word(l, 0));
		poll(NULL, 0, AWAIT_TURN_MS);
	}
	return 0;
}

static const struct {
	const char *name;
	size_t min, max; /* words behind it */
	act *run;
} actions[] = {
	{ "fail", 1, 2, act_fail },
	{ "stall", 0, 0, act_stall },
	{ "die", 0, 1, act_die },
	{ "raw", 1, 1, act_raw },
	{ "answer", 2, 2, act_answer },
	{ "copy", 1, 2, act_copy },
	{ "touch", 1, 1, act_touch },
	{ "await", 1, 1, act_await },
};
enum { ACTIONS = sizeof actions / sizeof *actions };

static size_t
find(const char *name)
{
	size_t i = 0;

	while (i < ACTIONS && strcmp(actions[i].name, name) != 0)
		i++;
	return i;
}

bool
action_is_known(const char *name, size_t words)
{
	size_t i = find(name);

	return i < ACTIONS && words >= actions[i].min && words <= actions[i].max;
}

int
actions_run(const struct test_provider *t, struct vss_sdk *w, bool after)
{
	const char *event = vss_sdk_event(w);
	int r = 0;

	for (size_t i = 0; i < t->script.nrules; i++) {
		const struct script_rule *rule = &t->script.rules[i];

		if (rule->after != after || strcmp(rule->event, event) != 0)
			continue;
		if (rule->unless && access(rule->unless, F_OK) == 0)
			continue;
		if (actions[find(rule->action)].run(t, w, &rule->line) != 0)
			r = -1;
	}
	return r;
}
