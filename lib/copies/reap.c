/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"
#include "copies/missing_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "copies/revert.h"
#include "freeze/freeze.h"
#include "os/dirs.h"
#include "os/lock.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Device paths and owners that nobody knows --- */

static void
names_in(const char *below, struct vss_strv *out)
{
	VSS_AUTOFREE char *dir = vss_path_join(vss_run_dir(), below);
	DIR *d = opendir(dir);

	for (struct dirent *e; d && (e = readdir(d));)
		if (*e->d_name != '.')
			vss_strv_add(out, e->d_name);
	if (d)
		closedir(d);
}

static bool
is_device_of(const struct vss_set_list *sets, const char *name)
{
	for (size_t i = 0; i < sets->n; i++)
		for (size_t k = 0; k < sets->v[i]->nshadows; k++)
			if (vss_str_eq(vss_path_base(sets->v[i]->shadows[k].device), name))
				return true;
	return false;
}

static bool
set_is_in_creation(void)
{
	VSS_AUTOFREE char *path = vss_path_join(vss_run_dir(), "creation.lock");
	struct vss_err err = VSS_ERR_INIT;

	return vss_lock_is_held(path, &err) != 0;
}

/* Of a set that died between surfacing and saving. */
static void
drop_stray_devices(const struct vss_strv *names, const struct vss_set_list *sets)
{
	for (size_t i = 0; i < names->n; i++) {
		if (is_device_of(sets, names->v[i]))
			continue;
		VSS_AUTOFREE char *path = vss_strf("%s/shadows/%s", vss_run_dir(), names->v[i]);
		if (unlink(path) < 0 && errno != ENOENT)
			vss_warn("%s: %s", path, strerror(errno));
	}
	struct vss_err err = VSS_ERR_INIT;
	if (vss_providers_tidy_mounts(&err) < 0)
		vss_warn("%s", err.text);
}

/* The file of an owner outlives its lock when its process was killed. */
static void
drop_dead_owners(const struct vss_strv *names)
{
	for (size_t i = 0; i < names->n; i++) {
		struct vss_uuid id;
		if (vss_uuid_parse(names->v[i], &id) == 0 && !vss_owner_is_alive(&id))
			vss_owner_release(&id, -1);
	}
}

/* --- Sets --- */

/* Its storage is not to be seen now (a disk that is not there): another run's work, and nothing to complain of. */
static bool
is_out_of_sight(const struct vss_shadow *sh)
{
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_provider_ops *ops = vss_provider_named(sh->provider, &err);

	return ops && ops->exists(sh, &err) < 0 && err.code == VSS_ABSENT;
}

static void
delete_all(struct vss_set *set)
{
	char id[VSS_UUID_BRACED];
	struct vss_err err = VSS_ERR_INIT;

	if (set->nshadows && is_out_of_sight(&set->shadows[0]))
		return;
	vss_uuid_braced(&set->id, id);
	vss_info("shadow copy set %s: its owner is gone, it goes too", id);
	while (set->nshadows) {
		if (copies_delete(set, 0, &err) < 0) {
			vss_warn("shadow copy set %s: %s", id, err.text);
			return;
		}
	}
}

/* Somebody else's deletion stays on the list until it was seen and delete-shadow takes it off. */
static bool
was_deleted_by_others(const struct vss_set *set, const struct vss_shadow *sh)
{
	struct copies_places places;

	copies_places_of(&set->id, &places);
	bool by_others = copies_has_entry(&places, sh);
	copies_places_free(&places);
	if (by_others)
		vss_info("shadow copy of %s: is missing: another tool has deleted it", sh->volume);
	return by_others;
}

/* A deletion that was cut short: the copy leaves the document, too. */
static void
delete_missing(struct vss_set *set)
{
	for (size_t i = set->nshadows; i-- > 0;) {
		struct vss_err err = VSS_ERR_INIT;
		if (!set->shadows[i].missing || was_deleted_by_others(set, &set->shadows[i]))
			continue;
		if (copies_delete(set, i, &err) < 0)
			vss_warn("shadow copy of %s: %s", set->shadows[i].volume, err.text);
	}
}

/*
 * The owner's own lock is seen below our run directory only; the claim on the document is seen wherever the
 * storage is.
 */
static bool
is_orphan(const struct vss_set *set)
{
	struct copies_places places;

	if (vss_uuid_is_nil(&set->owner) || vss_owner_is_alive(&set->owner))
		return false;
	copies_places_of(&set->id, &places);
	bool claimed = vss_catalog_is_claimed(&set->id, places.v, places.all.n);
	copies_places_free(&places);
	return !claimed;
}

static void
reap_sets(struct vss_set_list *sets)
{
	for (size_t i = 0; i < sets->n; i++) {
		struct vss_set *set = sets->v[i];
		if (is_orphan(set))
			delete_all(set);
		else
			delete_missing(set);
	}
}

/* Sets that have lost their last copy are no sets. */
static void
drop_empty(struct vss_set_list *sets)
{
	size_t kept = 0;

	for (size_t i = 0; i < sets->n; i++) {
		if (sets->v[i]->nshadows)
			sets->v[kept++] = sets->v[i];
		else
			vss_set_free(sets->v[i]);
	}
	sets->n = kept;
}

static void
reap_half_made(void)
{
	for (const struct vss_provider_ops *const *ops = vss_providers(); *ops; ops++) {
		unsigned removed = 0;
		struct vss_err err = VSS_ERR_INIT;
		if ((*ops)->reap(*ops, &removed, &err) < 0)
			vss_warn("%s: %s", (*ops)->title, err.text);
		if (removed)
			vss_info("%s: %u half-made shadow %s removed", (*ops)->title, removed,
				removed == 1 ? "copy was" : "copies were");
	}
}

/* Without privilege there is nothing that could be removed, but on the volumes of trials. */
static bool
may_reap(void)
{
	return geteuid() == 0 || secure_getenv("VSS_FAKE_VOLUMES");
}

void
vss_copies_reap(void)
{
	VSS_AUTOSTRV struct vss_strv devices = VSS_STRV_INIT, owners = VSS_STRV_INIT;
	struct vss_set_list sets = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	vss_freeze_reap(); /* before anything is written where a killed run may still hold */
	copies_reap_scratch();
	if (!may_reap())
		return;
	/*
	 * Names first, then the creation lock, then the scan: whoever made a name held the lock until its
	 * document was saved, so with the lock free its maker is done or dead.
	 */
	names_in("shadows", &devices);
	names_in("owners", &owners);
	size_t finished, failed;
	vss_copies_finish_reverts(false, &finished, &failed);
	bool creating = set_is_in_creation();
	if (copies_scan(&sets, &err) < 0) {
		vss_warn("shadow copies that were left behind cannot be looked for: %s", err.text);
		return;
	}
	copies_add_cached(&sets);
	copies_exposed_fill(&sets);
	if (!creating)
		drop_stray_devices(&devices, &sets);
	reap_half_made();
	reap_sets(&sets);
	drop_empty(&sets);
	if (!creating)
		drop_dead_owners(&owners);
	copies_exposed_tidy(&sets);
	copies_previous_renew(&sets);
	if (vss_catalog_refresh(&sets, &err) < 0)
		vss_info("the cache of shadow copy sets was not renewed: %s", err.text);
	vss_set_list_free(&sets);
}
