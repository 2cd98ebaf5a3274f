/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

/* The phases of a set.  Everything that a hold could get in the way of is done before it: looking, sizes, configuration. */

#define METADATA_LEAST (64u << 10) /* of a group: tags of a set or two, twice while they are written */
#define POOL_FULL 9500		   /* hundredths of a percent */

/* What a volume of a set in the making carries. */
struct own {
	struct vss_lvm_lv origin;
	uint64_t size; /* of a thick copy */
};

static struct own *
own_of(const struct vss_provider_set *ps, size_t i)
{
	return ps->v[i].own;
}

/* --- May a copy be made? --- */

static int
check_pool(const struct vss_lvm_report *r, const struct vss_lvm_lv *lv, const char *mount, struct vss_err *err)
{
	const struct vss_lvm_lv *pool = lv->pool ? vss_lvm_by_name(r, lv->vg_uuid, lv->pool) : NULL;

	if (!pool || (pool->data < POOL_FULL && pool->metadata < POOL_FULL))
		return 0;
	return vss_fail(err, VSS_E_INSUFFICIENT_STORAGE, 0,
		"%s: the thin pool %s/%s is full (data %d %%, metadata %d %%): extend it (lvextend), or delete shadow "
		"copies",
		mount, lv->vg, pool->name, pool->data / 100, pool->metadata / 100);
}

int
vss_lvm_check_origin(const struct vss_lvm_report *r, const struct vss_volume *v, struct vss_err *err)
{
	const struct vss_lvm_lv *lv = vss_lvm_by_uuid(r, v->id);
	struct vss_uuid shadow;
	char left[32];

	if (!lv)
		return vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, 0,
			"%s: lvm does not list its logical volume (%s); --provider clone copies its files", v->mount,
			v->id);
	if (vss_lvm_is_copy(lv, &shadow))
		return vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, 0,
			"%s: it is a shadow copy itself (break-shadow makes it a volume)", v->mount);
	if (lv->is_thick_copy)
		return vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, 0,
			"%s: %s/%s is a thick snapshot of %s, and LVM makes none of those: copy the origin, or its "
			"files (--provider clone)",
			v->mount, lv->vg, lv->name, lv->origin ? lv->origin : "another volume");
	if (lv->is_merging)
		return vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, 0,
			"%s: a snapshot is being merged into %s/%s: wait for its end", v->mount, lv->vg, lv->name);
	if (lv->vg_metadata_free < METADATA_LEAST) {
		vss_format_size(left, lv->vg_metadata_free);
		return vss_fail(err, VSS_E_INSUFFICIENT_STORAGE, 0,
			"%s: the metadata of volume group %s is nearly full (%s left): delete shadow copies", v->mount,
			lv->vg, left);
	}
	return check_pool(r, lv, v->mount, err);
}

/* --- How large they become --- */

static int
too_little_room(const struct own *first, uint64_t need, struct vss_err *err)
{
	char wanted[32], left[32];

	vss_format_size(wanted, need);
	vss_format_size(left, first->origin.vg_free);
	return vss_fail(err, VSS_E_INSUFFICIENT_STORAGE, 0,
		"volume group %s: %s needed for thick copies, %s free: extend it (vgextend), delete shadow copies, or "
		"name less (--storage-size)",
		first->origin.vg, wanted, left);
}

/* All thick copies in the group of volume `first` share what it has left. */
static int
size_group(struct vss_provider_set *ps, size_t first, struct vss_err *err)
{
	VSS_AUTOFREE struct vss_lvm_share *shares = vss_alloc(ps->n * sizeof *shares);
	const struct vss_lvm_wish wish = { .bytes = ps->storage_size, .percent = ps->storage_percent };
	const struct own *group = own_of(ps, first);
	uint64_t need;
	size_t n = 0;

	for (size_t i = first; i < ps->n; i++)
		if (!own_of(ps, i)->origin.thin && strcmp(own_of(ps, i)->origin.vg_uuid, group->origin.vg_uuid) == 0)
			shares[n++].origin = own_of(ps, i)->origin.size;
	if (vss_lvm_share_out(shares, n, &wish, &group->origin, &need))
		return too_little_room(group, need, err);
	n = 0;
	for (size_t i = first; i < ps->n; i++)
		if (!own_of(ps, i)->origin.thin && strcmp(own_of(ps, i)->origin.vg_uuid, group->origin.vg_uuid) == 0)
			own_of(ps, i)->size = shares[n++].size;
	return 0;
}

