/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
let_go(struct redis_writer *s)
{
	for (size_t i = 0; i < s->ntaken; i++)
		quiet_free(s->taken[i]);
	free(s->taken);
	s->taken = NULL;
	s->ntaken = s->ctaken = 0;
}

static void
forget_found(struct redis_writer *s)
{
	for (size_t i = 0; i < s->nfound; i++)
		instance_clear(&s->found[i]);
	free(s->found);
	s->found = NULL;
	s->nfound = 0;
}

void
redis_writer_clear(struct redis_writer *s)
{
	let_go(s);
	forget_found(s);
	vss_strv_free(&s->stopped);
	config_clear(&s->config);
}

/*
 * A writer that was killed may have left a server with settings of ours; the next session of any kind
 * puts them back, and what it cannot do now stays for the one after it.
 */
static int
on_hello(struct vss_sdk *w, void *self)
{
	struct redis_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;

	(void)w;
	config_clear(&s->config);
	if (config_read(s->config_path, &s->config, &err) != 0)
		return 0; /* identify will say so */
	for (size_t i = 0; i < s->config.ninstances; i++) {
		const struct config_instance *c = &s->config.instances[i];

		if (!settings_are_left(c->name))
			continue;
		struct server *server = server_open(&s->config, c, &err);
		if (!server || settings_mend(c->name, server, &err) != 0)
			fprintf(stderr, "%s; settings of a backup that died are still in it\n", err.text);
		server_close(server);
	}
	return 0;
}

static void
say_files(struct vss_sdk *w, const char *name, const char *dir, const char *prefix)
{
	VSS_AUTOFREE char *spec = vss_strf("%s*", prefix);
	struct vss_sdk_files f = { .kind = "file", .logical_path = "", .name = name, .dir = dir, .spec = spec };

	vss_sdk_files(w, &f);
}

/* All that a server of any version may keep: which of them are there changes, what a writer owns must not. */
static void
say_instance(struct vss_sdk *w, const struct instance *i)
{
	const struct layout *l = &i->layout;
	VSS_AUTOFREE char *log = vss_path_join(l->dir, l->aof_dir);
	VSS_AUTOFREE char *caption = vss_strf("Redis in %s", l->dir);

	vss_sdk_component(w, "filegroup", "", i->config->name, caption);
	say_files(w, i->config->name, log, l->aof);
	say_files(w, i->config->name, l->dir, l->aof);
	say_files(w, i->config->name, l->dir, l->rdb);
	if (l->nodes)
		say_files(w, i->config->name, l->dir, l->nodes);
	vss_sdk_exclude(w, l->dir, "temp-*.rdb", 0);
	vss_sdk_exclude(w, l->dir, "temp-rewriteaof-*.aof", 0);
	vss_sdk_exclude(w, log, "temp-*", 0);
}

/* While a backup is under way the answer stays as it was. */
static int
look(struct redis_writer *s, struct vss_err *err)
{
	if (s->ntaken > 0)
		return 0;
	forget_found(s);
	config_clear(&s->config);
	if (config_read(s->config_path, &s->config, err) != 0)
		return -1;
	s->found = vss_alloc(s->config.ninstances * sizeof *s->found);
	for (size_t i = 0; i < s->config.ninstances; i++) {
		s->nfound = i + 1;
		if (instance_look(&s->config, &s->config.instances[i], &s->found[i], err) != 0)
			return -1;
	}
	return 0;
}

static const char *
code_for(const struct vss_err *err)
{
	return err->code == VSS_TIMEOUT || err->code == VSS_BUSY ? REDIS_RETRYABLE : REDIS_NONRETRYABLE;
}

static int
on_identify(struct vss_sdk *w, void *self)
{
	struct redis_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;

	if (look(s, &err) != 0)
		return vss_sdk_fail(w, code_for(&err), 0, "%s", err.text);
	if (s->nfound == 0) {
		vss_sdk_absent(w, "no configuration of a server in /etc/redis, and no instance in %s", s->config_path);
		return 0;
	}
	vss_sdk_writer(w, REDIS_WRITER_ID, REDIS_WRITER_NAME, "USER_DATA", "TRANSACTION_DB");
	vss_sdk_restore_method(w, "RESTORE_IF_CAN_REPLACE", "always", NULL);
	vss_sdk_say(w, "backup-schema");
	vss_sdk_word(w, "copy");
	vss_sdk_said(w);
	for (size_t i = 0; i < s->nfound; i++)
		say_instance(w, &s->found[i]);
	return 0;
}

const char *
redis_component(const struct vss_sdk *w, size_t line)
{
	const char *word = vss_sdk_line_word(w, line, 0);

	return word && strcmp(word, "component") == 0 ? vss_sdk_line_word(w, line, 3) : NULL;
}

void
redis_component_failed(struct vss_sdk *w, const char *instance, const char *text)
{
	vss_sdk_say(w, "component-failure");
	vss_sdk_word(w, "");
	vss_sdk_word(w, instance);
	vss_sdk_word(w, REDIS_NONRETRYABLE);
	vss_sdk_word(w, text);
	vss_sdk_said(w);
}

/* What identify saw may be over by now. */
static void
take(struct redis_writer *s, struct vss_sdk *w, size_t number)
{
	const struct config_instance *c = &s->config.instances[number];
	struct vss_err err = VSS_ERR_INIT;
	struct instance now;
	struct quiet *q = instance_look(&s->config, c, &now, &err) == 0 ? quiet_new(&s->config, &now, &err) : NULL;

	instance_clear(&now);
	if (q) {
		VSS_PUSH(s->taken, s->ntaken, s->ctaken) = q;
		return;
	}
	redis_component_failed(w, c->name, err.text);
	vss_sdk_veto(w, "VSS_E_WRITERERROR_PARTIAL_FAILURE", 0, "%s", err.text);
}

