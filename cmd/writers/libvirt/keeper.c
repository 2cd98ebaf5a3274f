/* SPDX-License-Identifier: BSD-2-Clause */
#include "keeper.h"

#include "base/mem.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 4096, SAID_MAX = 1 << 20, GRACE_MS = 5000 };

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
spawn(struct child_end *p, const struct vss_strv *argv, int lock, struct vss_err *err)
{
	VSS_AUTOCLOSE int in = -1;
	VSS_AUTOCLOSE int out = -1;
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "pipe");
	in = to[0];
	p->to = to[1];
	if (pipe2(from, O_CLOEXEC) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "pipe");
	p->from = from[0];
	out = from[1];
	fcntl(p->from, F_SETFL, O_NONBLOCK);
	const int kept[] = { lock, -1 };
	/* The configuration may be named by a path that begins here. */
	const struct vss_child_spec spec = { .argv = (const char *const *)argv->v,
		.in = in,
		.out = out,
		.errfd = STDERR_FILENO,
		.keep = kept,
		.cwd = "." };
	return vss_child_spawn(&spec, &p->child, err);
}

/*
 * Read on until the text holds `word` at the beginning of a line: its place; NULL: not until the
 * deadline, or it has ended.
 */
static const char *
wait_for(struct child_end *p, const char *const *words, int64_t deadline)
{
	for (;;) {
		for (size_t i = 0; words[i]; i++) {
			const char *at = p->said.data ? strstr(p->said.data, words[i]) : NULL;

			if (at)
				return at + 1;
		}
		struct pollfd in = { p->from, POLLIN, 0 };
		if (p->said.len > SAID_MAX || poll(&in, 1, vss_time_poll_ms(deadline)) == 0)
			return NULL;
		vss_buf_reserve(&p->said, CHUNK);
		ssize_t n = read(p->from, p->said.data + p->said.len, CHUNK - 1);
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			return NULL;
		p->said.len += n > 0 ? (size_t)n : 0;
		p->said.data[p->said.len] = '\0';
	}
}

static void
take_line(struct targets *t, const char *line, size_t n)
{
	static const struct {
		const char *word;
		enum target_state state;
	} states[] = { { "frozen ", TARGET_FROZEN }, { "failed ", TARGET_FAILED }, { "unknown ", TARGET_UNKNOWN } };

	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		size_t word = strlen(states[i].word);

		if (n < word || strncmp(line, states[i].word, word) != 0)
			continue;
		for (size_t k = 0; k < t->n; k++) {
			size_t uuid = strlen(t->v[k].uuid);

			if (n <= word + uuid || strncmp(line + word, t->v[k].uuid, uuid) != 0)
				continue;
			t->v[k].state = states[i].state;
			snprintf(t->v[k].reason, sizeof t->v[k].reason, "%.*s", (int)(n - word - uuid - 1),
				line + word + uuid + 1);
		}
	}
}

/* What the process has not spoken of may have been tried. */
static void
take_report(struct child_end *p, struct targets *t)
{
	for (size_t i = 0; i < t->n; i++) {
		t->v[i].state = TARGET_UNKNOWN;
		snprintf(t->v[i].reason, sizeof t->v[i].reason, "no answer in time");
	}
	for (const char *line = p->said.data; line && *line; line += strspn(line, "\n")) {
		size_t n = strcspn(line, "\n");

		take_line(t, line, n);
		line += n;
	}
}

int
keeper_freeze(struct keeper *k, const struct keeper_plan *plan, struct targets *t, struct vss_err *err)
{
	static const char *const done[] = { "\ndone\n", NULL };
	VSS_AUTOSTRV struct vss_strv argv = VSS_STRV_INIT;

	if (record_write(plan->config, t, &k->record, err) != 0)
		return -1;
	vss_strv_add(&argv, "/proc/self/exe");
	vss_strv_add(&argv, "--config");
	vss_strv_add(&argv, plan->config_path);
	vss_strv_add(&argv, "--keep");
	vss_strv_add(&argv, "--record");
	vss_strv_add(&argv, k->record.path);
	vss_strv_add(&argv, "--freeze-ms");
	vss_strv_take(&argv, vss_strf("%ld", plan->freeze_ms));
	vss_strv_add(&argv, "--window-ms");
	vss_strv_take(&argv, vss_strf("%ld", plan->window_ms));
	for (size_t i = 0; i < t->n; i++)
		vss_strv_add(&argv, t->v[i].uuid);
	vss_buf_reset(&k->process.said);
	vss_buf_ch(&k->process.said, '\n');
	if (spawn(&k->process, &argv, k->record.fd, err) != 0) {
		close_fd(&k->process.to);
		close_fd(&k->process.from);
		record_remove(&k->record);
		return -1;
	}
	(void)wait_for(&k->process, done, vss_now_mono() + (plan->freeze_ms + GRACE_MS) * VSS_MS);
	take_report(&k->process, t);
	return 0;
}

enum heard { HEARD_THAWED, HEARD_LATE, HEARD_HELD, HEARD_NOTHING };

static enum heard
hear_thaw(struct child_end *p, const struct config *c, struct vss_err *err)
{
	static const char *const words[] = { "\nthawed\n", "\nlate\n", "\nheld ", NULL };

	close_fd(&p->to);
	const char *at = wait_for(p, words, vss_now_mono() + (c->thaw_ms + GRACE_MS) * VSS_MS);
	if (!at)
		return HEARD_NOTHING;
	if (*at == 'h') {
		const char *text = at + strlen("held ");

		vss_fail(err, VSS_TIMEOUT, 0, "%.*s", (int)strcspn(text, "\n"), text);
		return HEARD_HELD;
	}
	return *at == 't' ? HEARD_THAWED : HEARD_LATE;
}

static void
end_process(struct child_end *p, int grace_ms)
{
	vss_child_end(&p->child, grace_ms);
	p->child = (struct vss_child)VSS_CHILD_NONE;
	close_fd(&p->from);
	vss_buf_free(&p->said);
}

int
keeper_thaw(struct keeper *k, const struct config *c, struct targets *t, struct vss_err *err)
{
	if (k->record.fd < 0)
		return 0;
	enum heard heard = hear_thaw(&k->process, c, err);
	end_process(&k->process, heard == HEARD_NOTHING ? 0 : 1000);
	if (heard == HEARD_HELD ||
		(heard == HEARD_NOTHING && targets_thaw(c, t, vss_now_mono() + c->thaw_ms * VSS_MS, err) != 0)) {
		record_leave(&k->record);
		return -1;
	}
	record_remove(&k->record);
	if (heard == HEARD_THAWED)
		return 0;
	return vss_fail(err, VSS_TIMEOUT, 0, "%s",
		heard == HEARD_LATE ? "the guests were thawed before their time"
				    : "the process that kept the guests frozen died");
}
