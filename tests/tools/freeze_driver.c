/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * freeze_driver BUDGET_MS WORD...: a coordinator that does nothing but hold.  A WORD is a mount point, cgroup=PATH, group=PID or
 * lock=FILE.  Prints `ready`, `still` once the cgroups stand still, `held`, then waits for a line on stdin or for the hold to end, and
 * prints `released` and for each file system how many milliseconds it was held, or `failed: CODE: text`; status 0 or 1.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "freeze/freeze.h"
#include "os/lock.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wish {
	struct vss_volume_list volumes;
	struct vss_strv cgroups;
	pid_t group;
	struct vss_freeze_options options;
};

static void
say(void *ctx, enum vss_log_level level, const char *text)
{
	(void)ctx;
	if (level <= VSS_LOG_WARN)
		fprintf(stderr, "%s\n", text);
}

static int
read_word(struct wish *w, const char *word, struct vss_err *err)
{
	if (vss_str_starts(word, "cgroup=")) {
		vss_strv_add(&w->cgroups, strchr(word, '=') + 1);
		return 0;
	}
	if (vss_str_starts(word, "group=")) {
		w->group = (pid_t)strtol(strchr(word, '=') + 1, NULL, 10);
		return 0;
	}
	if (vss_str_starts(word, "lock="))
		return w->options.lockfd = vss_lock(strchr(word, '=') + 1, 0, err);
	struct vss_volume *v = vss_volume_of(word, err);
	if (v)
		VSS_PUSH(w->volumes.v, w->volumes.n, w->volumes.cap) = v;
	return v ? 0 : -1;
}

static int
read_words(struct wish *w, char **words, struct vss_err *err)
{
	uint64_t budget;
	if (vss_parse_u64(words[0], &budget) < 0)
		return vss_fail(err, VSS_USAGE, 0, "usage: freeze_driver BUDGET_MS WORD...");
	w->options = (struct vss_freeze_options){ .budget_ms = (int)budget, .lockfd = -1 };
	for (char **word = words + 1; *word; word++)
		if (read_word(w, *word, err) < 0)
			return -1;
	w->options.volumes = (const struct vss_volume *const *)w->volumes.v;
	w->options.nvolumes = w->volumes.n;
	w->options.cgroups = (const char *const *)w->cgroups.v;
	w->options.ncgroups = w->cgroups.n;
	return 0;
}

static void
tell(const char *text)
{
	puts(text);
	fflush(stdout);
}

static int
command(struct vss_freeze *f, enum vss_freeze_command c, struct vss_err *err)
{
	struct pollfd e = { .fd = vss_freeze_fd(f), .events = POLLIN };
	int r = vss_freeze_ask(f, c, err);
	while (r == 0 && (r = vss_freeze_answer(f, err)) == 0)
		poll(&e, 1, -1);
	return r < 0 ? -1 : 0;
}

/* Until somebody says so, or it has ended by itself. */
static int
wait_for_word(struct vss_freeze *f, struct vss_err *err)
{
	struct pollfd e[] = { { .fd = 0, .events = POLLIN }, { .fd = vss_freeze_fd(f), .events = POLLIN } };
	while (!(e[0].revents & (POLLIN | POLLHUP))) {
		if (vss_freeze_answer(f, err) < 0)
			return -1;
		poll(e, 2, -1);
	}
	return 0;
}

static int
run(struct vss_freeze *f, const struct wish *w, struct vss_err *err)
{
	if (w->group > 0 && vss_freeze_add_group(f, w->group, err) < 0)
		return -1;
	tell("ready");
	if (w->cgroups.n > 0) {
		if (command(f, VSS_FREEZE_PROCESSES, err) < 0)
			return -1;
		tell("still");
	}
	if (command(f, VSS_FREEZE_HOLD, err) < 0)
		return -1;
	tell("held");
	if (wait_for_word(f, err) < 0 || command(f, VSS_FREEZE_RELEASE, err) < 0)
		return -1;
	tell("released");
	return 0;
}

static void
tell_times(const struct vss_freeze *f, const struct wish *w)
{
	for (size_t i = 0; i < w->volumes.n; i++)
		printf("%s %lld\n", w->volumes.v[i]->mount,
			(long long)(vss_freeze_thawed_ns(f, i) - vss_freeze_held_ns(f, i)) / 1000000);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct wish w = { .group = 0 };
	vss_log_set_sink(say, NULL);
	struct vss_freeze *f =
		argc > 1 && read_words(&w, argv + 1, &err) == 0 ? vss_freeze_start(&w.options, &err) : NULL;
	int r = f ? run(f, &w, &err) : -1;
	if (f)
		tell_times(f, &w);
	vss_freeze_end(f);
	if (r < 0) {
		const char *name = vss_code_name(err.code);
		printf("failed: %s: %s\n", name ? name : "-", err.text);
	}
	vss_volume_list_free(&w.volumes);
	vss_strv_free(&w.cgroups);
	return r < 0;
}
