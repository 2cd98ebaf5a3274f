/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer.h"

#include "engine.h"
#include "quiet.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "model/logical.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define LOCK_MS 5000 /* list-writers looks into the record too, and is done at once */

static const char nonretryable[] = "VSS_E_WRITERERROR_NONRETRYABLE";
static const char retryable[] = "VSS_E_WRITERERROR_RETRYABLE";

void
containers_writer_clear(struct containers_writer *s)
{
	containers_clear(&s->containers);
	config_clear(&s->config);
	vss_strv_free(&s->stopped);
}

static int
on_hello(struct vss_sdk *w, void *self)
{
	struct containers_writer *s = self;
	struct config c;
	struct vss_err err = VSS_ERR_INIT;
	/* Where the configuration is wrong, identify says so. */
	int r = config_read(s->config_path, &c, &err) == 0 ? quiet_settle(&c, &err) : 0;

	config_clear(&c);
	return r == 0 ? 0 : vss_sdk_fail(w, retryable, 0, "%s", err.text);
}

/* --- identify --- */

static int
search(struct containers_writer *s, struct vss_err *err)
{
	containers_clear(&s->containers);
	config_clear(&s->config);
	if (config_read(s->config_path, &s->config, err) != 0)
		return -1;
	for (size_t i = 0; i < ENGINES; i++) {
		const struct engine *e = &s->config.engines[i];
		if (e->command && engine_list(e, &s->containers, err) != 0)
			return vss_wrap(err, "%s", e->name);
	}
	return 0;
}

static void
say_absent(struct vss_sdk *w, const struct config *c)
{
	if (!c->engines[0].command && !c->engines[1].command)
		vss_sdk_absent(w, "neither podman nor docker has been used here");
	else
		vss_sdk_absent(w, "no container has a label vss.freeze or vss.mode");
}

/* What an earlier restore has set aside is not backed up for ever. */
static void
exclude_set_aside(struct vss_sdk *w, const char *dir)
{
	DIR *d = opendir(dir);

	for (const struct dirent *e; d && (e = readdir(d));)
		if (vss_str_starts(e->d_name, "before-restore.")) {
			VSS_AUTOFREE char *path = vss_path_join(dir, e->d_name);
			vss_sdk_exclude(w, path, "*", 1);
		}
	if (d)
		closedir(d);
}

static void
say_container(struct vss_sdk *w, const struct container *c)
{
	vss_sdk_component(w, "filegroup", c->engine->name, c->name, c->id);
	for (size_t i = 0; i < c->nmounts; i++) {
		bool whole = strcmp(c->mounts[i].spec, "*") == 0;
		const struct vss_sdk_files f = { .kind = "file",
			.logical_path = c->engine->name,
			.name = c->name,
			.dir = c->mounts[i].dir,
			.spec = c->mounts[i].spec,
			.recursive = whole };
		vss_sdk_files(w, &f);
		if (whole)
			exclude_set_aside(w, c->mounts[i].dir);
	}
}

static int
on_identify(struct vss_sdk *w, void *self)
{
	struct containers_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;

	if (!s->under_way && search(s, &err) != 0)
		return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
	if (s->containers.n == 0) {
		say_absent(w, &s->config);
		return 0;
	}
	vss_sdk_writer(w, CONTAINERS_WRITER_ID, CONTAINERS_WRITER_NAME, "USER_DATA", "OTHER");
	vss_sdk_restore_method(w, "RESTORE_IF_CAN_REPLACE", "always", NULL);
	for (size_t i = 0; i < s->containers.n; i++)
		say_container(w, &s->containers.v[i]);
	return 0;
}

/* --- backup --- */

struct container *
containers_named(struct containers_writer *s, const struct vss_sdk *w, size_t line)
{
	const char *word = vss_sdk_line_word(w, line, 0), *name = vss_sdk_line_word(w, line, 3);

	for (size_t i = 0; name && strcmp(word, "component") == 0 && i < s->containers.n; i++) {
		struct container *c = &s->containers.v[i];
		if (vss_logical_same(c->engine->name, vss_sdk_line_word(w, line, 2)) && strcmp(c->name, name) == 0)
			return c;
	}
	return NULL;
}

static int
on_prepare_backup(struct vss_sdk *w, void *self)
{
	struct containers_writer *s = self;

	s->under_way = true;
	for (size_t i = 0; i < s->containers.n; i++)
		s->containers.v[i].chosen = false;
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *mode = vss_sdk_line_get(w, i, "component-mode");
		struct container *c = containers_named(s, w, i);
		if (c)
			c->chosen = true;
		for (size_t j = 0; mode && strcmp(mode, "no") == 0 && j < s->containers.n; j++)
			s->containers.v[j].chosen = true;
	}
	return 0;
}

