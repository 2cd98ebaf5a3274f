/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "config.h"
#include "record.h"

#include "base/mem.h"
#include "base/time.h"
#include "model/logical.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOCK_MS 5000 /* list-writers looks into the record too, and is done at once */

static const char nonretryable[] = "VSS_E_WRITERERROR_NONRETRYABLE";
static const char retryable[] = "VSS_E_WRITERERROR_RETRYABLE";

static int
on_hello(struct vss_sdk *w, void *self)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)self;
	return record_settle(&err) == 0 ? 0 : vss_sdk_fail(w, retryable, 0, "%s", err.text);
}

/* Why not: with the pairs that are on this machine and that nobody has named directories for. */
static void
say_absent(struct vss_sdk *w, const char *config_path)
{
	static const struct {
		const char *name, *path;
	} known[] = { { "qemu-hooks", QEMU_HOOKS }, { "azure", AZURE_FILE }, { "google", GOOGLE_DIR "/pre.sh" } };
	VSS_AUTOBUF struct vss_buf there = VSS_BUF_INIT;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (access(known[i].path, F_OK) == 0)
			vss_buf_fmt(&there, "%s%s", there.len ? ", " : "", known[i].name);
	if (there.len)
		vss_sdk_absent(w, "%s names no directory for scripts that are here: %s", config_path, there.data);
	else
		vss_sdk_absent(w, "%s names no scripts", config_path);
}

static void
say_pair(struct vss_sdk *w, const struct pair *p)
{
	struct vss_sdk_files f = { .kind = "file", .logical_path = "", .name = p->name, .spec = "*", .recursive = 1 };

	vss_sdk_component(w, "filegroup", "", p->name, p->from ? p->from : p->steps[0].freeze.v[0]);
	for (size_t i = 0; i < p->dirs.n; i++) {
		f.dir = p->dirs.v[i];
		vss_sdk_files(w, &f);
	}
}

static int
on_identify(struct vss_sdk *w, void *self)
{
	struct script_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;

	if (!s->under_way) {
		pairs_clear(&s->pairs);
		if (config_read(s->config_path, &s->pairs, &err) < 0)
			return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
	}
	if (s->pairs.n == 0) {
		say_absent(w, s->config_path);
		return 0;
	}
	vss_sdk_writer(w, SCRIPT_WRITER_ID, SCRIPT_WRITER_NAME, "USER_DATA", "OTHER");
	vss_sdk_restore_method(w, "RESTORE_IF_CAN_REPLACE", "never", NULL);
	for (size_t i = 0; i < s->pairs.n; i++)
		say_pair(w, &s->pairs.v[i]);
	return 0;
}

static void
choose(struct script_writer *s, const char *path, const char *name)
{
	for (size_t i = 0; i < s->pairs.n; i++)
		if (vss_logical_same("", path) && strcmp(s->pairs.v[i].name, name) == 0)
			s->pairs.v[i].chosen = true;
}

static int
on_prepare_backup(struct vss_sdk *w, void *self)
{
	struct script_writer *s = self;

	s->under_way = true;
	for (size_t i = 0; i < s->pairs.n; i++)
		s->pairs.v[i].chosen = false;
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *word = vss_sdk_line_word(w, i, 0), *mode = vss_sdk_line_get(w, i, "component-mode");

		if (word && strcmp(word, "component") == 0 && vss_sdk_line_word(w, i, 3))
			choose(s, vss_sdk_line_word(w, i, 2), vss_sdk_line_word(w, i, 3));
		for (size_t j = 0; mode && strcmp(mode, "no") == 0 && j < s->pairs.n; j++)
			s->pairs.v[j].chosen = true;
	}
	return 0;
}

static int
note(void *ctx, struct vss_err *err)
{
	const struct script_writer *s = ctx;

	return record_write(&s->undo, &s->pairs, err);
}

/* All that was begun, in reverse; what cannot be thawed stays in the record for the next start. */
static int
thaw_all(struct script_writer *s, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	int result = 0;

	for (size_t i = s->pairs.n; i-- > 0;)
		if (pair_thaw(&s->pairs.v[i], &why) != 0 && result == 0) {
			*err = why;
			result = vss_wrap(err, "%s", s->pairs.v[i].name);
		}
	if (result != 0 && s->undo.lock >= 0 && record_write(&s->undo, &s->pairs, &why) != 0)
		fprintf(stderr, "%s\n", why.text);
	vss_undo_close(&s->undo, result == 0);
	return result;
}

