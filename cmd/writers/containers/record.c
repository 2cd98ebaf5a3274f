/* SPDX-License-Identifier: BSD-2-Clause */
#include "quiet.h"

#include "base/mem.h"
#include "base/num.h"
#include "wire/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_MS 4000 /* for each command: the coordinator waits 10 s for the answer to hello */

/* `container ENGINE ID NAME paused|running [THAW-WORD...]` */
static void
add_container(struct vss_buf *out, const struct container *c)
{
	vss_line_begin(out, "container");
	vss_line_add(out, c->engine->name);
	vss_line_add(out, c->id);
	vss_line_add(out, c->name);
	vss_line_add(out, c->begun_pause ? "paused" : "running");
	for (size_t i = 0; c->begun_exec && i < c->thaw.n; i++)
		vss_line_add(out, c->thaw.v[i]);
	vss_line_end(out);
}

int
quiet_note(const struct containers *cs, const struct vss_undo *u, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	for (size_t i = 0; i < cs->n; i++)
		if (cs->v[i].begun_exec || cs->v[i].begun_pause)
			add_container(&text, &cs->v[i]);
	return vss_undo_write(u, &text, err);
}

static const struct engine *
engine_named(const struct config *c, const char *name)
{
	for (size_t i = 0; i < ENGINES; i++)
		if (c->engines[i].command && strcmp(c->engines[i].name, name) == 0)
			return &c->engines[i];
	return NULL;
}

static int
take_words(struct containers *cs, const struct config *config, const struct vss_line *l, struct vss_err *err)
{
	const struct engine *e = l->nwords >= 5 ? engine_named(config, l->words[1]) : NULL;

	if (!e)
		return vss_fail(err, VSS_INVALID, 0, "its record names an engine that is not here");
	struct container *c = &VSS_PUSH(cs->v, cs->n, cs->cap);
	*c = (struct container){ .engine = e, .timeout_ms = SETTLE_MS };
	c->id = vss_strdup(l->words[2]);
	c->name = vss_strdup(l->words[3]);
	c->begun_pause = strcmp(l->words[4], "paused") == 0;
	c->begun_exec = l->nwords > 5;
	for (size_t i = 5; i < l->nwords; i++)
		vss_strv_add(&c->thaw, l->words[i]);
	return 0;
}

static int
take_record(struct containers *cs, const struct config *config, char *text, struct vss_err *err)
{
	int result = 0;

	for (char *line; result == 0 && (line = strsep(&text, "\n"));) {
		struct vss_line l = VSS_LINE_INIT;
		if (*line)
			result =
				vss_line_parse(line, strlen(line), &l, err) == 0 ? take_words(cs, config, &l, err) : -1;
		vss_line_clear(&l);
	}
	return result;
}

static int
undo_left(struct containers *cs, const struct config *config, const struct vss_undo *u, char *left, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	if (take_record(cs, config, left, err) != 0)
		return -1;
	if (quiet_undo(cs, err) == 0)
		return 0;
	if (quiet_note(cs, u, &why) != 0) /* the old one stands, which asks for too much at worst */
		fprintf(stderr, "%s\n", why.text);
	return -1;
}

int
quiet_settle(const struct config *config, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf left = VSS_BUF_INIT;
	struct vss_undo u = VSS_UNDO_NONE;
	struct vss_err why = VSS_ERR_INIT;
	struct containers cs = { NULL, 0, 0 };
	int got = vss_undo_open(RECORD, 0, &u, &left, &why);

	if (got < 0)
		fprintf(stderr, "cannot look whether something was left paused: %s\n", why.text);
	if (got <= 0)
		return 0;
	int result = left.len ? undo_left(&cs, config, &u, left.data, err) : 0;
	vss_undo_close(&u, result == 0);
	containers_clear(&cs);
	return result < 0 ? vss_wrap(err, "left quiet by a run that was killed") : 0;
}
