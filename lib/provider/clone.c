/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/builtin_internal.h"
#include "provider/clone_internal.h"
#include "provider/revert_internal.h"
#include "provider/store_internal.h"
#include "provider/transport_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/stop.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Any file system: the files that are needed are copied while writers run, then again what has changed, until little is left; the
 * last pass, while the file system is held, makes the copy one instant.  Where it cannot be held, the last pass is repeated until it
 * finds nothing, or the copy is called fuzzy.
 */

static char *
place_for(const struct vss_provider_set *ps, const struct vss_volume *v)
{
	char *real = ps->storage ? realpath(ps->storage, NULL) : NULL;
	return real ? real : vss_strdup(ps->storage ? ps->storage : v->mount);
}

static int
open_root(const char *place, struct vss_err *err)
{
	int fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", place) : fd;
}

/* A network mount may hang for ever, and what was put there by --storage is known. */
static bool
may_hold_storage(const struct vss_volume *v)
{
	return !v->network && (!vss_in_trial() || strcmp(v->fstype, "fake") == 0);
}

static int
candidates(struct vss_strv *places, struct vss_err *err)
{
	struct vss_volume_list list = { 0 };

	if (vss_volumes(false, &list, err))
		return -1;
	for (size_t i = 0; i < list.n; i++)
		if (may_hold_storage(list.v[i]))
			vss_strv_add(places, list.v[i]->mount);
	vss_volume_list_free(&list);
	return vss_clone_known(places, err);
}

static int
drop(int dirfd, const char *name, struct vss_err *err)
{
	return vss_remove_tree(dirfd, VSS_CLONE_ASIDE, err) ? -1 : vss_remove_tree(dirfd, name, err);
}

const struct vss_store_kind vss_clone_store = {
	.provider = "clone",
	.place_for = place_for,
	.open_root = open_root,
	.candidates = candidates,
	.drop = drop,
	.gone = vss_clone_forget,
};

/* What is missing for a volume of this kind, --storage can give: check() says so. */
static int
bid(const struct vss_provider_ops *self, const struct vss_volume *v)
{
	(void)self;
	return v->pseudo ? 0 : 1;
}

static enum vss_provider_hold
hold(const struct vss_provider_set *ps, const struct vss_provider_volume *v)
{
	(void)ps;
	return v->volume->read_only ? VSS_PROVIDER_HOLD_NEVER : VSS_PROVIDER_HOLD_WANTS;
}

static enum vss_instant
promise(const struct vss_provider_set *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		if (!ps->v[i].to_hold)
			return VSS_INSTANT_FUZZY;
	return VSS_INSTANT_ONE;
}

static int
check_storage(const char *storage, struct vss_err *err)
{
	struct stat st;

	if (stat(storage, &st))
		return vss_fail(err, VSS_SYSTEM, errno, "storage %s", storage);
	if (!S_ISDIR(st.st_mode))
		return vss_fail(err, VSS_INVALID, ENOTDIR, "storage %s", storage);
	if (access(storage, W_OK | X_OK))
		return vss_fail(err, VSS_SYSTEM, errno, "storage %s: it cannot be written", storage);
	return 0;
}

static int
check(const struct vss_provider_set *ps, const struct vss_volume *v, struct vss_err *err)
{
	const char *why = NULL;

	if (ps->storage)
		return check_storage(ps->storage, err);
	if (v->network)
		why = "it is a network file system";
	else if (v->read_only || v->mount_read_only)
		why = "it is read-only";
	if (why)
		return vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, 0,
			"%s: %s, so the copy cannot lie there: name a directory for it with --storage DIR", v->mount,
			why);
	if (access(v->mount, W_OK | X_OK))
		return vss_fail(err, VSS_SYSTEM, errno,
			"%s: the copy cannot be put there: be root, or name a directory for it with --storage DIR",
			v->mount);
	return 0;
}

static int
abort_set(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.clone.abort");
	vss_clones_free(ps);
	return vss_stores_abort(ps, &vss_clone_store, err);
}

static void
done(struct vss_provider_set *ps)
{
	vss_stop_point("provider.clone.done");
	vss_clones_free(ps);
	vss_stores_done(ps);
}