/* Nobody waits for the thaw of what is no good: it is done at once. */
static int
give_up(struct script_writer *s, struct vss_sdk *w, const struct vss_err *why)
{
	struct vss_err err = VSS_ERR_INIT;
	const char *code = why->code == VSS_TIMEOUT  ? "VSS_E_WRITERERROR_TIMEOUT"
			   : why->code == VSS_SYSTEM ? retryable
						     : nonretryable;

	if (thaw_all(s, &err) != 0)
		return vss_sdk_fail(w, nonretryable, 0, "%s; and then %s", why->text, err.text);
	return vss_sdk_veto(w, code, 0, "%s", why->text);
}

static int
open_record(struct script_writer *s, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf left = VSS_BUF_INIT;
	int got = vss_undo_open(RECORD, LOCK_MS, &s->undo, &left, err);

	if (got < 0)
		return -1;
	if (!got)
		return vss_fail(err, VSS_BUSY, 0, "another process of this writer has something frozen");
	if (!left.len)
		return 0;
	vss_undo_close(&s->undo, false); /* what is in it must not be lost */
	return vss_fail(err, VSS_BUSY, 0, "a writer that was killed has left something frozen: try again");
}

/* 0 frozen, 1 it failed and the administrator accepts that, -1. */
static int
freeze_pair(struct script_writer *s, struct vss_sdk *w, struct pair *p, int64_t deadline, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	int64_t began = vss_now_mono();

	if (pair_freeze(p, deadline, note, s, &why) == 0) {
		vss_sdk_evidence(
			w, p->name, "scripts=%zu ms=%lld", p->nsteps, (long long)((vss_now_mono() - began) / VSS_MS));
		return 0;
	}
	if (!p->goes_on) {
		*err = why;
		return vss_wrap(err, "%s", p->name);
	}
	vss_sdk_evidence(w, p->name, "failed, and the backup goes on: %s", why.text);
	return 1;
}

static int
on_freeze(struct vss_sdk *w, void *self)
{
	static const char *const words[] = { [HOLD_NONE] = "none", [HOLD_LOG] = "log", [HOLD_FILES] = "files" };
	struct script_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;
	enum hold hold = HOLD_FILES;
	bool any = false;
	/* The other half of the window belongs to those who make the copies, and to the thaw. */
	int64_t deadline = vss_now_mono() + vss_sdk_window_ms(w) / 2 * VSS_MS;

	if (open_record(s, &err) != 0)
		return vss_sdk_veto(w, retryable, 0, "%s", err.text);
	for (size_t i = 0; i < s->pairs.n; i++) {
		struct pair *p = &s->pairs.v[i];

		if (!p->chosen)
			continue;
		any = true;
		int r = freeze_pair(s, w, p, deadline, &err);
		if (r < 0)
			return give_up(s, w, &err);
		if (r > 0)
			hold = HOLD_NONE;
		else if (p->hold < hold)
			hold = p->hold;
	}
	vss_sdk_hold(w, words[any ? hold : HOLD_NONE]);
	return 0;
}

static int
on_thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	struct vss_err err = VSS_ERR_INIT;

	if (thaw_all(self, &err) == 0)
		return 0;
	if (reason != VSS_SDK_THAW_EVENT && reason != VSS_SDK_THAW_ABORT)
		fprintf(stderr, "could not be thawed: %s\n", err.text); /* there is nobody to answer */
	return vss_sdk_fail(w, nonretryable, 0, "could not be thawed: %s", err.text);
}

static int
on_end(struct vss_sdk *w, void *self)
{
	struct script_writer *s = self;

	(void)w;
	s->under_way = false;
	return 0;
}

const struct vss_sdk_ops script_writer_ops = {
	.hello = on_hello,
	.identify = on_identify,
	.prepare_backup = on_prepare_backup,
	.freeze = on_freeze,
	.thaw = on_thaw,
	.post_snapshot = on_end,
	.abort = on_end,
	.backup_shutdown = on_end,
};
