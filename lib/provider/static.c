/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/builtin_internal.h"
#include "provider/static_internal.h"
#include "provider/store_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/time.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A volume whose superblock is read-only is its own shadow copy: nothing is copied, and its device path leads to a read-only
 * mount of the volume.  What lies in <state>/static is the set document and, for each copy, the evidence by which it is
 * seen later whether the volume was written to since.
 */
#define EVIDENCE "evidence"
enum { EVIDENCE_MOST = 1024 };

static char *
place_for(const struct vss_provider_set *ps, const struct vss_volume *v)
{
	(void)ps;
	(void)v;
	return vss_path_join(vss_state_dir(), "static");
}

static int
open_root(const char *place, struct vss_err *err)
{
	int fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", place) : fd;
}

static int
candidates(struct vss_strv *places, struct vss_err *err)
{
	(void)err;
	vss_strv_take(places, place_for(NULL, NULL));
	return 0;
}

static void
gone(const char *place)
{
	rmdir(place); /* empty, or of use to somebody */
}

static const struct vss_store_kind kind = {
	.provider = "static",
	.place_for = place_for,
	.open_root = open_root,
	.candidates = candidates,
	.drop = vss_remove_tree,
	.gone = gone,
};

static int
bid(const struct vss_provider_ops *self, const struct vss_volume *v)
{
	(void)self;
	return vss_static_suits(v) ? 200 : 0;
}

static enum vss_instant
promise(const struct vss_provider_set *ps)
{
	(void)ps;
	return VSS_INSTANT_ONE;
}

static int
check(const struct vss_provider_set *ps, const struct vss_volume *v, struct vss_err *err)
{
	struct vss_static_evidence e;

	(void)ps;
	if (geteuid() != 0)
		return vss_fail(err, VSS_DENIED, 0, "%s: only root can see whether it is written to", v->mount);
	return vss_static_look(v, &e, err) ? vss_wrap(err, "%s", v->mount) : 0;
}

static int
begin_prepare(struct vss_provider_set *ps, struct vss_err *err)
{
	VSS_AUTOFREE char *place = place_for(ps, NULL);

	vss_stop_point("provider.static.begin-prepare");
	if (vss_make_dirs(place, err) || vss_stores_begin(ps, &kind, err))
		return -1;
	vss_stop_point("provider.static.prepared");
	return 0;
}

/* Where it was mounted, if it still is; else wherever it is: a mount of a copy has the same ID. */
static struct vss_volume *
find(const char *id, const char *mount, struct vss_err *err)
{
	struct vss_err ignored = VSS_ERR_INIT;
	struct vss_volume *v = vss_volume_of(mount, &ignored);

	if (v && vss_str_eq(v->id, id))
		return v;
	vss_volume_free(v);
	return vss_volume_named(id, err);
}

/* The volume as it is now, still read-only; NULL: VSS_E_OBJECT_NOT_FOUND when it has changed its nature. */
static struct vss_volume *
look_again(const char *id, const char *mount, struct vss_err *err)
{
	struct vss_volume *v = find(id, mount, err);

	if (!v || vss_static_suits(v))
		return v;
	vss_volume_free(v);
	vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: it is not read-only any more", mount);
	return NULL;
}

static int
take_volume(struct vss_provider_volume *pv, struct vss_static_evidence *e, struct vss_err *err)
{
	struct vss_volume *v = look_again(pv->volume->id, pv->volume->mount, err);

	if (!v)
		return -1;
	int rc = vss_static_look(v, e, err);
	vss_volume_free(v);
	if (rc)
		return vss_wrap(err, "%s", pv->volume->mount);
	pv->still = true;
	pv->attributes = VSS_ATTR_DIFFERENTIAL;
	pv->proof_key = vss_strdup("written-sectors");
	pv->proof_value = e->written;
	pv->committed_ns = vss_now_mono();
	return 0;
}