/* What was asked at identify may be long ago. */
static int
on_prepare_snapshot(struct vss_sdk *w, void *self)
{
	struct containers_writer *s = self;

	for (size_t i = 0; i < s->containers.n; i++) {
		struct container *c = &s->containers.v[i];
		struct vss_err err = VSS_ERR_INIT;
		if (c->chosen && engine_look(c, &err) != 0)
			return vss_sdk_veto(w, retryable, 0, "%s: %s", c->name, err.text);
	}
	return 0;
}

static int
open_record(struct containers_writer *s, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf left = VSS_BUF_INIT;
	int got = vss_undo_open(RECORD, LOCK_MS, &s->undo, &left, err);

	if (got < 0)
		return -1;
	if (!got)
		return vss_fail(err, VSS_BUSY, 0, "another process of this writer has something quiet");
	if (!left.len)
		return 0;
	vss_undo_close(&s->undo, false); /* what is in it must not be lost */
	return vss_fail(err, VSS_BUSY, 0, "a writer that was killed has left something quiet: try again");
}

/* In reverse; what cannot be undone stays in the record for the next start. */
static int
undo_all(struct containers_writer *s, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	int result = quiet_undo(&s->containers, err);

	if (result != 0 && s->undo.lock >= 0 && quiet_note(&s->containers, &s->undo, &why) != 0)
		fprintf(stderr, "%s\n", why.text);
	vss_undo_close(&s->undo, result == 0);
	return result;
}

static int
give_up(struct containers_writer *s, struct vss_sdk *w, const struct vss_err *why)
{
	struct vss_err err = VSS_ERR_INIT;

	if (undo_all(s, &err) != 0)
		return vss_sdk_fail(w, nonretryable, 0, "%s; and then %s", why->text, err.text);
	return vss_sdk_veto(w, why->code == VSS_TIMEOUT ? "VSS_E_WRITERERROR_TIMEOUT" : retryable, 0, "%s", why->text);
}

/* What is true of one container now, and the evidence for it. */
static enum hold
hold_of(const struct container *c, struct vss_sdk *w)
{
	if (c->state == STOPPED && c->status == 0) {
		vss_sdk_evidence(w, c->name, "stopped=clean");
		return HOLD_FILES;
	}
	if (c->state == STOPPED)
		vss_sdk_evidence(w, c->name, "stopped=%ld", c->status);
	else if (c->state == PAUSED)
		vss_sdk_evidence(w, c->name, "paused=before");
	else
		vss_sdk_evidence(
			w, c->name, "exec=%s paused=%s", c->begun_exec ? "yes" : "no", c->begun_pause ? "yes" : "no");
	/* Nothing was run in these: its log is the most that they have. */
	return c->state != RUNNING && c->hold > HOLD_LOG ? HOLD_LOG : c->hold;
}

static int
on_freeze(struct vss_sdk *w, void *self)
{
	static const char *const words[] = { [HOLD_NONE] = "none", [HOLD_LOG] = "log", [HOLD_FILES] = "files" };
	struct containers_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;
	enum hold hold = HOLD_FILES;
	bool any = false;
	/* The other half of the window belongs to those who make the copies, and to the thaw. */
	int64_t deadline = vss_now_mono() + vss_sdk_window_ms(w) / 2 * VSS_MS;

	if (open_record(s, &err) != 0)
		return vss_sdk_veto(w, retryable, 0, "%s", err.text);
	if (quiet_begin(&s->containers, &s->undo, deadline, &err) != 0)
		return give_up(s, w, &err);
	for (size_t i = 0; i < s->containers.n; i++) {
		enum hold its = s->containers.v[i].chosen ? hold_of(&s->containers.v[i], w) : HOLD_FILES;
		any = any || s->containers.v[i].chosen;
		if (its < hold)
			hold = its;
	}
	vss_sdk_hold(w, words[any ? hold : HOLD_NONE]);
	return 0;
}

static int
on_thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	struct vss_err err = VSS_ERR_INIT;

	if (undo_all(self, &err) == 0)
		return 0;
	if (reason != VSS_SDK_THAW_EVENT && reason != VSS_SDK_THAW_ABORT)
		fprintf(stderr, "could not be thawed: %s\n", err.text); /* there is nobody to answer */
	return vss_sdk_fail(w, nonretryable, 0, "could not be thawed: %s", err.text);
}

static int
on_end(struct vss_sdk *w, void *self)
{
	struct containers_writer *s = self;

	(void)w;
	s->under_way = false;
	return 0;
}

const struct vss_sdk_ops containers_writer_ops = {
	.hello = on_hello,
	.identify = on_identify,
	.prepare_backup = on_prepare_backup,
	.prepare_snapshot = on_prepare_snapshot,
	.freeze = on_freeze,
	.thaw = on_thaw,
	.post_snapshot = on_end,
	.abort = on_end,
	.backup_shutdown = on_end,
	.pre_restore = containers_pre_restore,
	.post_restore = containers_post_restore,
};