static int
places(const struct vss_provider_ops *self, struct vss_provider_places *out, struct vss_err *err)
{
	(void)self;
	return vss_store_places(&vss_clone_store, out, err);
}

/* The mount of a place is named after its path, which could be anything. */
static void
mount_key(const char *place, char out[VSS_UUID_TEXT])
{
	struct vss_uuid id;
	vss_uuid_of_bytes(&id, place, strlen(place));
	vss_uuid_text(&id, out);
}

/* A link into a read-only mount of the storage; without the privilege for that, into the storage itself. */
static int
surface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	VSS_AUTOFREE char *sub = vss_store_copy_path(&s->id);
	VSS_AUTOFREE char *direct = vss_path_join(s->place, sub);
	char key[VSS_UUID_TEXT];

	if (geteuid() != 0)
		return vss_surface_link(direct, device, err);
	VSS_AUTOCLOSE int root = open_root(s->place, err);
	VSS_AUTOCLOSE int fd = root < 0 ? -1 : vss_store_find(root, vss_clone_store.provider, err);
	mount_key(s->place, key);
	return fd < 0 ? -1 : vss_surface_mount(fd, key, vss_path_below(sub, VSS_SHADOW_STORAGE), device, err);
}

static int
unsurface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	char key[VSS_UUID_TEXT];

	mount_key(s->place, key);
	return geteuid() != 0 ? vss_surface_unlink(device, err) : vss_surface_unmount(key, device, err);
}

static int
remove_copy(const struct vss_shadow *s, struct vss_err *err)
{
	vss_stop_point("provider.clone.remove");
	return vss_store_remove_copy(s, &vss_clone_store, err);
}

static int
exists(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_store_copy_exists(s, &vss_clone_store, err);
}

static int
tidy(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_store_tidy_place(s->place, &vss_clone_store, err);
}

static int
use(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err)
{
	return vss_store_use(copies, n, &vss_clone_store, out, err);
}

static int
reap(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err)
{
	(void)self;
	return vss_store_reap(&vss_clone_store, removed, err);
}

static int
revert(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err)
{
	return vss_store_revert(s, &vss_clone_store, false, how, err);
}

static int
detach(const struct vss_shadow *s, const char *name, bool writable, char **where, struct vss_err *err)
{
	if (!writable)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "a directory cannot be read-only: break it writable");
	return vss_store_detach(s, &vss_clone_store, name, where, err);
}

static int
send_copy(const struct vss_shadow *s, int fd, struct vss_err *err)
{
	return vss_store_send(s, &vss_clone_store, fd, err);
}

static int
receive(struct vss_provider_set *ps, size_t i, int fd, struct vss_err *err)
{
	if (!ps->own) {
		if (vss_stores_begin(ps, &vss_clone_store, err) < 0)
			return -1;
		const struct vss_stores *s = ps->own;
		for (size_t k = 0; k < s->n; k++)
			if (vss_clone_remember_storage(ps, &s->v[k], err) < 0)
				return -1;
	}
	return vss_store_receive(ps, &vss_clone_store, i, fd, err);
}

const struct vss_provider_ops vss_provider_clone = {
	.name = "clone",
	.title = "vss-tools file clone provider",
	.id = "7f4b8c52-1f0e-4a5d-9a37-5a0b6c1f6a03",
	.version = "1.0",
	.type = VSS_PROV_SOFTWARE,
	.records_reverts = true,
	.bid = bid,
	.hold = hold,
	.promise = promise,
	.check = check,
	.begin_prepare = vss_clone_begin_prepare,
	.pre_commit = vss_clone_pre_commit,
	.commit = vss_clone_commit,
	.post_commit = vss_clone_post_commit,
	.post_final_commit = vss_clone_post_final_commit,
	.abort = abort_set,
	.done = done,
	.places_of = vss_stores_places_of,
	.places = places,
	.surface = surface,
	.unsurface = unsurface,
	.expose = vss_expose_mount,
	.unexpose = vss_expose_unmount,
	.remove = remove_copy,
	.exists = exists,
	.tidy = tidy,
	.reap = reap,
	.revert = revert,
	.detach = detach,
	.send = send_copy,
	.receive = receive,
	.use = use,
};