static int
decide_sizes(struct vss_provider_set *ps, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n; i++)
		if (!own_of(ps, i)->origin.thin && own_of(ps, i)->size == 0 && size_group(ps, i, err))
			return -1;
	return 0;
}

/* --- Phases --- */

static int
find_origins(struct vss_provider_set *ps, struct vss_err *err)
{
	struct vss_lvm_report r;
	int rc = vss_lvm_look(&r, err);

	for (size_t i = 0; rc == 0 && i < ps->n; i++) {
		rc = vss_lvm_check_origin(&r, ps->v[i].volume, err);
		if (rc)
			break;
		struct own *own = vss_alloc(sizeof *own);
		own->origin = vss_lvm_lv_copy(vss_lvm_by_uuid(&r, ps->v[i].volume->id));
		ps->v[i].own = own;
		ps->v[i].place = vss_strdup(own->origin.vg_uuid);
	}
	vss_lvm_report_free(&r);
	return rc;
}

int
vss_lvm_begin_prepare(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.lvm.begin-prepare");
	if (find_origins(ps, err) || decide_sizes(ps, err) || vss_lvm_copy_configuration(err))
		return -1;
	vss_stop_point("provider.lvm.prepared");
	return 0;
}

static void
add_tag(struct vss_strv *words, const char *prefix, const struct vss_uuid *id)
{
	char text[VSS_UUID_TEXT];

	vss_uuid_text(id, text);
	vss_strv_add(words, "--addtag");
	vss_strv_take(words, vss_strf("%s%s", prefix, text));
}

/* dmeventd would unmount a copy that has overflowed, and whoever reads it would see an empty directory and no error. */
static void
command_for(const struct vss_provider_set *ps, size_t i, struct vss_strv *words)
{
	const struct own *own = own_of(ps, i);
	char name[VSS_LVM_NAME];

	vss_lvm_name(&ps->v[i].shadow_id, name);
	vss_strv_add(words, "lvcreate");
	vss_strv_add(words, "--snapshot");
	vss_strv_add(words, "--name");
	vss_strv_add(words, name);
	vss_strv_add(words, "--monitor");
	vss_strv_add(words, "n");
	vss_strv_add(words, "--autobackup");
	vss_strv_add(words, "n");
	if (!own->origin.thin) {
		vss_strv_add(words, "--size");
		vss_strv_take(words, vss_strf("%llub", (unsigned long long)own->size));
	}
	add_tag(words, VSS_LVM_TAG_SET, &ps->set_id);
	add_tag(words, VSS_LVM_TAG_MAKING, &ps->owner);
	vss_strv_add(words, ps->writable ? "--addtag" : "--permission");
	vss_strv_add(words, ps->writable ? VSS_LVM_TAG_UNSEALED : "r");
	vss_strv_take(words, vss_lvm_path(own->origin.vg, own->origin.name));
}

static int
snapshot(struct vss_provider_set *ps, size_t i, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	struct vss_provider_volume *pv = &ps->v[i];

	if (atomic_load(&ps->cancelled))
		return vss_fail(err, VSS_INTERRUPTED, 0, "the set has been given up");
	command_for(ps, i, &words);
	if (vss_lvm_run(&words, true, err))
		return vss_wrap(err, "%s", pv->volume->mount);
	pv->committed_ns = vss_now_mono();
	pv->attributes = VSS_ATTR_DIFFERENTIAL;
	vss_stop_point("provider.lvm.copied");
	return 0;
}

int
vss_lvm_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.lvm.commit");
	for (size_t i = 0; i < ps->n; i++)
		if (snapshot(ps, i, err))
			return -1;
	vss_stop_point("provider.lvm.committed");
	return 0;
}

/* One command for all copies of a group. */
static int
change_group(const struct vss_provider_set *ps, size_t first, const struct vss_strv *what, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	char name[VSS_LVM_NAME];

	for (size_t i = 0; i < what->n; i++)
		vss_strv_add(&words, what->v[i]);
	for (size_t i = first; i < ps->n; i++) {
		if (strcmp(ps->v[i].place, ps->v[first].place) != 0)
			continue;
		vss_lvm_name(&ps->v[i].shadow_id, name);
		vss_strv_take(&words, vss_lvm_path(own_of(ps, i)->origin.vg, name));
	}
	return vss_lvm_run(&words, false, err);
}

