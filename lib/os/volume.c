/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

void
vss_volume_free(struct vss_volume *v)
{
	if (!v)
		return;
	free(v->mount);
	free(v->source);
	free(v->fstype);
	free(v->id);
	free(v->fs_uuid);
	free(v->fs_root);
	free(v->subpath);
	free(v);
}

struct vss_volume *
vss_volume_copy(const struct vss_volume *v)
{
	struct vss_volume *c = vss_memdup(v, sizeof *v);
	c->mount = vss_strdup(v->mount);
	c->source = vss_strdup(v->source);
	c->fstype = vss_strdup(v->fstype);
	c->id = vss_strdup(v->id);
	c->fs_uuid = vss_strdup(v->fs_uuid);
	c->fs_root = vss_strdup(v->fs_root);
	c->subpath = vss_strdup(v->subpath);
	return c;
}

void
vss_volume_list_free(struct vss_volume_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		vss_volume_free(list->v[i]);
	free(list->v);
	*list = (struct vss_volume_list){ NULL, 0, 0 };
}

/* A copy of ours that is mounted, here or where it was exposed (tree/walk.h names the storage): not a volume of the user's. */
static bool
is_shadow(const struct vss_mount *m)
{
	return vss_path_is_below(m->target, vss_run_dir()) || strstr(m->root, "/.vss-shadows/") ||
	       vss_device_is_copy(m->dev);
}

/*
 * Another mount of the same file system that was looked at before, or NULL: whatever its device tells is known.  Only its subvolumes
 * tell themselves apart by the device that they show.
 */
static const struct vss_volume *
twin_of(const struct vss_mount *m, const struct vss_volume_list *known)
{
	if (strcmp(m->fstype, "btrfs") == 0)
		return NULL;
	for (size_t i = 0; i < known->n; i++)
		if (known->v[i]->dev == m->dev && !known->v[i]->pseudo && strcmp(known->v[i]->fstype, m->fstype) == 0)
			return known->v[i];
	return NULL;
}

static void
identify_by_twin(struct vss_volume *v, const struct vss_mount *m, const struct vss_volume *twin)
{
	v->fs_uuid = vss_strdup(twin->fs_uuid);
	v->id = vss_strdup(twin->id);
	v->subpath = vss_strdup(m->root + strspn(m->root, "/"));
}

static struct vss_volume *
volume_of_mount(const struct vss_mount *m, const struct vss_mount_list *list, const struct vss_volume *twin)
{
	struct vss_volume *v = vss_alloc(sizeof *v);
	*v = (struct vss_volume){
		.mount = vss_strdup(m->target),
		.source = vss_strdup(m->source),
		.fstype = vss_strdup(m->fstype),
		.fs_root = vss_strdup(m->root),
		.dev = m->dev,
		.read_only = m->read_only,
		.mount_read_only = m->mount_read_only,
		.network = vss_fs_is_network(m->fstype),
		.pseudo = vss_fs_is_pseudo(m->fstype),
		.shadow = is_shadow(m),
	};
	if (twin) {
		identify_by_twin(v, m, twin);
		return v;
	}
	if (!v->pseudo) {
		vss_volume_identify(v, m, list);
		return v;
	}
	v->id = vss_strdup("");
	v->subpath = vss_strdup(m->root + strspn(m->root, "/"));
	return v;
}

static bool
is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_listable(const struct vss_mount *m, const struct vss_mount_list *mounts, bool all)
{
	if (!all && (vss_fs_is_pseudo(m->fstype) || is_shadow(m)))
		return false;
	if (vss_mounts_at(mounts, m->target) != m)
		return false;
	/* Only a bind mount can be a file; a whole network file system is not touched. */
	return strcmp(m->root, "/") == 0 || strcmp(m->fstype, "btrfs") == 0 || is_directory(m->target);
}

static bool
shows_root(const struct vss_volume *v)
{
	return v->subpath && !*v->subpath;
}

/* Takes `v`.  One entry for each volume: the first mount that shows its root, else the first. */
static void
add_volume(struct vss_volume_list *out, struct vss_volume *v)
{
	for (size_t i = 0; i < out->n; i++) {
		struct vss_volume *old = out->v[i];
		if (old->dev != v->dev || strcmp(old->fstype, "fake") == 0)
			continue;
		bool better = shows_root(v) && !shows_root(old);
		out->v[i] = better ? v : old;
		vss_volume_free(better ? old : v);
		return;
	}
	VSS_PUSH(out->v, out->n, out->cap) = v;
}

