/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"
#include "os/boot.h"
#include "os/dirs.h"
#include "os/lock.h"
#include "os/mount.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LOCK_WAIT_MS 10000

/* S39 */
static int
refuse_transportable(const struct vss_shadow *s, struct vss_err *err)
{
	return s->attributes & VSS_ATTR_TRANSPORTABLE
		       ? vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0,
				 "a transportable shadow copy is shown on the machine that imports it")
		       : 0;
}

int
vss_copies_surface(const struct vss_shadow *s, struct vss_err *err)
{
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);

	if (!ops)
		return -1;
	if (refuse_transportable(s, err) < 0)
		return -1;
	return ops->surface(s, s->device, err);
}

static int
check_expose(const struct vss_shadow *s, unsigned also, struct vss_err *err)
{
	if (!(s->attributes & VSS_ATTR_PERSISTENT) && !(also & VSS_EXPOSE_OWN))
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0, "only persistent shadow copies can be exposed");
	if (s->attributes & VSS_ATTR_CLIENT_ACCESSIBLE && !(also & VSS_EXPOSE_CLIENT_ACCESSIBLE))
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0, "client-accessible shadow copies cannot be exposed");
	if (refuse_transportable(s, err) < 0)
		return -1;
	if (s->exposed) {
		char id[VSS_UUID_BRACED];
		vss_uuid_braced(&s->id, id);
		return vss_fail(err, VSS_EXISTS, 0, "shadow copy %s: it is exposed already at %s", id, s->exposed);
	}
	return 0;
}

static char *
clean_path(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);

	if (*path != '/' && !cwd) {
		vss_fail(err, VSS_SYSTEM, errno, "%s: working directory", path);
		return NULL;
	}
	return vss_path_clean(path, cwd ? cwd : "/");
}

/* One exposure at a time, so that nobody takes a record that is not true yet for one that is not true any more. */
int
copies_lock_exposures(int wait_ms, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(vss_run_dir(), "exposed.lock");
	return vss_lock(path, wait_ms, err);
}

/*
 * The record comes first: one that is not true does no harm, an exposure without a record cannot be taken
 * away.
 */
static int
mount_at(const struct vss_shadow *s, const char *at, const char *share, struct vss_err *err)
{
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);
	VSS_AUTOFREE char *path = vss_strdup(at);
	VSS_AUTOFREE char *name = vss_strdup(share);
	struct copies_exposure e = { .path = path, .share = name };

	if (!ops || vss_boot_id(&e.boot, err) < 0)
		return -1;
	if (ops->surface(s, s->device, err) < 0 || copies_exposed_note(&s->id, &e, err) < 0)
		return -1;
	vss_stop_point("copies.before-expose");
	if (ops->expose(s, s->device, at, err) < 0) {
		copies_exposed_forget(&s->id);
		return -1;
	}
	return 0;
}

int
vss_copies_expose(struct vss_shadow *s, const char *path, unsigned also, struct vss_err *err)
{
	VSS_AUTOFREE char *at = clean_path(path, err);

	if (!at || check_expose(s, also, err) < 0)
		return -1;
	VSS_AUTOCLOSE int lock = copies_lock_exposures(LOCK_WAIT_MS, err);
	if (lock < 0 || copies_check_place(at, &s->id, err) < 0 || mount_at(s, at, NULL, err) < 0)
		return -1;
	s->exposed = vss_take(&at);
	return 0;
}

/* The copy with this ID among `l`, or NULL. */
static const struct vss_shadow *
shadow_by_id(const struct vss_set_list *l, const struct vss_uuid *id)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->v[i]->nshadows; k++)
			if (vss_uuid_eq(&l->v[i]->shadows[k].id, id))
				return &l->v[i]->shadows[k];
	return NULL;
}

/* Something is mounted there, and it is not this copy. */
static bool
is_others(const struct vss_shadow *sh, const char *at)
{
	struct vss_mount_list mounts = { 0 };
	struct vss_err ignored = VSS_ERR_INIT;
	bool shown = vss_mounts(&mounts, &ignored) == 0 && copies_is_shown_at(at, &sh->id, &mounts);

	vss_mount_list_free(&mounts);
	return shown && copies_is_hidden_at(at, sh->device);
}