static int
change_all(const struct vss_provider_set *ps, const struct vss_strv *what, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n; i++) {
		bool seen = false;
		for (size_t k = 0; k < i && !seen; k++)
			seen = strcmp(ps->v[k].place, ps->v[i].place) == 0;
		if (!seen && change_group(ps, i, what, err))
			return -1;
	}
	return 0;
}

/* Copies that were writable: first nobody writes any more, then nobody can. */
int
vss_lvm_post_final_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	vss_stop_point("provider.lvm.post-final-commit");
	if (!ps->writable)
		return 0;
	for (size_t i = 0; i < ps->n; i++)
		if (vss_lvm_show_read_only(&ps->v[i].shadow_id, err))
			return vss_wrap(err, "%s", ps->v[i].volume->mount);
	vss_strv_add(&words, "lvchange");
	vss_strv_add(&words, "--permission");
	vss_strv_add(&words, "r");
	vss_strv_add(&words, "--deltag");
	vss_strv_add(&words, VSS_LVM_TAG_UNSEALED);
	return change_all(ps, &words, err);
}

static void
free_own(struct vss_provider_set *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		struct own *own = ps->v[i].own;
		if (own)
			vss_lvm_lv_free(&own->origin);
		free(own);
		ps->v[i].own = NULL;
	}
}

/* Where the kernel refuses to suspend the origin lvm forgets the parts of a thick copy that it had made for it. */
static void
drop_parts(const struct vss_lvm_lv *origin, const struct vss_lvm_lv *copy)
{
	VSS_AUTOFREE char *below = vss_dm_name(origin->vg, origin->name), *store = vss_dm_name(copy->vg, copy->name);
	VSS_AUTOFREE char *real = vss_strf("%s-real", below), *cow = vss_strf("%s-cow", store);
	struct vss_err err = VSS_ERR_INIT;

	if (vss_dm_remove_unused(cow, &err) || vss_dm_remove_unused(real, &err))
		vss_warn("%s", err.text);
}

/* What of the set is there, however far lvm came. */
static int
drop_all(const struct vss_provider_set *ps, struct vss_err *err)
{
	struct vss_lvm_report r;
	int rc = vss_lvm_look(&r, err);

	for (size_t i = 0; rc == 0 && i < ps->n; i++) {
		const struct vss_lvm_lv *lv =
			ps->v[i].place ? vss_lvm_copy(&r, ps->v[i].place, &ps->v[i].shadow_id) : NULL;
		if (lv && vss_lvm_drop(lv, true, err))
			rc = vss_wrap(err, "%s: remove the half-made copy", ps->v[i].volume->mount);
		else if (lv && !own_of(ps, i)->origin.thin)
			drop_parts(&own_of(ps, i)->origin, lv);
		if (ps->v[i].place)
			vss_lvm_forget(ps->v[i].place, &ps->v[i].shadow_id);
	}
	vss_lvm_report_free(&r);
	return rc;
}

int
vss_lvm_abort(struct vss_provider_set *ps, struct vss_err *err)
{
	bool begun = false;

	vss_stop_point("provider.lvm.abort");
	for (size_t i = 0; i < ps->n; i++)
		begun = begun || ps->v[i].own;
	int rc = begun ? drop_all(ps, err) : 0;
	free_own(ps);
	return rc;
}

void
vss_lvm_done(struct vss_provider_set *ps)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;
	char owner[VSS_UUID_TEXT];

	vss_stop_point("provider.lvm.done");
	vss_uuid_text(&ps->owner, owner);
	vss_strv_add(&words, "lvchange");
	vss_strv_add(&words, "--deltag");
	vss_strv_take(&words, vss_strf(VSS_LVM_TAG_MAKING "%s", owner));
	if (change_all(ps, &words, &err))
		vss_warn("%s", err.text);
	free_own(ps);
}

int
vss_lvm_places_of(struct vss_provider_set *ps, struct vss_provider_places *out, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n; i++) {
		bool seen = false;
		for (size_t k = 0; k < i && !seen; k++)
			seen = strcmp(ps->v[k].place, ps->v[i].place) == 0;
		if (seen)
			continue;
		int fd = vss_lvm_open_place(ps->v[i].place, err);
		if (fd < 0)
			return -1;
		VSS_PUSH(out->v, out->n, out->cap) = (struct vss_provider_place){ .dirfd = fd,
			.label = vss_strf("volume group %s", own_of(ps, i)->origin.vg) };
	}
	return 0;
}
