/* SPDX-License-Identifier: BSD-2-Clause */
#include "quiet.h"

#include "engine.h"

#include "base/mem.h"
#include "base/time.h"

#include <string.h>

#define PAUSE_MS 15000

/* --- begin --- */

static int
run_commands(struct containers *cs, const struct vss_undo *u, int64_t deadline, struct vss_err *err)
{
	for (size_t i = 0; i < cs->n; i++) {
		struct container *c = &cs->v[i];
		int64_t own = vss_now_mono() + c->timeout_ms * VSS_MS;

		if (!c->chosen || c->state != RUNNING || !c->freeze.n)
			continue;
		c->begun_exec = true;
		if (quiet_note(cs, u, err) != 0)
			return -1;
		if (engine_exec(c->engine->command, c->id, &c->freeze,
			    vss_time_poll_ms(own < deadline ? own : deadline), err) != 0)
			return vss_wrap(err, "container %s", c->name);
	}
	return 0;
}

static void
add_begun(const struct containers *cs, const struct engine *e, struct vss_strv *ids)
{
	for (size_t i = 0; i < cs->n; i++)
		if (cs->v[i].engine == e && cs->v[i].begun_pause)
			vss_strv_add(ids, cs->v[i].id);
}

/* The containers of an engine stand together. */
static bool
is_first_of_engine(const struct containers *cs, size_t i)
{
	return i == 0 || cs->v[i].engine != cs->v[i - 1].engine;
}

/* One command for all of an engine: the first is not to wait for the last any longer than it must. */
static int
pause_all(struct containers *cs, const struct vss_undo *u, int64_t deadline, struct vss_err *err)
{
	bool any = false;

	for (size_t i = 0; i < cs->n; i++) {
		struct container *c = &cs->v[i];
		c->begun_pause = c->chosen && c->state == RUNNING && c->pause;
		any = any || c->begun_pause;
	}
	if (any && quiet_note(cs, u, err) != 0)
		return -1;
	for (size_t i = 0; i < cs->n; i++) {
		VSS_AUTOSTRV struct vss_strv ids = VSS_STRV_INIT;
		const struct engine *e = cs->v[i].engine;
		if (!is_first_of_engine(cs, i))
			continue;
		add_begun(cs, e, &ids);
		if (ids.n && engine_do(e->command, "pause", &ids, vss_time_poll_ms(deadline), err) != 0)
			return vss_wrap(err, "%s", e->name);
	}
	return 0;
}

int
quiet_begin(struct containers *cs, const struct vss_undo *u, int64_t deadline, struct vss_err *err)
{
	return run_commands(cs, u, deadline, err) == 0 ? pause_all(cs, u, deadline, err) : -1;
}

/* --- undo --- */

/* One by one where all at once did not do: some may never have been paused, or be gone. */
static int
unpause(const char *command, const char *id, struct vss_err *err)
{
	enum state now;
	struct vss_err why = VSS_ERR_INIT;

	if (engine_state(command, id, &now, &why) != 0) {
		if (why.code == VSS_ABSENT)
			return 0;
		*err = why;
		return -1;
	}
	return now == PAUSED ? engine_do_one(command, "unpause", id, PAUSE_MS, err) : 0;
}

/* A container that has stopped meanwhile has nothing frozen within. */
static int
run_thaw(const char *command, const char *id, const struct vss_strv *argv, int timeout_ms, struct vss_err *err)
{
	enum state now;
	struct vss_err why = VSS_ERR_INIT, ignored = VSS_ERR_INIT;

	if (engine_exec(command, id, argv, timeout_ms, &why) == 0)
		return 0;
	if (engine_state(command, id, &now, &ignored) != 0 ? ignored.code == VSS_ABSENT : now == STOPPED)
		return 0;
	*err = why;
	return -1;
}

static void
unpause_engine(struct containers *cs, const struct engine *e)
{
	VSS_AUTOSTRV struct vss_strv ids = VSS_STRV_INIT;
	struct vss_err ignored = VSS_ERR_INIT;

	add_begun(cs, e, &ids);
	if (!ids.n || engine_do(e->command, "unpause", &ids, PAUSE_MS, &ignored) != 0)
		return;
	for (size_t i = 0; i < cs->n; i++)
		if (cs->v[i].engine == e)
			cs->v[i].begun_pause = false;
}

/* 0, or -1 with why the first thing could not be undone, unless *result is -1 already. */
static void
record_failure(const struct container *c, const struct vss_err *why, int *result, struct vss_err *err)
{
	if (*result == 0) {
		*err = *why;
		*result = vss_wrap(err, "container %s", c->name);
	}
}

int
quiet_undo(struct containers *cs, struct vss_err *err)
{
	int result = 0;

	for (size_t i = 0; i < cs->n; i++)
		if (is_first_of_engine(cs, i))
			unpause_engine(cs, cs->v[i].engine);
	for (size_t i = cs->n; i-- > 0;) {
		struct container *c = &cs->v[i];
		struct vss_err why = VSS_ERR_INIT;
		if (c->begun_pause && unpause(c->engine->command, c->id, &why) != 0) {
			record_failure(c, &why, &result, err);
			continue;
		}
		c->begun_pause = false;
		if (c->begun_exec && run_thaw(c->engine->command, c->id, &c->thaw, (int)c->timeout_ms, &why) != 0) {
			record_failure(c, &why, &result, err);
			continue;
		}
		c->begun_exec = false;
	}
	return result;
}
