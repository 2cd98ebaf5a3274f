/* SPDX-License-Identifier: BSD-2-Clause */
#include "actions.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "model/ranges.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COPY_BYTES = 64 << 20, AWAIT_MS = 10000, AWAIT_TURN_MS = 5 };

typedef int act(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l);

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
act_fail(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	return vss_sdk_fail(w, word(l, 0), number(l, "app", 0), "%s", word(l, 1) ? word(l, 1) : "told to fail");
}

static int
act_veto(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	return vss_sdk_veto(w, word(l, 0), number(l, "app", 0), "%s", word(l, 1) ? word(l, 1) : "told to veto");
}

static int
act_stall(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	long ms = number(l, "ms", -1);

	(void)t;
	(void)w;
	if (vss_line_flag(l, "stubborn", false))
		signal(SIGTERM, SIG_IGN);
	int64_t end = ms < 0 ? INT64_MAX : vss_now_mono() + ms * VSS_MS;
	while (vss_now_mono() < end)
		poll(NULL, 0, vss_time_poll_ms(end));
	return 0;
}

static int
act_die(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	long status = number(l, "status", -1);

	(void)t;
	(void)w;
	if (status >= 0)
		_exit((int)status);
	raise((int)number(l, "signal", SIGKILL));
	return 0;
}

/* The SDK has taken descriptor 1 away and made it non-blocking; this one goes past it. */
static void
put_raw(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, text, n);
		if (done < 0 && errno != EAGAIN && errno != EINTR)
			_exit(1);
		if (done < 0) {
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		text += done;
		n -= (size_t)done;
	}
}

static int
act_raw(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	(void)w;
	for (long n = number(l, "times", 1); n > 0; n--)
		vss_buf_str(&text, word(l, 0));
	put_raw(t->raw, text.data ? text.data : "", text.len);
	return 0;
}

static int
act_say(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	vss_sdk_say(w, word(l, 0));
	for (size_t i = 1; word(l, i); i++)
		vss_sdk_word(w, word(l, i));
	for (size_t i = 0; i < l->npairs; i++)
		if (strcmp(l->pairs[i].key, "first") != 0)
			vss_sdk_pair(w, l->pairs[i].key, l->pairs[i].value);
	vss_sdk_said(w);
	return 0;
}

static int
act_print(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	(void)w;
	fputs(word(l, 0), stdout);
	fflush(stdout);
	return 0;
}

static int
failed(struct vss_sdk *w, const char *what, const char *path)
{
	return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", errno, "%s: %s: %s", path, what, strerror(errno));
}

static int
act_touch(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	int fd = open(word(l, 0), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)t;
	if (fd < 0 || close(fd) != 0)
		return failed(w, "touch", word(l, 0));
	return 0;
}

static int
act_remove(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	if (unlink(word(l, 0)) != 0 && errno != ENOENT)
		return failed(w, "remove", word(l, 0));
	return 0;
}

/* Until whoever else takes part has answered with a file. */
static int
act_await(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	int64_t end = vss_now_mono() + number(l, "ms", AWAIT_MS) * VSS_MS;

	(void)t;
	while (access(word(l, 0), F_OK) != 0) {
		if (vss_now_mono() >= end)
			return vss_sdk_fail(w, "VSS_E_WRITERERROR_TIMEOUT", 0, "%s: did not appear", word(l, 0));
		poll(NULL, 0, AWAIT_TURN_MS);
	}
	return 0;
}

static int
act_copy(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	VSS_AUTOBUF struct vss_buf content = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	(void)t;
	if (vss_read_file(word(l, 0), COPY_BYTES, &content, &err) != 0 ||
		vss_write_file(word(l, 1), content.data, content.len, 0600, &err) != 0)
		return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", err.sys, "%s", err.text);
	return 0;
}

static int
act_write(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)t;
	if (vss_write_file(word(l, 0), word(l, 1), strlen(word(l, 1)), 0600, &err) != 0)
		return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", err.sys, "%s", err.text);
	return 0;
}

/* The file that `ranges=File=` of a partial file names. */
static int
act_ranges(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	VSS_AUTOBUF struct vss_buf content = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_ranges r = { 0 };
	unsigned char number[8];

	(void)t;
	int rc = vss_ranges_parse(word(l, 1), &r, &err);
	vss_put64(number, r.n);
	vss_buf_add(&content, number, sizeof number);
	for (size_t i = 0; i < r.n; i++) {
		vss_put64(number, r.v[i].at);
		vss_buf_add(&content, number, sizeof number);
		vss_put64(number, r.v[i].len);
		vss_buf_add(&content, number, sizeof number);
	}
	vss_ranges_clear(&r);
	if (rc != 0 || vss_write_file(word(l, 0), content.data, content.len, 0600, &err) != 0)
		return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", err.sys, "%s", err.text);
	return 0;
}

/* Where the copy of `path` is, by the argument lines of post-snapshot; the caller frees it, NULL: in none. */
static char *
copied_path(const struct vss_sdk *w, const char *path)
{
	const char *best = NULL, *copy = NULL;

	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *mount = vss_sdk_line_word(w, i, 1);

		if (!vss_str_eq(vss_sdk_line_word(w, i, 0), "volume") || !vss_path_is_below(path, mount))
			continue;
		if (best && strlen(best) >= strlen(mount))
			continue;
		best = mount;
		copy = vss_sdk_line_word(w, i, 2);
	}
	return copy ? vss_path_join(copy, vss_path_below(path, best)) : NULL;
}

static int
act_remove_copied(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	VSS_AUTOFREE char *path = copied_path(w, word(l, 0));

	(void)t;
	if (!path)
		return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "%s: on no volume of the set", word(l, 0));
	if (unlink(path) != 0 && errno != ENOENT)
		return failed(w, "remove", path);
	return 0;
}

static int
act_shorten(struct test_writer *t, struct vss_sdk *w, const struct vss_line *l)
{
	(void)t;
	vss_sdk_shorten_window(w, number(l, "ms", 0));
	return 0;
}

static const struct {
	const char *name;
	size_t min, max; /* words behind it */
	act *run;
} actions[] = {
	{ "fail", 1, 2, act_fail },
	{ "veto", 1, 2, act_veto },
	{ "stall", 0, 0, act_stall },
	{ "die", 0, 0, act_die },
	{ "raw", 1, 1, act_raw },
	{ "say", 1, 16, act_say },
	{ "print", 1, 1, act_print },
	{ "touch", 1, 1, act_touch },
	{ "remove", 1, 1, act_remove },
	{ "await", 1, 1, act_await },
	{ "copy", 2, 2, act_copy },
	{ "write", 2, 2, act_write },
	{ "write-ranges", 2, 2, act_ranges },
	{ "remove-copied", 1, 1, act_remove_copied },
	{ "shorten-window", 0, 0, act_shorten },
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
actions_run(struct test_writer *t, struct vss_sdk *w)
{
	const char *event = vss_sdk_event(w);
	int r = 0;

	for (size_t i = 0; i < t->script.nrules; i++) {
		const struct script_rule *rule = &t->script.rules[i];

		if (strcmp(rule->event, event) == 0 && script_turn(&t->script, rule) &&
			actions[find(rule->action)].run(t, w, &rule->line) != 0)
			r = -1;
	}
	return r;
}