/* A copy that nobody knows any more can still be mounted. */
static int
unexpose_known(const struct vss_set_list *l, const struct vss_uuid *id, const char *at, struct vss_err *err)
{
	const struct vss_shadow *sh = shadow_by_id(l, id);
	const struct vss_provider_ops *ops = sh ? vss_provider_named(sh->provider, err) : NULL;

	if (ops && !sh->exposed && is_others(sh, at))
		return vss_fail(err, VSS_BUSY, 0, "%s: something else is mounted there", at);
	if (sh)
		return ops ? ops->unexpose(sh, at, err) : -1;
	if (vss_unmount(at, err) == 0)
		return 0;
	return err->code != VSS_ABSENT ? -1
				       : vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: nothing is exposed there", at);
}

/* First the share, so that nobody comes any more. */
static int
take_away(const struct vss_uuid *id, const struct copies_exposure *e, struct vss_err *err)
{
	struct vss_set_list known = { 0 };

	if ((e->share && copies_share_remove(e->share, err) < 0) || vss_copies_list(&known, err) < 0)
		return -1;
	int rc = unexpose_known(&known, id, e->path, err);
	if (rc == 0 && e->share)
		(void)rmdir(e->path); /* we made it */
	/* Nothing there: then the record was not true. */
	if (rc == 0 || err->code == VSS_E_OBJECT_NOT_FOUND)
		copies_exposed_forget(id);
	vss_set_list_free(&known);
	return rc;
}

int
vss_copies_unexpose_shadow(const struct vss_uuid *id, struct vss_err *err)
{
	struct copies_exposure e;

	if (copies_exposed_read(id, &e) < 0)
		return 0;
	copies_exposure_clear(&e);
	VSS_AUTOCLOSE int lock = copies_lock_exposures(LOCK_WAIT_MS, err);
	if (lock < 0)
		return -1;
	int rc = copies_exposed_read(id, &e) < 0 ? 0 : take_away(id, &e, err); /* somebody was faster */
	copies_exposure_clear(&e);
	return rc;
}

int
vss_copies_unexpose(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *at = clean_path(path, err);
	struct vss_uuid id;

	if (!at)
		return -1;
	if (copies_exposed_at(at, &id) < 0)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: nothing is exposed there", at);
	return vss_copies_unexpose_shadow(&id, err);
}

/* --- Shares --- */

/* Where the share begins: a directory within the copy, no link on the way (S35). */
static int
check_within(const char *at, const char *within, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", at);
	VSS_AUTOCLOSE int dir = vss_open_beneath(root, within, O_PATH | O_DIRECTORY, 0, err);
	return dir < 0 ? vss_wrap(err, "%s: in the shadow copy", within) : 0;
}

static int
add_share(const char *at, const char *name, const char *within, struct vss_err *err)
{
	VSS_AUTOFREE char *shared = within && *within ? vss_path_join(at, within) : vss_strdup(at);

	if (within && *within && check_within(at, within, err) < 0)
		return -1;
	return copies_share_add(name, shared, err);
}

int
vss_copies_share(struct vss_shadow *s, const char *name, const char *within, unsigned also, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	if (copies_share_check(name, err) < 0 || check_expose(s, also, err) < 0)
		return -1;
	VSS_AUTOCLOSE int lock = copies_lock_exposures(LOCK_WAIT_MS, err);
	VSS_AUTOFREE char *at = lock < 0 ? NULL : copies_open_path("shares", name, err);
	if (!at || copies_check_place(at, &s->id, err) < 0 || mount_at(s, at, name, err) < 0)
		return -1;
	vss_stop_point("copies.before-share");
	if (add_share(at, name, within, err) == 0) {
		s->exposed = vss_take(&at);
		s->share = vss_strdup(name);
		return 0;
	}
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, &why);
	if (ops && ops->unexpose(s, at, &why) == 0) {
		(void)rmdir(at);
		copies_exposed_forget(&s->id);
	} else {
		vss_warn("%s: %s", at, why.text);
	}
	return -1;
}

int
vss_copies_unshare(const char *name, struct vss_err *err)
{
	struct vss_uuid id;

	if (copies_exposed_as(name, &id) < 0)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: no shadow copy is shared by this name", name);
	return vss_copies_unexpose_shadow(&id, err);
}
