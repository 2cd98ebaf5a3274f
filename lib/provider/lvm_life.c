/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE 10000 /* hundredths of a percent */

static int
not_there(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "the logical volume of the copy of %s is not there", s->volume);
}

/* --- Is it there, and whole? --- */

static int
lost(const struct vss_lvm_lv *lv, struct vss_err *err)
{
	return vss_fail(err, VSS_CORRUPT, 0,
		"%s/%s: the copy is lost: more was changed on the volume than its storage could keep; delete it, and "
		"make "
		"the next one larger (--storage-size)",
		lv->vg, lv->name);
}

/* The kernel's word for a copy that it has given up. */
static bool
is_given_up(const char *status)
{
	return vss_str_starts(status, "Invalid") || vss_str_starts(status, "Overflow") ||
	       vss_str_starts(status, "Merge failed") || vss_str_starts(status, "Fail");
}

/* 1 as lvm said, 0 its device is gone, -1. */
static int
ask_kernel(const struct vss_lvm_lv *lv, struct vss_err *err)
{
	VSS_AUTOFREE char *name = vss_dm_name(lv->vg, lv->name);
	struct vss_dm_state state;
	int there = vss_dm_state(name, &state, err);

	return there == 1 && is_given_up(state.status) ? lost(lv, err) : there;
}

static int
check_whole(const struct vss_shadow *s, struct vss_lvm_lv *lv, struct vss_err *err)
{
	if (lv->is_invalid)
		return lost(lv, err);
	if (!lv->is_active)
		return 1;
	int there = ask_kernel(lv, err);
	if (there != 0)
		return there;
	/* Deactivated or removed since lvm was asked. */
	vss_lvm_lv_free(lv);
	there = vss_lvm_find(s, true, lv, err);
	return there == 1 && lv->is_invalid ? lost(lv, err) : there;
}

int
vss_lvm_exists(const struct vss_shadow *s, struct vss_err *err)
{
	struct vss_lvm_lv lv;
	int there = vss_lvm_find(s, false, &lv, err);

	if (there == 1)
		there = check_whole(s, &lv, err);
	vss_lvm_lv_free(&lv);
	return there;
}

/* --- Away with it --- */

int
vss_lvm_remove(const struct vss_shadow *s, struct vss_err *err)
{
	const struct vss_lvm_lv *lv;
	struct vss_lvm_report r;

	vss_stop_point("provider.lvm.remove");
	int there = vss_lvm_look_for(s, &r, &lv, err);
	if (there == 1 && (vss_lvm_pass_on(&r, lv, err) || vss_lvm_drop(lv, false, err)))
		there = -1;
	vss_lvm_report_free(&r);
	if (there < 0)
		return -1;
	vss_lvm_forget(s->place, &s->id);
	return 0;
}

/* --- What it takes --- */

static uint64_t
in_use(const struct vss_lvm_lv *lv)
{
	return lv->data < 0 ? 0 : (uint64_t)((double)lv->size * lv->data / WHOLE);
}

static bool
is_in_pool(const struct vss_lvm_lv *lv, const struct vss_lvm_lv *pool)
{
	return lv->thin && vss_str_eq(lv->pool, pool->name) && strcmp(lv->vg_uuid, pool->vg_uuid) == 0;
}

/*
 * A volume of somebody's that is not active, as his own snapshots are: lvm does not say what it holds.  That must not pass for
 * what copies take, or a limit would let them go for it.
 */
static const struct vss_lvm_lv *
find_unknown(const struct vss_lvm_report *r, const struct vss_lvm_lv *pool)
{
	struct vss_uuid shadow;

	for (size_t i = 0; i < r->n; i++)
		if (is_in_pool(&r->v[i], pool) && r->v[i].data < 0 && !vss_lvm_is_copy(&r->v[i], &shadow))
			return &r->v[i];
	return NULL;
}

/*
 * Thin volumes share their blocks, and lvm does not say which are whose.  What the pool holds beyond all that is no copy of
 * ours is kept by the copies alone; each volume's copies have a part in it by their number.
 */
static uint64_t
thin_use(const struct vss_lvm_report *r, const struct vss_lvm_lv *pool, size_t n)
{
	uint64_t held = in_use(pool), others = 0;
	struct vss_uuid shadow;
	size_t copies = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct vss_lvm_lv *lv = &r->v[i];
		if (!is_in_pool(lv, pool))
			continue;
		if (vss_lvm_is_copy(lv, &shadow))
			copies++;
		else
			others += in_use(lv);
	}
	uint64_t theirs = held > others ? held - others : 0;
	return copies > n ? theirs / copies * n : theirs;
}