static int
by_mount(const void *a, const void *b)
{
	const struct vss_volume *const *x = a, *const *y = b;
	return strcmp((*x)->mount, (*y)->mount);
}

/* Takes `v`. */
static void
add_mounted(struct vss_volume_list *out, struct vss_volume *v)
{
	VSS_PUSH(out->v, out->n, out->cap) = v;
}

static int
list_volumes(bool all, void (*add)(struct vss_volume_list *, struct vss_volume *), struct vss_volume_list *out,
	struct vss_err *err)
{
	struct vss_mount_list mounts;
	if (vss_mounts(&mounts, err) < 0)
		return -1;
	*out = (struct vss_volume_list){ NULL, 0, 0 };
	vss_fake_volumes(out);
	for (size_t i = 0; i < mounts.n; i++)
		if (is_listable(&mounts.v[i], &mounts, all))
			add(out, volume_of_mount(&mounts.v[i], &mounts, twin_of(&mounts.v[i], out)));
	vss_mount_list_free(&mounts);
	if (out->n > 1)
		qsort(out->v, out->n, sizeof *out->v, by_mount);
	return 0;
}

int
vss_volumes(bool all, struct vss_volume_list *out, struct vss_err *err)
{
	return list_volumes(all, add_volume, out, err);
}

int
vss_volumes_mounted(struct vss_volume_list *out, struct vss_err *err)
{
	return list_volumes(true, add_mounted, out, err);
}

/* The innermost fake volume that the open file lies on, or NULL. */
static struct vss_volume *
fake_volume_of(int fd)
{
	struct vss_volume_list fakes = { NULL, 0, 0 };
	struct vss_volume *best = NULL;
	char real[PATH_MAX];
	VSS_AUTOFREE char *link = vss_strf("/proc/self/fd/%d", fd);
	vss_fake_volumes(&fakes);
	ssize_t n = fakes.n > 0 ? readlink(link, real, sizeof real - 1) : -1;
	real[n < 0 ? 0 : n] = '\0';
	for (size_t i = 0; n > 0 && i < fakes.n; i++)
		if (vss_path_is_below(real, fakes.v[i]->mount) &&
			(!best || strlen(fakes.v[i]->mount) > strlen(best->mount)))
			best = fakes.v[i];
	best = best ? vss_volume_copy(best) : NULL;
	vss_volume_list_free(&fakes);
	return best;
}

static struct vss_volume *
mounted_volume_of(int fd, const char *path, struct vss_err *err)
{
	struct statx sx;
	struct vss_mount_list mounts;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &sx) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", path);
		return NULL;
	}
	if (vss_mounts(&mounts, err) < 0)
		return NULL;
	const struct vss_mount *m = vss_mounts_by_id(&mounts, sx.stx_mnt_id);
	struct vss_volume *v = m ? volume_of_mount(m, &mounts, NULL) : NULL;
	struct vss_volume *inner = v ? vss_volume_around(v, fd) : NULL;
	if (inner) {
		vss_volume_free(v);
		v = inner;
	}
	if (!v)
		vss_fail(err, VSS_ABSENT, 0, "%s: lies on no volume that is mounted here", path);
	vss_mount_list_free(&mounts);
	return v;
}

struct vss_volume *
vss_volume_of(const char *path, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", path);
		return NULL;
	}
	struct vss_volume *v = fake_volume_of(fd);
	return v ? v : mounted_volume_of(fd, path, err);
}

struct vss_volume *
vss_volume_near(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *at = vss_strdup(path);
	struct vss_err why = VSS_ERR_INIT;
	struct vss_volume *v;
	while (!(v = vss_volume_of(at, &why)) && strcmp(at, "/") != 0) {
		char *up = vss_path_dir(at);
		free(at);
		at = up;
	}
	if (!v)
		*err = why;
	return v;
}

char *
vss_volume_inner(const struct vss_volume *v, const char *path)
{
	const char *below = vss_path_below(path, v->mount);
	if (!below || !v->subpath)
		return NULL;
	return *v->subpath ? vss_path_join(v->subpath, below) : vss_strdup(below);
}

int
vss_free_bytes(int fd, uint64_t *out, struct vss_err *err)
{
	struct statfs fs;
	if (fstatfs(fd, &fs) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "free space");
	/* btrfs reserves nothing for root, and its f_bfree counts chunks that data may never get. */
	uint64_t blocks = fs.f_type == BTRFS_SUPER_MAGIC ? fs.f_bavail : fs.f_bfree;
	*out = blocks * (uint64_t)fs.f_frsize;
	return 0;
}