static int
keep_evidence(int dirfd, const struct vss_static_evidence *e, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (mkdirat(dirfd, VSS_STORE_COPY, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "make the copy");
	VSS_AUTOCLOSE int fd = openat(dirfd, VSS_STORE_COPY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open the copy");
	vss_static_write(e, &text);
	return vss_write_file_at(fd, EVIDENCE, text.data, text.len, 0600, err);
}

static int
commit(struct vss_provider_set *ps, struct vss_err *err)
{
	VSS_AUTOFREE struct vss_static_evidence *e = ps->own ? vss_alloc(ps->n * sizeof *e) : NULL;

	vss_stop_point("provider.static.commit");
	for (size_t i = 0; i < ps->n; i++)
		if (take_volume(&ps->v[i], &e[i], err))
			return -1;
	ps->v[0].own = vss_take(&e);
	vss_stop_point("provider.static.committed");
	return 0;
}

/* Files are written here, not while other file systems may be held. */
static int
post_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;
	const struct vss_static_evidence *e = ps->v[0].own;

	for (size_t i = 0; i < ps->n; i++)
		if (keep_evidence(s->dirfd[i], &e[i], err))
			return vss_wrap(err, "%s", s->v[s->of[i]].place);
	return 0;
}

static void
forget(struct vss_provider_set *ps)
{
	free(ps->v[0].own);
	ps->v[0].own = NULL;
}

static int
abort_set(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.static.abort");
	forget(ps);
	return vss_stores_abort(ps, &kind, err);
}

static void
done(struct vss_provider_set *ps)
{
	vss_stop_point("provider.static.done");
	forget(ps);
	vss_stores_done(ps);
}

static int
places(const struct vss_provider_ops *self, struct vss_provider_places *out, struct vss_err *err)
{
	(void)self;
	return vss_store_places(&kind, out, err);
}

/* Copies of one volume share its mount. */
static void
mount_key(const struct vss_shadow *s, char out[VSS_UUID_TEXT])
{
	struct vss_uuid key;

	vss_uuid_of_bytes(&key, s->volume_id, strlen(s->volume_id));
	vss_uuid_text(&key, out);
}

static int
read_evidence(const struct vss_shadow *s, struct vss_static_evidence *out, struct vss_err *err)
{
	VSS_AUTOFREE char *sub = vss_store_copy_path(&s->id);
	VSS_AUTOFREE char *path = vss_strf("%s/%s/" EVIDENCE, s->place, sub);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (vss_read_file(path, EVIDENCE_MOST, &text, err))
		return -1;
	vss_buf_str(&text, "");
	return vss_static_read(text.data, out, err);
}

/* The volume that is the copy: read-only, and never written to since.  VSS_E_OBJECT_NOT_FOUND when it was; VSS_ABSENT. */
static struct vss_volume *
unchanged(const struct vss_shadow *s, struct vss_err *err)
{
	struct vss_static_evidence then, now;

	if (read_evidence(s, &then, err))
		return NULL;
	struct vss_volume *v = find(s->volume_id, s->volume, err);
	if (!v) {
		vss_fail(err, VSS_ABSENT, 0, "%s: the volume is not mounted, and it is its own copy", s->volume);
		return NULL;
	}
	bool same = vss_static_suits(v);
	int rc = same ? vss_static_look(v, &now, err) : 0;
	if (rc == 0 && same && vss_static_is_same(&then, &now))
		return v;
	vss_volume_free(v);
	if (rc == 0)
		vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0,
			"%s: it was mounted for writing since the copy was made, and it is its own copy", s->volume);
	return NULL;
}

static int
surface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	char key[VSS_UUID_TEXT];
	struct vss_volume *v = unchanged(s, err);

	if (!v)
		return -1;
	VSS_AUTOCLOSE int root = open_root(v->mount, err);
	vss_volume_free(v);
	mount_key(s, key);
	return root < 0 ? -1 : vss_surface_mount(root, key, "", device, err);
}

static int
unsurface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	char key[VSS_UUID_TEXT];

	mount_key(s, key);
	return vss_surface_unmount(key, device, err);
}

static int
remove_copy(const struct vss_shadow *s, struct vss_err *err)
{
	vss_stop_point("provider.static.remove");
	return vss_store_remove_copy(s, &kind, err);
}

static int
exists(const struct vss_shadow *s, struct vss_err *err)
{
	int there = vss_store_copy_exists(s, &kind, err);

	if (there <= 0)
		return there;
	struct vss_volume *v = unchanged(s, err);
	if (!v)
		return err->code == VSS_E_OBJECT_NOT_FOUND ? vss_forgive(err) : -1;
	vss_volume_free(v);
	return 1;
}

/* It keeps nothing of its own. */
static int
use(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err)
{
	(void)copies;
	(void)n;
	(void)err;
	*out = (struct vss_provider_use){ .capacity = UINT64_MAX };
	return 0;
}

static int
tidy(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_store_tidy_place(s->place, &kind, err);
}

static int
reap(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err)
{
	(void)self;
	return vss_store_reap(&kind, removed, err);
}

const struct vss_provider_ops vss_provider_static = {
	.name = "static",
	.title = "vss-tools provider of volumes that do not change",
	.id = "7f4b8c52-1f0e-4a5d-9a37-5a0b6c1f6a05",
	.version = "1.0",
	.type = VSS_PROV_SOFTWARE,
	.atomic_set = true,
	.differential = true,
	.keeps_identity = true,
	.still = true,
	.self_made = true,
	.bid = bid,
	.promise = promise,
	.check = check,
	.begin_prepare = begin_prepare,
	.commit = commit,
	.post_commit = post_commit,
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
	.use = use,
};
