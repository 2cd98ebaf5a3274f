/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer.h"

#include "engine.h"

#include "base/mem.h"
#include "tree/aside.h"

#include <stdio.h>
#include <string.h>

#define STOP_MS 120000 /* the engine itself gives the processes 10 s, and then kills them */

static const char nonretryable[] = "VSS_E_WRITERERROR_NONRETRYABLE";

static int
stop(struct containers_writer *s, struct container *c, struct vss_err *err)
{
	if (engine_look(c, err) != 0)
		return -1;
	if (c->state == STOPPED)
		return 0;
	if (!s->config.stop_containers)
		return vss_fail(
			err, VSS_BUSY, 0, "runs: stop it first, or say stop-containers yes in %s", s->config_path);
	if (engine_do_one(c->engine->command, "stop", c->id, STOP_MS, err) != 0 || engine_look(c, err) != 0)
		return -1;
	if (c->state != STOPPED)
		return vss_fail(err, VSS_BUSY, 0, "was told to stop, and runs");
	vss_strv_add(&s->stopped, c->id);
	return 0;
}

/* A log that is no longer of these files must not be applied to them. */
static int
set_aside(const struct container *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->nmounts; i++) {
		VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
		if (strcmp(c->mounts[i].spec, "*") != 0)
			continue;
		if (vss_tree_set_aside(c->mounts[i].dir, &where, err) != 0)
			return -1;
		if (where.len)
			fprintf(stderr, "%s: what was in %s is in %s now\n", c->name, c->mounts[i].dir, where.data);
	}
	return 0;
}

/* All of them stand still before the first file is moved. */
int
containers_pre_restore(struct vss_sdk *w, void *self)
{
	struct containers_writer *s = self;

	for (int moving = 0; moving < 2; moving++)
		for (size_t i = 0; i < vss_sdk_lines(w); i++) {
			struct vss_err err = VSS_ERR_INIT;
			struct container *c = containers_named(s, w, i);
			if (c && (moving ? set_aside(c, &err) : stop(s, c, &err)) != 0)
				return vss_sdk_fail(w, nonretryable, 0, "container %s: %s", c->name, err.text);
		}
	return 0;
}

static bool
came_back(struct containers_writer *s, const struct container *c, const struct vss_sdk *w)
{
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *status = vss_sdk_line_get(w, i, "status");
		if (containers_named(s, w, i) == c)
			return vss_str_eq(status, "all");
	}
	return false;
}

/* One whose files came back in part is left for somebody to look at. */
int
containers_post_restore(struct vss_sdk *w, void *self)
{
	struct containers_writer *s = self;
	int r = 0;

	for (size_t i = 0; i < s->containers.n; i++) {
		const struct container *c = &s->containers.v[i];
		struct vss_err err = VSS_ERR_INIT;
		if (!vss_strv_has(&s->stopped, c->id))
			continue;
		if (!came_back(s, c, w))
			vss_fail(&err, VSS_PARTIAL, 0,
				"was stopped, and is not started: not all of its files came back");
		else if (engine_do_one(c->engine->command, "start", c->id, STOP_MS, &err) == 0)
			continue;
		r = vss_sdk_fail(w, nonretryable, 0, "container %s: %s", c->name, err.text);
	}
	vss_strv_free(&s->stopped);
	return r;
}
