/* SPDX-License-Identifier: BSD-2-Clause */
#include "backup.h"

#include "archive.h"
#include "base.h"
#include "scratch.h"
#include "topology.h"

#include "base/mem.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

enum { LONG_MS = 540000, FREEZE_MS = 5000 };

static const char retryable[] = "VSS_E_WRITERERROR_RETRYABLE", nonretryable[] = "VSS_E_WRITERERROR_NONRETRYABLE";

static int64_t
in_ms(long ms)
{
	return vss_now_mono() + ms * VSS_MS;
}

static int
blame(struct vss_sdk *w, const struct cluster *k, const char *code, const struct vss_err *why)
{
	return vss_sdk_fail(w, code, 0, "cluster %s: %s", k->label, why->text);
}

/* --- prepare-snapshot --- */

/*
 * Its own log brings the copy of one instant back, if it is in that copy before what it speaks of (fsync),
 * and has whole pages for those that were being written (full_page_writes). The server's protocol of a
 * backup needs neither.
 */
static bool
log_suffices(const struct cluster *k)
{
	return k->fsync && k->full_page_writes;
}

static const char *
why_no_base_backup(const struct cluster *k, const struct vss_sdk *w)
{
	if (k->standby)
		return "and of a standby no base backup is made";
	if (!vss_sdk_scratch(w))
		return "and a base backup needs an archive to put the log into";
	return NULL;
}

static const char *
why_base_backup(const struct cluster *k, enum topology t)
{
	if (t == TOPOLOGY_MANY)
		return "its volumes do not become one instant";
	return !k->fsync ? "fsync is off" : "full_page_writes is off";
}

/* What this cluster needs for itself; *base is set when that is a base backup. */
static int
judge(struct cluster *k, struct vss_sdk *w, bool *base)
{
	struct vss_err err = VSS_ERR_INIT;
	enum topology t = topology_of(w, &k->disk, &err);

	if (t == TOPOLOGY_MISSING)
		return blame(w, k, "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT", &err);
	if (k->disk.state != DISK_RUNNING) {
		k->mode = MODE_STOPPED;
		if (k->disk.state == DISK_CRASHED && t == TOPOLOGY_MANY)
			vss_sdk_veto(w, nonretryable, 0,
				"cluster %s: was not shut down in order, and its volumes do not become one instant: "
				"start it first",
				k->label);
		return 0;
	}
	k->mode = MODE_SNAPSHOT;
	if (t == TOPOLOGY_ONE && log_suffices(k))
		return 0;
	const char *why_not = why_no_base_backup(k, w);
	if (why_not)
		vss_sdk_veto(w, nonretryable, 0, "cluster %s: %s, %s", k->label, why_base_backup(k, t), why_not);
	*base = true;
	return 0;
}

static int
begin(struct cluster *k, const char *label, int64_t deadline, struct vss_sdk *w)
{
	struct vss_err err = VSS_ERR_INIT;
	int r = 0;

	if (k->mode == MODE_SNAPSHOT)
		r = base_checkpoint(k, deadline, &err);
	else if (k->mode == MODE_BASE)
		r = base_start(k, label, deadline, &err);
	return r == 0 ? 0 : blame(w, k, err.code == VSS_TIMEOUT ? retryable : nonretryable, &err);
}

/*
 * One writer gives one answer: a base backup is good on any volumes, so one cluster that needs it brings
 * the others along, but not a standby.
 */
static int
settle_modes(struct postgresql_writer *s, struct vss_sdk *w)
{
	for (size_t i = 0; i < s->clusters.n; i++) {
		struct cluster *k = &s->clusters.v[i];
		const char *why_not = why_no_base_backup(k, w);

		if (!k->taken || k->mode != MODE_SNAPSHOT)
			continue;
		if (why_not)
			return vss_sdk_veto(w, nonretryable, 0,
				"cluster %s: others need a base backup, %s: back it up by itself", k->label, why_not);
		k->mode = MODE_BASE;
	}
	return 0;
}

int
backup_prepare(struct postgresql_writer *s, struct vss_sdk *w)
{
	VSS_AUTOFREE char *label = vss_strf("vss %s", s->set ? s->set : "backup");
	int64_t deadline = in_ms(LONG_MS);
	bool base = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->clusters.n; i++)
		if (s->clusters.v[i].taken)
			r = judge(&s->clusters.v[i], w, &base);
	if (r == 0 && base)
		r = settle_modes(s, w);
	for (size_t i = 0; r == 0 && i < s->clusters.n; i++)
		r = begin(&s->clusters.v[i], label, deadline, w);
	return r;
}

/* --- freeze and thaw --- */

