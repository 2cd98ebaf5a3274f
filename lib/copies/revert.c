/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/revert.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"
#include "copies/copies_internal.h"
#include "copies/limits.h"
#include "os/dirs.h"
#include "os/lock.h"
#include "os/volume.h"

#include <stdlib.h>
#include <string.h>

#define CREATION_WAIT_MS 10000

int
vss_copies_check_revert(const struct vss_set *set, size_t index, struct vss_err *err)
{
	const struct vss_shadow *s = &set->shadows[index];
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);

	if (!ops)
		return -1;
	if (!(s->attributes & VSS_ATTR_PERSISTENT))
		return vss_fail(
			err, VSS_E_UNSUPPORTED_CONTEXT, 0, "a volume can be put back to persistent shadow copies only");
	if (s->attributes & VSS_ATTR_IMPORTED)
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0,
			"the shadow copy was imported, its volume is another machine's");
	if (!vss_uuid_is_nil(&set->owner) && vss_owner_is_alive(&set->owner))
		return vss_fail(err, VSS_BUSY, 0, "is in use by a running operation, and goes with it");
	if (!ops->revert)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "provider %s cannot put a volume back", ops->name);
	int there = ops->exists(s, err);
	if (there < 0)
		return -1;
	return there ? 0 : vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "the shadow copy is not there any more");
}

/* The mount that shows what the copy was made of; the one of then before others; NULL: there is none. */
static char *
find_mount(const struct vss_shadow *s, struct vss_err *err)
{
	struct vss_volume_list list;
	const struct vss_volume *best = NULL;
	const char *part = s->subpath ? s->subpath : "";

	if (vss_volumes_mounted(&list, err) < 0)
		return NULL;
	for (size_t i = 0; i < list.n; i++) {
		const struct vss_volume *v = list.v[i];
		if (!vss_str_caseeq(v->id, s->volume_id) || !vss_str_eq(v->subpath, part))
			continue;
		if (!best || vss_str_eq(v->mount, s->volume))
			best = v;
	}
	char *mount = best ? vss_strdup(best->mount) : vss_strdup("");
	vss_volume_list_free(&list);
	return mount;
}

static int
lock_volume(const struct vss_shadow *s, struct vss_err *err)
{
	VSS_AUTOFREE char *name = copies_revert_lock_name(s);
	VSS_AUTOFREE char *path = vss_run_path("revert", name, err);
	int fd = path ? vss_lock(path, 0, err) : -1;

	if (fd < 0 && path && err->code == VSS_BUSY)
		return vss_fail(
			err, VSS_E_REVERT_IN_PROGRESS, 0, "%s: it is being put back by another process", s->volume);
	return fd;
}

static int
lock_creation(struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(vss_run_dir(), "creation.lock");
	int fd = vss_lock(path, CREATION_WAIT_MS, err);

	if (fd < 0 && err->code == VSS_BUSY)
		return vss_fail(err, VSS_E_SNAPSHOT_SET_IN_PROGRESS, 0, "a shadow copy set is in creation");
	return fd;
}

/* Does the storage of this copy lie in files of the volume? */
static bool
is_stored_on(const struct vss_shadow *s, const char *volume_id)
{
	struct vss_err gone = VSS_ERR_INIT;
	struct vss_volume *v = s->place && *s->place == '/' ? vss_volume_of(s->place, &gone) : NULL;
	bool there = v && vss_str_caseeq(v->id, volume_id);

	vss_volume_free(v);
	return there;
}

/* What is put back as a whole loses the storage that was made in it since; file by file that stays. */
static int
refuse_storage(const struct vss_shadow *s, bool force, struct vss_err *err)
{
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);
	struct vss_set_list sets = { 0 };

	if (!ops || force || !ops->differential)
		return ops ? 0 : -1;
	int rc = copies_scan(&sets, err);
	for (size_t i = 0; rc == 0 && i < sets.n; i++)
		for (size_t k = 0; rc == 0 && k < sets.v[i]->nshadows; k++)
			if (is_stored_on(&sets.v[i]->shadows[k], s->volume_id))
				rc = vss_fail(err, VSS_E_VOLUME_IN_USE, 0,
					"%s: shadow copies of %s are kept there, and may be lost: delete them before, "
					"or "
					"say --force",
					s->volume, sets.v[i]->shadows[k].volume);
	vss_set_list_free(&sets);
	return rc;
}

/* --- The documents follow --- */

static bool
rename_volume(struct vss_set *set, const char *old, const char *new_id)
{
	bool changed = false;

	for (size_t i = 0; i < set->nshadows; i++) {
		struct vss_shadow *s = &set->shadows[i];
		if (!vss_str_caseeq(s->volume_id, old))
			continue;
		free(s->volume_id);
		s->volume_id = vss_strdup(new_id);
		changed = true;
	}
	return changed;
}

static int
save_again(const struct vss_set *set, struct vss_err *err)
{
	struct copies_places p;

	copies_places_of(&set->id, &p);
	int rc = p.all.n ? vss_catalog_save(set, p.v, p.all.n, err) : 0;
	if (rc == 0)
		rc = vss_provider_places_carry(&p.all, &set->id, err);
	copies_places_free(&p);
	return rc;
}