static void
add_thick(const struct vss_lvm_lv *lv, struct vss_provider_use *out)
{
	out->used += in_use(lv);
	out->allocated += lv->size;
	out->capacity += lv->size;
	out->size = lv->vg_size;
}

static int
set_thin(const struct vss_lvm_report *r, const struct vss_lvm_lv *lv, size_t n, struct vss_provider_use *out,
	struct vss_err *err)
{
	const struct vss_lvm_lv *pool = lv->pool ? vss_lvm_by_name(r, lv->vg_uuid, lv->pool) : NULL;

	*out = (struct vss_provider_use){ .capacity = UINT64_MAX, .estimated = true };
	if (!pool)
		return 0;
	const struct vss_lvm_lv *other = find_unknown(r, pool);
	if (other)
		return vss_fail(err, VSS_UNSUPPORTED, 0,
			"%s/%s is not active, so that nobody knows what it holds of the pool and what the copies do",
			other->vg, other->name);
	out->size = pool->size;
	out->used = out->allocated = thin_use(r, pool, n);
	return 0;
}

/* All copies of one volume are of one kind. */
static int
sum_up(const struct vss_lvm_report *r, const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out,
	struct vss_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct vss_lvm_lv *lv = vss_lvm_copy(r, copies[i]->place, &copies[i]->id);
		if (lv && lv->thin)
			return set_thin(r, lv, n, out, err);
		if (lv)
			add_thick(lv, out);
	}
	return 0;
}

int
vss_lvm_use(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err)
{
	const struct vss_lvm_lv *first;
	struct vss_lvm_report r;

	*out = (struct vss_provider_use){ 0 };
	if (n == 0)
		return 0;
	int there = vss_lvm_look_for(copies[0], &r, &first, err);
	int rc = there < 0 ? -1 : sum_up(&r, copies, n, out, err);
	vss_lvm_report_free(&r);
	return rc;
}

/* --- Into the volume --- */

static int
refuse_open(const struct vss_lvm_lv *origin, const char *mount, struct vss_err *err)
{
	if (mount)
		return vss_fail(err, VSS_E_VOLUME_IN_USE, 0,
			"%s: it is mounted, and LVM merges into a volume that nobody has open: unmount it first, or "
			"have "
			"it done at the next start (--at-boot)",
			mount);
	return vss_fail(err, VSS_E_VOLUME_IN_USE, 0,
		"%s/%s: it is open, and LVM merges into a volume that nobody has open: close it first, or have it done "
		"at the next start (--at-boot)",
		origin->vg, origin->name);
}

static int
check_revert(const struct vss_lvm_lv *lv, const struct vss_lvm_lv *origin, const struct vss_provider_revert *how,
	struct vss_err *err)
{
	if (lv->is_invalid)
		return lost(lv, err);
	if (!origin)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: its volume is not there any more", lv->name);
	if (origin->is_merging)
		return vss_fail(err, VSS_E_REVERT_IN_PROGRESS, 0, "%s/%s: a snapshot is being merged into it",
			origin->vg, origin->name);
	if (origin->is_open && !how->at_boot)
		return refuse_open(origin, how->mount, err);
	return 0;
}

static int
merge(const struct vss_lvm_report *r, const struct vss_lvm_lv *lv, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	vss_strv_add(&words, "lvconvert");
	vss_strv_add(&words, "--merge");
	vss_strv_take(&words, vss_lvm_path(lv->vg, lv->name));
	if (vss_lvm_pass_on(r, lv, err))
		return -1;
	vss_stop_point("provider.lvm.merge");
	return vss_lvm_run(&words, false, err);
}

/* With lvm's word of afterwards: it is deferred when somebody has opened the volume meanwhile. */
static int
look_after(const char *origin, struct vss_provider_revert *how, struct vss_err *err)
{
	struct vss_lvm_report r;
	int rc = vss_lvm_look(&r, err);
	const struct vss_lvm_lv *lv = rc ? NULL : vss_lvm_by_uuid(&r, origin);

	how->pending = lv && lv->is_merging;
	how->copy_gone = rc == 0;
	vss_lvm_report_free(&r);
	return rc;
}

static int
merge_copy(const struct vss_lvm_report *r, const struct vss_lvm_lv *lv, struct vss_provider_revert *how,
	struct vss_err *err)
{
	const struct vss_lvm_lv *origin = lv->origin_uuid ? vss_lvm_by_uuid(r, lv->origin_uuid) : NULL;