static bool
is_chosen(const struct vss_sdk *w, const char *name)
{
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *mode = vss_sdk_line_get(w, i, "component-mode"), *chosen = redis_component(w, i);

		if ((mode && strcmp(mode, "no") == 0) || (chosen && strcmp(chosen, name) == 0))
			return true;
	}
	return false;
}

static int
on_prepare_backup(struct vss_sdk *w, void *self)
{
	struct redis_writer *s = self;

	let_go(s);
	for (size_t i = 0; i < s->nfound; i++)
		if (is_chosen(w, s->found[i].config->name))
			take(s, w, i);
	return 0;
}

/* One that could not be prepared takes no part any more: what was changed in it is put back at once. */
static int
on_prepare_snapshot(struct vss_sdk *w, void *self)
{
	struct redis_writer *s = self;
	struct patience p = { vss_now_mono() + s->config.wait_s * VSS_S, w };
	size_t kept = 0;

	for (size_t i = 0; i < s->ntaken; i++) {
		struct vss_err err = VSS_ERR_INIT;

		if (quiet_prepare(s->taken[i], &p, &err) == 0) {
			s->taken[kept++] = s->taken[i];
			continue;
		}
		vss_sdk_veto(w, code_for(&err), 0, "%s", err.text);
		quiet_free(s->taken[i]);
	}
	s->ntaken = kept;
	return 0;
}

/* Half of the window at most is for waiting: the other half belongs to those who make the copies. */
static int64_t
freeze_deadline(const struct redis_writer *s, const struct vss_sdk *w)
{
	long ms = vss_sdk_window_ms(w) / 2;

	return vss_now_mono() + (ms < (long)s->config.freeze_ms ? ms : (long)s->config.freeze_ms) * VSS_MS;
}

/* One answer for all of them: the least. */
static const char *
hold_of(const struct redis_writer *s)
{
	const char *hold = "files";

	for (size_t i = 0; i < s->ntaken; i++) {
		if (s->taken[i]->means == MEANS_LOG)
			return "bracket";
		if (s->taken[i]->means == MEANS_DUMP)
			hold = "export";
	}
	return hold;
}

static int
on_freeze(struct vss_sdk *w, void *self)
{
	struct redis_writer *s = self;
	struct patience p = { freeze_deadline(s, w), w };
	bool all_stopped = s->ntaken > 0;

	for (size_t i = 0; i < s->ntaken; i++) {
		struct quiet *q = s->taken[i];
		struct vss_err err = VSS_ERR_INIT;

		all_stopped = all_stopped && q->means == MEANS_STOPPED;
		if (quiet_freeze(q, &p, &err) != 0) {
			vss_sdk_veto(w, code_for(&err), 0, "%s", err.text);
			continue;
		}
		VSS_AUTOFREE char *evidence = quiet_evidence(q);
		vss_sdk_evidence(w, q->instance.config->name, "%s", evidence);
	}
	if (all_stopped)
		vss_sdk_evidence(w, "stopped", "clean");
	vss_sdk_hold(w, hold_of(s));
	return 0;
}

/* The copies are made by now, or will not be: what rewrites do from here on is nobody's business. */
static int
on_thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	struct redis_writer *s = self;

	(void)reason;
	for (size_t i = 0; i < s->ntaken; i++) {
		struct vss_err err = VSS_ERR_INIT;

		if (quiet_thaw(s->taken[i], &err) != 0)
			vss_sdk_veto(w, REDIS_RETRYABLE, 0, "%s; its settings are put back by the next run", err.text);
	}
	return 0;
}

static void
note_place(struct vss_sdk *w, const struct quiet *q)
{
	VSS_AUTOFREE char *note = layout_note(&q->instance.layout);

	vss_sdk_say(w, "backup-metadata");
	vss_sdk_word(w, "");
	vss_sdk_word(w, q->instance.config->name);
	vss_sdk_word(w, note);
	vss_sdk_said(w);
}

static int
on_post_snapshot(struct vss_sdk *w, void *self)
{
	struct redis_writer *s = self;
	bool whole = s->ntaken > 0;

	for (size_t i = 0; i < s->ntaken; i++) {
		struct quiet *q = s->taken[i];

		note_place(w, q);
		if (q->whole)
			continue;
		whole = false;
		vss_sdk_veto(w, REDIS_RETRYABLE, 0,
			"instance %s: somebody began an AOF rewrite while the copies were made",
			q->instance.config->name);
	}
	if (whole)
		vss_sdk_answer(w, "confirmed", "yes");
	let_go(s);
	return 0;
}

static int
on_end(struct vss_sdk *w, void *self)
{
	(void)w;
	let_go(self);
	return 0;
}

const struct vss_sdk_ops redis_writer_ops = {
	.hello = on_hello,
	.identify = on_identify,
	.prepare_backup = on_prepare_backup,
	.prepare_snapshot = on_prepare_snapshot,
	.freeze = on_freeze,
	.thaw = on_thaw,
	.post_snapshot = on_post_snapshot,
	.abort = on_end,
	.backup_shutdown = on_end,
	.pre_restore = redis_pre_restore,
	.post_restore = redis_post_restore,
};
