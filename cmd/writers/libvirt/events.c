/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/durable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char nonretryable[] = "VSS_E_WRITERERROR_NONRETRYABLE";
static const char retryable[] = "VSS_E_WRITERERROR_RETRYABLE";
enum { ASK_MS = 5000 };

/* Whatever the agents say, it was tried; what is frozen still stands in the record. */
static void
end_operation(struct libvirt_writer *o)
{
	struct vss_err ignored = VSS_ERR_INIT;

	(void)keeper_thaw(&o->keeper, &o->config, &o->targets, &ignored);
	targets_clear(&o->targets);
	vss_buf_reset(&o->stamp);
	free(o->taken);
	o->taken = NULL;
	o->ntaken = o->ctaken = 0;
}

void
libvirt_writer_clear(struct libvirt_writer *o)
{
	end_operation(o);
	vss_buf_free(&o->stamp);
	guests_clear(&o->guests);
	config_clear(&o->config);
}

/* Guests that a killed run has left frozen wait for the next one that starts. */
static int
on_hello(struct vss_sdk *w, void *self)
{
	struct libvirt_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;

	(void)w;
	if (config_read(o->config_path, &o->config, &err) == 0)
		records_repair(&o->config);
	return 0;
}

static void
fail_guest(struct vss_sdk *w, const struct guest *g, const char *text)
{
	VSS_AUTOFREE char *whole = vss_strf("guest %s: %s", g->name, text);

	vss_sdk_say(w, "component-failure");
	vss_sdk_word(w, "");
	vss_sdk_word(w, libvirt_component(g));
	vss_sdk_word(w, nonretryable);
	vss_sdk_word(w, whole);
	vss_sdk_said(w);
	vss_sdk_veto(w, "VSS_E_WRITERERROR_PARTIAL_FAILURE", 0, "%s", whole);
}

static void
take(struct libvirt_writer *o, struct vss_sdk *w, const struct guest *g)
{
	if (g->other && !config_skips_others(&o->config, g->name)) {
		VSS_AUTOFREE char *text = vss_strf("%s: back it up otherwise, and say other-disks=skip", g->other);

		fail_guest(w, g, text);
		return;
	}
	VSS_PUSH(o->taken, o->ntaken, o->ctaken) = g;
	vss_sdk_say(w, "backup-metadata");
	vss_sdk_word(w, "");
	vss_sdk_word(w, libvirt_component(g));
	vss_sdk_word(w, g->uuid);
	vss_sdk_said(w);
}

static int
on_prepare_backup(struct vss_sdk *w, void *self)
{
	struct libvirt_writer *o = self;
	bool all = false;

	end_operation(o);
	for (size_t i = 0; i < vss_sdk_lines(w); i++)
		all = all || vss_str_eq(vss_sdk_line_get(w, i, "component-mode"), "no");
	for (size_t i = 0; all && i < o->guests.n; i++)
		take(o, w, &o->guests.v[i]);
	for (size_t i = 0; !all && i < vss_sdk_lines(w); i++) {
		const struct guest *g = libvirt_named_guest(o, w, i);

		if (g)
			take(o, w, g);
	}
	return 0;
}

/* All volumes in one group of one instant, and none copied file by file. */
static bool
is_one_instant(const struct vss_sdk *w)
{
	const char *group = NULL;

	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *its = vss_sdk_line_get(w, i, "group");

		if (!vss_str_eq(vss_sdk_line_word(w, i, 0), "volume"))
			continue;
		if (!vss_str_eq(vss_sdk_line_get(w, i, "instant"), "one") || (group && !vss_str_eq(group, its)))
			return false;
		group = its;
	}
	return group != NULL;
}

static int
write_definitions(const struct libvirt_writer *o, const struct vss_sdk *w, struct vss_err *err)
{
	for (size_t i = 0; vss_sdk_scratch(w) && i < o->ntaken; i++) {
		VSS_AUTOFREE char *name = vss_strf("%s.xml", libvirt_component(o->taken[i]));
		VSS_AUTOFREE char *path = vss_path_join(vss_sdk_scratch(w), name);

		if (vss_write_file(path, o->taken[i]->xml, strlen(o->taken[i]->xml), 0600, err) != 0)
			return -1;
	}
	return 0;
}

/* The active ones of the guests that take part. */
static int
find_targets(struct libvirt_writer *o, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv active = VSS_STRV_INIT;

	targets_clear(&o->targets);
	if (o->ntaken == 0)
		return 0;
	if (guests_active(&o->config, &active, err) != 0)
		return -1;
	for (size_t i = 0; i < o->ntaken; i++)
		if (vss_strv_has(&active, o->taken[i]->uuid))
			targets_add(&o->targets, o->taken[i]->uuid);
	return 0;
}

/* A guest that somebody else has frozen would be thawed by us, and his copy be worth nothing. */
static int
on_prepare_snapshot(struct vss_sdk *w, void *self)
{
	struct libvirt_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;
	const char *which;

	o->one_instant = is_one_instant(w);
	if (write_definitions(o, w, &err) != 0 || find_targets(o, &err) != 0)
		return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
	if (targets_frozen_before(&o->config, &o->targets, vss_now_mono() + ASK_MS * VSS_MS, &which))
		return vss_sdk_veto(w, retryable, 0, "guest %s: is frozen already, by somebody else", which);
	return 0;
}

static struct target *
target_of(struct libvirt_writer *o, const struct guest *g)
{
	for (size_t i = 0; i < o->targets.n; i++)
		if (strcmp(o->targets.v[i].uuid, g->uuid) == 0)
			return &o->targets.v[i];
	return NULL;
}