	if (check_revert(lv, origin, how, err) || merge(r, lv, err))
		return -1;
	return look_after(origin->uuid, how, err);
}

int
vss_lvm_revert(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err)
{
	const struct vss_lvm_lv *lv;
	struct vss_lvm_report r;

	if (vss_lvm_unsurface(s, s->device, err))
		return -1;
	int there = vss_lvm_look_for(s, &r, &lv, err);
	int rc = there == 1 ? merge_copy(&r, lv, how, err) : there < 0 ? -1 : not_there(s, err);
	vss_lvm_report_free(&r);
	if (rc == 0)
		vss_lvm_forget(s->place, &s->id);
	return rc;
}

/* --- Out of the storage --- */

/* "NAME", "VG/NAME" or "/dev/VG/NAME", of the group that the copy is in; NULL. */
static const char *
name_within(const char *name, const char *vg)
{
	VSS_AUTOFREE char *dev = vss_strf("/dev/%s/", vg), *group = vss_strf("%s/", vg);

	if (vss_str_starts(name, dev))
		name += strlen(dev);
	else if (vss_str_starts(name, group))
		name += strlen(group);
	return *name && !strchr(name, '/') ? name : NULL;
}

/* Without tags of ours it is nobody's copy; active from now on like any other volume. */
static int
let_go(const struct vss_lvm_lv *lv, bool writable, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	vss_strv_add(&words, "lvchange");
	vss_strv_add(&words, "--setactivationskip");
	vss_strv_add(&words, "n");
	if (writable == lv->is_read_only) {
		vss_strv_add(&words, "--permission");
		vss_strv_add(&words, writable ? "rw" : "r");
	}
	for (size_t i = 0; i < lv->tags.n; i++) {
		if (!vss_str_starts(lv->tags.v[i], "vss."))
			continue;
		vss_strv_add(&words, "--deltag");
		vss_strv_add(&words, lv->tags.v[i]);
	}
	vss_strv_take(&words, vss_lvm_path(lv->vg, lv->name));
	return vss_lvm_run(&words, false, err);
}

static int
rename_lv(const struct vss_lvm_lv *lv, const char *name, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT, activate = VSS_STRV_INIT;

	vss_strv_add(&words, "lvrename");
	vss_strv_take(&words, vss_lvm_path(lv->vg, lv->name));
	vss_strv_take(&words, vss_lvm_path(lv->vg, name));
	vss_strv_add(&activate, "lvchange");
	vss_strv_add(&activate, "--activate");
	vss_strv_add(&activate, "y");
	vss_strv_take(&activate, vss_lvm_path(lv->vg, name));
	return vss_lvm_run(&words, false, err) || vss_lvm_run(&activate, false, err) ? -1 : 0;
}

static int
detach(const struct vss_lvm_report *r, const struct vss_lvm_lv *lv, const char *name, bool writable,
	struct vss_err *err)
{
	const char *plain = name_within(name, lv->vg);

	if (!lv->thin)
		return vss_fail(err, VSS_UNSUPPORTED, 0,
			"%s/%s: a thick snapshot holds only what has changed, the rest of it is in its volume: it "
			"cannot "
			"be one of its own; copy it to a new logical volume",
			lv->vg, lv->name);
	if (!plain)
		return vss_fail(err, VSS_USAGE, 0, "%s: name a logical volume of volume group %s", name, lv->vg);
	if (vss_lvm_by_name(r, lv->vg_uuid, plain))
		return vss_fail(err, VSS_EXISTS, 0, "%s/%s: there is such a logical volume", lv->vg, plain);
	if (vss_lvm_pass_on(r, lv, err) || let_go(lv, writable, err))
		return -1;
	vss_stop_point("provider.lvm.detach");
	return rename_lv(lv, plain, err);
}

int
vss_lvm_detach(const struct vss_shadow *s, const char *name, bool writable, char **where, struct vss_err *err)
{
	const struct vss_lvm_lv *lv;
	struct vss_lvm_report r;

	if (vss_lvm_unsurface(s, s->device, err))
		return -1;
	int there = vss_lvm_look_for(s, &r, &lv, err);
	int rc = there == 1 ? detach(&r, lv, name, writable, err) : there < 0 ? -1 : not_there(s, err);
	if (rc == 0) {
		*where = vss_strf("/dev/%s/%s", lv->vg, name_within(name, lv->vg));
		vss_lvm_forget(s->place, &s->id);
	}
	vss_lvm_report_free(&r);
	return rc;
}