/* All copies of the volume go on being copies of it. */
static int
follow_new_id(const char *old, const char *new_id, struct vss_err *err)
{
	struct vss_set_list sets = { 0 };
	int rc = copies_scan(&sets, err);

	for (size_t i = 0; rc == 0 && i < sets.n; i++)
		if (rename_volume(sets.v[i], old, new_id))
			rc = save_again(sets.v[i], err);
	vss_set_list_free(&sets);
	return rc;
}

/* Before the documents do: those know the old ID, should this be cut short.  A limit is no reason to leave a revert open. */
static void
limits_follow(const char *volume, const char *old, const char *new_id)
{
	struct vss_err why = VSS_ERR_INIT;

	if (vss_limits_follow(old, new_id, &why) < 0)
		vss_warn("%s: was put back, and its limits are lost: %s", volume, why.text);
}

static int
end_record(const struct vss_uuid *set, const struct vss_uuid *shadow, struct vss_err *err)
{
	struct copies_places p;
	int rc = 0;

	copies_places_of(set, &p);
	for (size_t i = 0; rc == 0 && i < p.all.n; i++)
		rc = copies_revert_forget(&p.v[i], shadow, err);
	copies_places_free(&p);
	return rc;
}

/* The provider is done with it, or has taken it back. */
static int
follow(struct vss_set *set, size_t index, const struct vss_provider_revert *how, struct vss_err *err)
{
	struct vss_shadow *s = &set->shadows[index];

	if (how->copy_gone)
		return copies_forget(set, index, err);
	if (how->pending)
		return 0;
	vss_stop_point("copies.reverted");
	if (how->new_id) {
		VSS_AUTOFREE char *old = vss_strdup(s->volume_id);
		limits_follow(s->volume, old, how->new_id);
		if (follow_new_id(old, how->new_id, err) < 0)
			return vss_wrap(err, "the volume was put back, but its new ID is not in all documents");
		rename_volume(set, old, how->new_id);
	}
	return end_record(&set->id, &s->id, err);
}

int
vss_copies_revert(struct vss_set *set, size_t index, struct vss_revert_wish *wish, struct vss_err *err)
{
	const struct vss_shadow *s = &set->shadows[index];
	struct vss_provider_revert how = { .at_boot = wish->at_boot, .force = wish->force };

	if (vss_copies_check_revert(set, index, err) < 0 || refuse_storage(s, wish->force, err) < 0)
		return -1;
	VSS_AUTOCLOSE int lock = lock_volume(s, err);
	VSS_AUTOCLOSE int creation = lock < 0 ? -1 : lock_creation(err);
	VSS_AUTOFREE char *mount = creation < 0 ? NULL : find_mount(s, err);
	if (!mount)
		return -1;
	how.mount = *mount ? mount : NULL;
	int rc = vss_provider_named(s->provider, err)->revert(s, &how, err);
	if (rc == 0)
		rc = follow(set, index, &how, err);
	wish->pending = how.pending;
	free(how.new_id);
	return rc;
}

/* --- What earlier runs have left --- */

/* 1: ended, 0: it waits, or somebody is at it, -1. */
static int
finish(struct vss_set *set, size_t index, bool starting, struct vss_err *err)
{
	const struct vss_shadow *s = &set->shadows[index];
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);
	struct vss_provider_revert how = { .finish = true, .at_boot = starting };
	VSS_AUTOCLOSE int lock = ops ? lock_volume(s, err) : -1;

	if (lock < 0)
		return ops && err->code == VSS_E_REVERT_IN_PROGRESS ? vss_forgive(err) : -1;
	VSS_AUTOFREE char *mount = find_mount(s, err);
	if (!mount || !ops->revert)
		return -1;
	how.mount = *mount ? mount : NULL;
	int rc = ops->revert(s, &how, err);
	if (rc == 0 && follow(set, index, &how, err) < 0)
		rc = -1;
	if (rc == 0 && !how.pending)
		vss_info("%s: a revert that was cut short was %s", s->volume, how.undone ? "taken back" : "completed");
	free(how.new_id);
	return rc < 0 ? -1 : !how.pending;
}

void
vss_copies_finish_reverts(bool starting, size_t *finished, size_t *failed)
{
	struct copies_places p;
	struct vss_set_list sets = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	*finished = *failed = 0;
	copies_places_recording(&p);
	if (!copies_revert_any(&p) || vss_catalog_scan(p.v, p.all.n, &sets, &err) < 0) {
		copies_places_free(&p);
		return;
	}
	for (size_t i = 0; i < sets.n; i++) {
		for (size_t k = sets.v[i]->nshadows; k-- > 0;) {
			if (!copies_revert_is_open(&p, &sets.v[i]->shadows[k].id))
				continue;
			int rc = finish(sets.v[i], k, starting, &err);
			if (rc < 0)
				vss_warn("%s", err.text);
			*failed += rc < 0;
			*finished += rc > 0;
		}
	}
	vss_set_list_free(&sets);
	copies_places_free(&p);
}
