/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze.h"

#include "virsh.h"

#include "base/mem.h"
#include "base/time.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRY_MS = 5000, PAUSE_MS = 100 };
#define STATUS "{\"execute\":\"guest-fsfreeze-status\"}"

void
targets_add(struct targets *t, const char *uuid)
{
	VSS_PUSH(t->v, t->n, t->cap) = (struct target){ .uuid = vss_strdup(uuid) };
}

void
targets_clear(struct targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].uuid);
	free(t->v);
	*t = (struct targets){ 0 };
}

static bool
says(const struct call *c, const char *text)
{
	return c->done && c->out.len > 0 && strstr(c->out.data, text);
}

static void
take_freeze(struct target *t, const struct call *c)
{
	t->state = c->late ? TARGET_UNKNOWN : c->done ? TARGET_FROZEN : TARGET_FAILED;
	snprintf(t->reason, sizeof t->reason, "%s", c->reason);
	/* Nothing was frozen: there is no file system that the agent could hold. */
	if (says(c, "Froze 0 ")) {
		t->state = TARGET_FAILED;
		snprintf(t->reason, sizeof t->reason, "no file system was frozen");
	}
}

void
targets_freeze(const struct config *c, struct targets *t, int64_t deadline)
{
	VSS_AUTOFREE struct call *calls = vss_alloc(t->n * sizeof *calls);

	for (size_t i = 0; i < t->n; i++)
		call_init(&calls[i], "domfsfreeze", t->v[i].uuid, NULL);
	virsh_run(c, calls, t->n, deadline);
	for (size_t i = 0; i < t->n; i++) {
		take_freeze(&t->v[i], &calls[i]);
		call_clear(&calls[i]);
	}
}

/*
 * What a thaw and the questions after it came to.  Without an agent's word the success of the thaw has
 * to do.
 */
static void
take_thaw(struct target *t, const struct call *thaw, const struct call *status, const struct call *state)
{
	bool ended = says(state, "shut off") || (!state->done && strstr(state->reason, "failed to get domain"));

	if (says(status, "\"frozen\""))
		snprintf(t->reason, sizeof t->reason, "is frozen still");
	else if (ended || says(status, "\"thawed\"") || thaw->done)
		t->thawed = true;
	else if (!thaw->late ||
		 t->reason[0] == '\0') /* what an earlier try was told says more than that time is over */
		snprintf(t->reason, sizeof t->reason, "%s", thaw->reason);
	/* Refused twice, by somebody who answers: it was not frozen. */
	if (!thaw->late && !status->late && !says(status, "\"frozen\"") && t->state == TARGET_FAILED)
		t->thawed = true;
}

static void
thaw_once(const struct config *c, struct targets *t, int64_t deadline)
{
	enum { STEPS = 3 };
	VSS_AUTOFREE struct call *calls = vss_alloc(STEPS * t->n * sizeof *calls);

	for (size_t i = 0; i < t->n; i++) {
		call_init(&calls[i], "domfsthaw", t->v[i].uuid, NULL);
		call_init(&calls[t->n + i], "qemu-agent-command", t->v[i].uuid, STATUS);
		call_init(&calls[2 * t->n + i], "domstate", t->v[i].uuid, NULL);
	}
	for (size_t step = 0; step < STEPS; step++) {
		int64_t end = vss_now_mono() + TRY_MS * VSS_MS;

		virsh_run(c, calls + step * t->n, t->n, end < deadline ? end : deadline);
	}
	for (size_t i = 0; i < t->n; i++)
		if (!t->v[i].thawed)
			take_thaw(&t->v[i], &calls[i], &calls[t->n + i], &calls[2 * t->n + i]);
	for (size_t i = 0; i < STEPS * t->n; i++)
		call_clear(&calls[i]);
}

static const struct target *
first_held(const struct targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (!t->v[i].thawed)
			return &t->v[i];
	return NULL;
}

int
targets_thaw(const struct config *c, struct targets *t, int64_t deadline, struct vss_err *err)
{
	while (first_held(t)) {
		thaw_once(c, t, deadline);
		if (!first_held(t) || vss_now_mono() >= deadline)
			break;
		(void)poll(NULL, 0, PAUSE_MS);
	}
	const struct target *held = first_held(t);
	if (!held)
		return 0;
	return vss_fail(err, VSS_TIMEOUT, 0, "guest %s: cannot be thawed: %s: look at it, and say virsh domfsthaw %s",
		held->uuid, held->reason, held->uuid);
}

int
targets_frozen_before(const struct config *c, struct targets *t, int64_t deadline, const char **which)
{
	VSS_AUTOFREE struct call *calls = vss_alloc(t->n * sizeof *calls);

	*which = NULL;
	for (size_t i = 0; i < t->n; i++)
		call_init(&calls[i], "qemu-agent-command", t->v[i].uuid, STATUS);
	virsh_run(c, calls, t->n, deadline);
	for (size_t i = 0; i < t->n; i++) {
		if (!*which && says(&calls[i], "\"frozen\""))
			*which = t->v[i].uuid;
		call_clear(&calls[i]);
	}
	return *which != NULL;
}