/* What must not change while the copies are made. */
static int
look_stopped(struct cluster *k, struct vss_sdk *w)
{
	struct vss_err err = VSS_ERR_INIT;

	if (disk_server(k->disk.data, NULL))
		return vss_sdk_fail(w, retryable, 0, "cluster %s: its server was started meanwhile", k->label);
	vss_buf_reset(&k->control);
	if (disk_control(k->disk.data, &k->control, &err) != 0)
		return blame(w, k, nonretryable, &err);
	vss_sdk_evidence(w, k->label,
		"mode=stopped stopped=%s version=%s system_identifier=%s timeline=%s checkpoint=%s",
		k->disk.state == DISK_CLEAN ? "clean" : "crashed", k->disk.version,
		k->disk.system_identifier ? k->disk.system_identifier : "?", k->disk.timeline ? k->disk.timeline : "?",
		k->disk.checkpoint ? k->disk.checkpoint : "?");
	return 0;
}

static int
look_running(struct cluster *k, struct vss_sdk *w)
{
	struct vss_err err = VSS_ERR_INIT;
	long ms = vss_sdk_window_ms(w) / 2;
	VSS_AUTOFREE char *evidence = base_evidence(k, in_ms(ms < FREEZE_MS ? ms : FREEZE_MS), &err);

	if (!evidence)
		return blame(w, k, retryable, &err);
	vss_sdk_evidence(w, k->label, "%s", evidence);
	return 0;
}

/* Dumps, archived log and configuration are files that nobody writes any more. */
static const char *
hold_of(const struct postgresql_writer *s)
{
	bool any = false, clean = true, base = false;

	for (size_t i = 0; i < s->clusters.n; i++) {
		const struct cluster *k = &s->clusters.v[i];

		if (!k->taken)
			continue;
		any = true;
		base = base || k->mode == MODE_BASE;
		clean = clean && k->mode == MODE_STOPPED && k->disk.state == DISK_CLEAN;
	}
	if (!any)
		return "export";
	return base ? "bracket" : clean ? "files" : "log";
}

int
backup_freeze(struct postgresql_writer *s, struct vss_sdk *w)
{
	const char *hold = hold_of(s);
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->clusters.n; i++) {
		struct cluster *k = &s->clusters.v[i];

		if (k->archive_taken && s->log_only)
			vss_sdk_evidence(w, k->label, "archived_to=%s", k->last_archived ? k->last_archived : "?");
		if (k->taken)
			r = k->mode == MODE_STOPPED ? look_stopped(k, w) : look_running(k, w);
	}
	if (r == 0 && strcmp(hold, "files") == 0)
		vss_sdk_evidence(w, "stopped", "clean");
	vss_sdk_hold(w, hold);
	return r;
}

static bool
is_still_stopped(const struct cluster *k)
{
	VSS_AUTOBUF struct vss_buf now = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;

	if (disk_server(k->disk.data, NULL) || disk_control(k->disk.data, &now, &ignored) != 0)
		return false;
	return now.len == k->control.len && memcmp(now.data, k->control.data, now.len) == 0;
}

int
backup_thaw(struct postgresql_writer *s, struct vss_sdk *w)
{
	for (size_t i = 0; i < s->clusters.n; i++) {
		struct cluster *k = &s->clusters.v[i];

		if (k->taken && k->mode == MODE_STOPPED && k->control.len > 0 && !is_still_stopped(k))
			return vss_sdk_fail(w, retryable, 0, "cluster %s: its server was started meanwhile", k->label);
	}
	return 0;
}

/* --- post-snapshot --- */

static int
finish_base(struct cluster *k, int64_t deadline, struct vss_sdk *w, struct vss_err *err)
{
	VSS_AUTOFREE char *key = vss_strf("%s log", k->label);
	VSS_AUTOFREE char *evidence = NULL;

	if (base_stop(k, vss_sdk_scratch(w), deadline, &evidence, err) != 0)
		return -1;
	vss_sdk_evidence(w, key, "%s", evidence);
	return 0;
}

static int
finish_cluster(struct cluster *k, int64_t deadline, struct vss_sdk *w)
{
	const char *scratch = vss_sdk_scratch(w);
	struct vss_err err = VSS_ERR_INIT;
	int r = 0;

	if (k->taken && k->mode == MODE_BASE)
		r = finish_base(k, deadline, w, &err);
	if (r == 0 && k->configuration_taken && scratch)
		r = scratch_configuration(k, scratch, &err);
	if (r == 0 && k->archive_taken)
		r = archive_note(k, w, &err);
	return r == 0 ? 0 : blame(w, k, nonretryable, &err);
}

int
backup_finish(struct postgresql_writer *s, struct vss_sdk *w)
{
	int64_t deadline = in_ms(LONG_MS);
	int r = 0;

	for (size_t i = 0; i < s->clusters.n; i++) {
		struct cluster *k = &s->clusters.v[i];

		if (r == 0)
			r = finish_cluster(k, deadline, w);
		PQfinish(k->conn);
		k->conn = NULL;
	}
	if (r == 0)
		vss_sdk_answer(w, "confirmed", "yes");
	return r;
}
