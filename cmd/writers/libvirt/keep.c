/* SPDX-License-Identifier: BSD-2-Clause */
#include "keeper.h"

#include "base/time.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void
say(const struct targets *t)
{
	static const char *const words[] = { "untried", "frozen", "failed", "unknown" };

	for (size_t i = 0; i < t->n; i++)
		printf("%s %s %s\n", words[t->v[i].state], t->v[i].uuid, t->v[i].reason);
	printf("done\n");
	fflush(stdout);
}

/* The writer may be gone when there is something to say to it. */
int
keep(const struct config *c, const char *record, const struct vss_strv *uuids, long freeze_ms, long window_ms)
{
	int64_t start = vss_now_mono(), end = start + window_ms * VSS_MS;
	struct pollfd in = { STDIN_FILENO, POLLIN, 0 };
	struct vss_err err = VSS_ERR_INIT;
	struct targets t = { 0 };

	/* Who ends the writer ends our input; who ends everything at once must not end the thaw. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	for (size_t i = 0; i < uuids->n; i++)
		targets_add(&t, uuids->v[i]);
	targets_freeze(c, &t, start + freeze_ms * VSS_MS);
	say(&t);
	int asked = poll(&in, 1, vss_time_poll_ms(end));
	int r = targets_thaw(c, &t, vss_now_mono() + c->thaw_ms * VSS_MS, &err);
	if (r == 0 && record)
		(void)unlink(record);
	if (r != 0)
		printf("held %s\n", err.text);
	else
		printf(asked > 0 ? "thawed\n" : "late\n");
	fflush(stdout);
	targets_clear(&t);
	return r == 0 && asked > 0 ? 0 : 1;
}
