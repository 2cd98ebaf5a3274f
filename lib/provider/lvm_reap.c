/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "os/dirs.h"
#include "os/lock.h"
#include "provider/store_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A copy with a tag `making` of a dead owner is half-made, unless the document of its set lies in every group in which the
 * set has such copies: then the run died while it took the tags away.  lvm's own lock is waited for before anything is
 * judged, so a command that a dead run has left behind is at its end by then.
 */

static bool
is_dead(const struct vss_lvm_lv *lv)
{
	struct vss_uuid owner, shadow;

	return vss_lvm_is_copy(lv, &shadow) && vss_lvm_tagged(lv, VSS_LVM_TAG_MAKING, &owner) == 0 &&
	       !vss_owner_is_alive(&owner);
}

static bool
is_of_set(const struct vss_lvm_lv *lv, const struct vss_uuid *set)
{
	struct vss_uuid own;
	return vss_lvm_tagged(lv, VSS_LVM_TAG_SET, &own) == 0 && vss_uuid_eq(&own, set);
}

static bool
group_has_document(const struct vss_lvm_report *r, const char *group, const struct vss_uuid *set)
{
	VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	int64_t stamp;

	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0;
			strcmp(r->v[i].vg_uuid, group) == 0 && is_of_set(&r->v[i], set) && k < r->v[i].tags.n; k++)
			vss_strv_add(&tags, r->v[i].tags.v[k]);
	return vss_lvm_tags_read(&tags, &doc, &stamp, &ignored) == 0;
}

static bool
is_finished(const struct vss_lvm_report *r, const struct vss_uuid *set)
{
	for (size_t i = 0; i < r->n; i++)
		if (is_dead(&r->v[i]) && is_of_set(&r->v[i], set) && !group_has_document(r, r->v[i].vg_uuid, set))
			return false;
	return true;
}

/* The tag of its making; NULL. */
static const char *
making_tag(const struct vss_lvm_lv *lv)
{
	for (size_t i = 0; i < lv->tags.n; i++)
		if (vss_str_starts(lv->tags.v[i], VSS_LVM_TAG_MAKING))
			return lv->tags.v[i];
	return NULL;
}

static int
finish(const struct vss_lvm_lv *lv, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	vss_strv_add(&words, "lvchange");
	vss_strv_add(&words, "--deltag");
	vss_strv_add(&words, making_tag(lv));
	vss_strv_take(&words, vss_lvm_path(lv->vg, lv->name));
	return vss_lvm_run(&words, false, err);
}

/* lvm that was killed may have left the origin without writes: nothing else ever ends that. */
static void
wake_origin(const struct vss_lvm_lv *lv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_dm_state state;

	if (!lv->origin)
		return;
	VSS_AUTOFREE char *name = vss_dm_name(lv->vg, lv->origin);
	if (vss_dm_state(name, &state, &err) != 1 || !state.suspended)
		return;
	if (vss_dm_suspend(name, false, &err))
		vss_warn("%s/%s: it is suspended: %s", lv->vg, lv->origin, err.text);
	else
		vss_warn("%s/%s: it was left suspended and has been resumed", lv->vg, lv->origin);
}

int
vss_lvm_drop(const struct vss_lvm_lv *lv, bool quietly, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	wake_origin(lv);
	vss_strv_add(&words, "lvremove");
	vss_strv_take(&words, vss_lvm_path(lv->vg, lv->name));
	return vss_lvm_run(&words, quietly, err);
}

/* Nobody will say any more what was mounted of it, nor read its document. */
static int
reap(const struct vss_lvm_lv *lv, const struct vss_uuid *set, struct vss_err *err)
{
	struct vss_uuid shadow = { 0 };
	char name[VSS_UUID_TEXT + 8], key[VSS_UUID_TEXT];

	(void)vss_lvm_is_copy(lv, &shadow);
	vss_uuid_text(&shadow, key);
	VSS_AUTOFREE char *device = vss_strf("%s/shadows/%s", vss_run_dir(), key);
	if (vss_surface_unmount(key, device, err) || vss_lvm_drop(lv, false, err))
		return -1;
	VSS_AUTOCLOSE int fd = vss_lvm_open_place(lv->vg_uuid, err);
	if (fd < 0)
		return -1;
	vss_store_set_name(set, ".xml", name);
	(void)unlinkat(fd, name, 0);
	vss_lvm_forget(lv->vg_uuid, &shadow);
	return 0;
}

static int
judge(const struct vss_lvm_lv *lv, bool finished, unsigned *removed, struct vss_err *err)
{
	struct vss_uuid set = { 0 };

	(void)vss_lvm_tagged(lv, VSS_LVM_TAG_SET, &set);
	if (finished)
		return finish(lv, err);
	if (reap(lv, &set, err))
		return vss_wrap(err, "%s/%s", lv->vg, lv->name);
	++*removed;
	return 0;
}

int
vss_lvm_reap(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err)
{
	struct vss_lvm_report r;
	struct vss_uuid set;

	(void)self;
	if (!vss_lvm_is_here())
		return 0;
	int rc = vss_lvm_look(&r, err);
	/* All verdicts before the first removal: reaping takes away what they rest on. */
	bool *finished = vss_alloc(r.n * sizeof *finished);
	for (size_t i = 0; i < r.n; i++)
		finished[i] = is_dead(&r.v[i]) && vss_lvm_tagged(&r.v[i], VSS_LVM_TAG_SET, &set) == 0 &&
			      is_finished(&r, &set);
	for (size_t i = 0; rc == 0 && i < r.n; i++)
		if (is_dead(&r.v[i]))
			rc = judge(&r.v[i], finished[i], removed, err);
	free(finished);
	vss_lvm_report_free(&r);
	return rc;
}
