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

static const struct vss_store_kind kind = {
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
check_room(const struct vss_provider_set *ps, size_t at, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;
	uint64_t need = 0, left;
	char needed[32], have[32];

	for (size_t i = 0; i < ps->n; i++) {
		uint64_t bytes = 0;
		if (s->of[i] == at && vss_clone_need(&ps->v[i], s->v[at].fd, &bytes, err))
			return -1;
		need += bytes;
	}
	if (vss_free_bytes(s->v[at].fd, &left, err))
		return -1;
	if (need <= left)
		return 0;
	vss_format_size(needed, need);
	vss_format_size(have, left);
	return vss_fail(err, VSS_E_INSUFFICIENT_STORAGE, 0,
		"%s: the copy needs %s, there are %s: name a roomier place with --storage DIR", s->v[at].place, needed,
		have);
}

static int
remember_storage(const struct vss_provider_set *ps, const struct vss_store *st, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->v[i].volume->mount, st->place) == 0)
			return 0;
	return vss_clone_remember(st->place, err);
}

/* A phase of one volume. */
typedef int volume_phase(struct vss_clone *c, struct vss_err *err);

static int
on_volume(struct vss_provider_set *ps, size_t i, volume_phase *phase, struct vss_err *err)
{
	if (phase(ps->v[i].own, err) == 0)
		return 0;
	if (err->code == VSS_NOSPACE)
		err->code = VSS_E_INSUFFICIENT_STORAGE;
	return vss_wrap(err, "%s", ps->v[i].volume->mount);
}

static int
approach_all(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;

	for (size_t i = 0; i < ps->n; i++) {
		struct vss_provider_volume *v = &ps->v[i];
		v->own = vss_clone_new(ps, v, s->dirfd[i], err);
		if (!v->own)
			return vss_wrap(err, "%s", v->volume->mount);
		if (on_volume(ps, i, vss_clone_approach, err))
			return -1;
	}
	return 0;
}

static int
begin_prepare(struct vss_provider_set *ps, struct vss_err *err)
{
	bool fresh = false;

	vss_stop_point("provider.clone.begin-prepare");
	if (vss_stores_begin(ps, &kind, err))
		return -1;
	const struct vss_stores *s = ps->own;
	for (size_t i = 0; i < s->n; i++) {
		if (remember_storage(ps, &s->v[i], err) || check_room(ps, i, err))
			return -1;
		fresh |= s->v[i].fresh;
	}
	/* Else the change that we made to a volume's root would be taken for one of somebody else. */
	if (fresh)
		vss_clone_let_tick();
	vss_stop_point("provider.clone.prepared");
	return approach_all(ps, err);
}

static int
pre_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.clone.pre-commit");
	for (size_t i = 0; i < ps->n; i++)
		if (on_volume(ps, i, vss_clone_close_up, err))
			return -1;
	return 0;
}

static int
commit(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.clone.commit");
	for (size_t i = 0; i < ps->n; i++) {
		if (on_volume(ps, i, vss_clone_last, err))
			return -1;
		vss_stop_point("provider.clone.copied");
	}
	vss_stop_point("provider.clone.committed");
	return 0;
}

/* Nothing is held any more: what was kept apart goes into the copies. */
static int
post_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;

	vss_stop_point("provider.clone.post-commit");
	for (size_t i = 0; i < ps->n; i++) {
		if (on_volume(ps, i, vss_clone_finish, err))
			return -1;
		vss_clone_free(ps->v[i].own);
		ps->v[i].own = NULL;
		if (unlinkat(s->dirfd[i], VSS_CLONE_ASIDE, AT_REMOVEDIR))
			return vss_fail(
				err, VSS_SYSTEM, errno, "%s: the place beside the copy", ps->v[i].volume->mount);
	}
	return 0;
}

static void
free_clones(struct vss_provider_set *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		vss_clone_free(ps->v[i].own);
		ps->v[i].own = NULL;
	}
}

/* The document that follows must not be on disk before the copies are. */
static int
post_final_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;

	vss_stop_point("provider.clone.post-final-commit");
	for (size_t i = 0; i < s->n; i++)
		if (syncfs(s->v[i].fd))
			return vss_fail(err, VSS_SYSTEM, errno, "%s: write the copy to disk", s->v[i].place);
	return 0;
}

static int
abort_set(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.clone.abort");
	free_clones(ps);
	return vss_stores_abort(ps, &kind, err);
}

static void
done(struct vss_provider_set *ps)
{
	vss_stop_point("provider.clone.done");
	free_clones(ps);
	vss_stores_done(ps);
}

static int
places(const struct vss_provider_ops *self, struct vss_provider_places *out, struct vss_err *err)
{
	(void)self;
	return vss_store_places(&kind, out, err);
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
	VSS_AUTOCLOSE int fd = root < 0 ? -1 : vss_store_find(root, kind.provider, err);
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
expose(const struct vss_shadow *s, const char *device, const char *path, struct vss_err *err)
{
	(void)s;
	return vss_expose_mount(device, path, err);
}

static int
unexpose(const struct vss_shadow *s, const char *path, struct vss_err *err)
{
	(void)s;
	return vss_expose_unmount(path, err);
}

static int
remove_copy(const struct vss_shadow *s, struct vss_err *err)
{
	vss_stop_point("provider.clone.remove");
	return vss_store_remove_copy(s, &kind, err);
}

static int
exists(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_store_copy_exists(s, &kind, err);
}

static int
tidy(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_store_tidy_place(s->place, &kind, err);
}

static int
use(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err)
{
	return vss_store_use(copies, n, &kind, out, err);
}

static int
reap(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err)
{
	(void)self;
	return vss_store_reap(&kind, removed, err);
}

static int
revert(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err)
{
	return vss_store_revert(s, &kind, false, how, err);
}

static int
detach(const struct vss_shadow *s, const char *name, bool writable, char **where, struct vss_err *err)
{
	if (!writable)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "a directory cannot be read-only: say --writable");
	return vss_store_detach(s, &kind, name, where, err);
}

static int
send_copy(const struct vss_shadow *s, int fd, struct vss_err *err)
{
	return vss_store_send(s, &kind, fd, err);
}

static int
receive(struct vss_provider_set *ps, size_t i, int fd, struct vss_err *err)
{
	if (!ps->own) {
		if (vss_stores_begin(ps, &kind, err) < 0)
			return -1;
		const struct vss_stores *s = ps->own;
		for (size_t k = 0; k < s->n; k++)
			if (remember_storage(ps, &s->v[k], err) < 0)
				return -1;
	}
	return vss_store_receive(ps, &kind, i, fd, err);
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
	.begin_prepare = begin_prepare,
	.pre_commit = pre_commit,
	.commit = commit,
	.post_commit = post_commit,
	.post_final_commit = post_final_commit,
	.abort = abort_set,
	.done = done,
	.places_of = vss_stores_places_of,
	.places = places,
	.surface = surface,
	.unsurface = unsurface,
	.expose = expose,
	.unexpose = unexpose,
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