/* How the images look that nobody may change until thaw. */
static int
stamp(struct libvirt_writer *o, struct vss_buf *out, struct vss_err *err)
{
	struct stat st;

	for (size_t i = 0; i < o->ntaken; i++)
		for (size_t k = 0; k < o->taken[i]->files.n; k++) {
			const char *path = o->taken[i]->files.v[k];

			if (o->log_hold && target_of(o, o->taken[i]))
				break;
			if (stat(path, &st) != 0)
				return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
			vss_buf_fmt(out, "%s %llu %lld %lld.%09ld\n", path, (unsigned long long)st.st_ino,
				(long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
		}
	return 0;
}

/* What was reached, guest by guest.  1: some is copied as it is; -1: a guest that must not be was vetoed. */
static int
judge(struct libvirt_writer *o, struct vss_sdk *w)
{
	int result = 0;

	for (size_t i = 0; i < o->ntaken; i++) {
		const struct guest *g = o->taken[i];
		const struct target *t = target_of(o, g);
		VSS_AUTOFREE char *reason =
			t && t->state != TARGET_FROZEN ? vss_strdup(t->reason)
			: t && g->loose ? vss_strf("%s has cache=unsafe: what a guest flushes stays in qemu", g->loose)
					: NULL;

		if (!reason) {
			vss_sdk_evidence(w, g->name, t ? "file systems frozen by the agent" : "stopped=clean");
		} else if (config_takes_crash(&o->config, g->name)) {
			vss_sdk_evidence(w, g->name, "not frozen: %s", reason);
			result = result < 0 ? result : 1;
		} else {
			vss_sdk_veto(w, retryable, 0, "guest %s: cannot be frozen: %s", g->name, reason);
			result = -1;
		}
	}
	return result;
}

/* The weakest guest counts: a writer has one answer. */
static void
say_hold(struct libvirt_writer *o, struct vss_sdk *w, bool crash)
{
	if (crash)
		return;
	vss_sdk_hold(w, o->log_hold ? "log" : "files");
	if (o->log_hold)
		vss_sdk_answer(w, "commits", "stopped");
	if (o->targets.n == 0)
		vss_sdk_evidence(w, "stopped", "clean");
}

static int
on_freeze(struct vss_sdk *w, void *self)
{
	struct libvirt_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;
	struct keeper_plan plan = { &o->config, o->config_path, 0, vss_sdk_window_ms(w) };

	plan.freeze_ms =
		plan.window_ms / 2 < (long)o->config.freeze_ms ? plan.window_ms / 2 : (long)o->config.freeze_ms;
	vss_buf_reset(&o->stamp);
	if (find_targets(o, &err) != 0)
		return vss_sdk_veto(w, retryable, 0, "%s", err.text);
	o->log_hold = o->one_instant && o->targets.n > 0;
	if (o->targets.n > 0 && keeper_freeze(&o->keeper, &plan, &o->targets, &err) != 0)
		return vss_sdk_veto(w, nonretryable, 0, "%s", err.text);
	int crash = judge(o, w);
	if (crash < 0)
		return 0;
	if (crash == 0 && stamp(o, &o->stamp, &err) != 0)
		return vss_sdk_veto(w, nonretryable, 0, "%s", err.text);
	say_hold(o, w, crash > 0);
	return 0;
}

static int
check_stamp(struct libvirt_writer *o, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf now = VSS_BUF_INIT;

	if (o->stamp.len == 0)
		return 0;
	if (stamp(o, &now, err) != 0)
		return -1;
	size_t same = 0;
	while (same < now.len && same < o->stamp.len && now.data[same] == o->stamp.data[same])
		same++;
	if (same == now.len && same == o->stamp.len)
		return 0;
	while (same > 0 && now.data[same - 1] != '\n')
		same--;
	const char *path = now.data ? now.data + same : "";
	return vss_fail(err, VSS_BUSY, 0, "%.*s: was written to while it was copied", (int)strcspn(path, " \n"), path);
}

/* The images are looked at before anybody may write again. */
static int
on_thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	struct libvirt_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;
	int held = reason == VSS_SDK_THAW_EVENT ? check_stamp(o, &err) : 0;
	struct vss_err why = VSS_ERR_INIT;

	if (keeper_thaw(&o->keeper, &o->config, &o->targets, &why) != 0)
		return vss_sdk_fail(w, nonretryable, 0, "%s", why.text);
	return held == 0 ? 0 : vss_sdk_fail(w, retryable, 0, "%s", err.text);
}

static int
on_end(struct vss_sdk *w, void *self)
{
	(void)w;
	end_operation(self);
	return 0;
}

/* qemu has the old image open, and would go on writing to it. */
static int
on_pre_restore(struct vss_sdk *w, void *self)
{
	struct libvirt_writer *o = self;
	VSS_AUTOSTRV struct vss_strv active = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (guests_active(&o->config, &active, &err) != 0)
		return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const struct guest *g = libvirt_named_guest(o, w, i);
		const char *noted = vss_sdk_line_get(w, i, "backup-metadata");

		if ((noted && vss_strv_has(&active, noted)) || (g && vss_strv_has(&active, g->uuid)))
			return vss_sdk_fail(w, nonretryable, 0, "guest %s: is running: shut it down first",
				vss_sdk_line_word(w, i, 3));
	}
	return 0;
}

const struct vss_sdk_ops libvirt_writer_ops = {
	.hello = on_hello,
	.identify = libvirt_identify,
	.prepare_backup = on_prepare_backup,
	.prepare_snapshot = on_prepare_snapshot,
	.freeze = on_freeze,
	.thaw = on_thaw,
	.post_snapshot = on_end,
	.abort = on_end,
	.backup_shutdown = on_end,
	.pre_restore = on_pre_restore,
};
