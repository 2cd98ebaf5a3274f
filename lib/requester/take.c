/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/take.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "os/interrupt.h"
#include "requester/take_file.h"
#include "tree/beneath.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BTRFS_EMPTY_SUBVOL_INO 2 /* what a nested subvolume is in a snapshot of the outer one */

/* One walk: where it stands in the original tree, and by which copy it is read. */
struct root {
	struct vss_taking *taking;
	const struct vss_plan_volume *volume;
	const char *path; /* original path of the root of the walk */
};

static int take_root(struct vss_taking *t, const char *path, struct vss_err *err);

/* The volume mounted at `path`, if the plan has it. */
static const struct vss_plan_volume *
mounted_at(const struct vss_plan *p, const char *path)
{
	for (size_t i = 0; i < p->nvolumes; i++)
		if (strcmp(p->volumes[i].volume->mount, path) == 0)
			return &p->volumes[i];
	return NULL;
}

static bool
is_lost_subvolume(const struct root *r, const struct vss_walk_entry *e)
{
	return e->depth > 0 && S_ISDIR(e->st->st_mode) && e->st->st_ino == BTRFS_EMPTY_SUBVOL_INO &&
		strcmp(r->volume->volume->fstype, "btrfs") == 0;
}

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	const struct root *r = ctx;
	struct vss_take *t = r->taking->take;
	VSS_AUTOFREE char *path = vss_path_join(r->path, e->path);
	bool dir = S_ISDIR(e->st->st_mode);

	if (vss_check_interrupt(err) < 0)
		return VSS_WALK_STOP;
	unsigned verdict = vss_choice_asks(&t->plan->choice, path, e->st->st_mode);
	if (!verdict)
		return VSS_WALK_SKIP;
	if (dir && e->depth > 0 && mounted_at(t->plan, path)) /* Z23: read from its own copy */
		return take_root(r->taking, path, err) < 0 ? VSS_WALK_STOP : VSS_WALK_SKIP;
	if (is_lost_subvolume(r, e))
		vss_take_failed(t, path, S_IFDIR, "a nested subvolume is not in the shadow copy: mount it, or name it by itself");
	if (verdict & VSS_TAKE) {
		int rc = vss_take_file(r->taking, e->dirfd, e->name, path, e->st, err);
		if (rc < 0)
			return VSS_WALK_STOP;
		if (rc == 1 && dir)
			return VSS_WALK_SKIP;
	}
	return dir && !(verdict & VSS_DESCEND) ? VSS_WALK_SKIP : VSS_WALK_ON;
}

static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	const struct root *r = ctx;
	VSS_AUTOFREE char *path = vss_path_join(r->path, e->path);

	if (r->taking->take->archive) /* counting comes by here too */
		vss_take_failed(r->taking->take, path, S_IFDIR, err->text);
	return VSS_WALK_ON;
}

static const struct vss_walk_ops walk_ops = {
	.visit = visit, .trouble = trouble, .one_file_system = true, .skip_shadows = true,
};

/* The root of the volume's copy. Everything below it is opened beneath this descriptor: a link in the copy leads nowhere. */
static int
open_copy(struct vss_take *t, const struct vss_plan_volume *v, struct vss_err *err)
{
	VSS_AUTOFREE char *device = vss_session_copy_path(t->session, v->volume->mount);
	VSS_AUTOFREE char *inside = device ? vss_strf("%s/.", device) : NULL; /* the device path itself may be a link of ours */

	if (!inside)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: not in the set", v->volume->mount);
	int fd = open(inside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		vss_fail(err, VSS_SYSTEM, errno, "%s: open the shadow copy", v->volume->mount);
	return fd;
}

/* The entry `base` of `dirfd`, a directory or a single file. */
static int
take_below(struct root *r, int dirfd, const char *base, struct vss_err *err)
{
	struct vss_take *t = r->taking->take;
	struct stat st;

	if (fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "look at it in the shadow copy");
	if (!S_ISDIR(st.st_mode)) {
		if (!(vss_choice_asks(&t->plan->choice, r->path, st.st_mode) & VSS_TAKE))
			return 0;
		return vss_take_file(r->taking, dirfd, base, r->path, &st, err) < 0 ? -1 : 0;
	}
	VSS_AUTOCLOSE int fd = openat(dirfd, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open it in the shadow copy");
	return vss_walk(fd, &walk_ops, r, err);
}

/* What was chosen is not there: a component's directory that does not exist, or a path that went away after it was named. */
static int
gone(struct vss_taking *t, const char *path, const struct vss_err *why)
{
	if (t->take->archive)
		vss_take_failed(t->take, path, S_IFDIR, why->text);
	return 0;
}

static int
take_root(struct vss_taking *t, const char *path, struct vss_err *err)
{
	struct root r = { t, vss_plan_volume_of(t->take->plan, path), path };
	const char *rel, *base;

	if (!r.volume)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: its volume is not in the set", path);
	VSS_AUTOCLOSE int root = open_copy(t->take, r.volume, err);
	if (root < 0)
		return -1;
	rel = vss_path_below(path, r.volume->volume->mount);
	if (!*rel)
		return vss_walk(root, &walk_ops, &r, err);
	VSS_AUTOCLOSE int parent = vss_open_parent(root, rel, false, &base, err);
	int rc = parent < 0 ? -1 : take_below(&r, parent, base, err);
	return rc < 0 && err->code == VSS_ABSENT ? gone(t, path, err) : rc;
}

/* Paths are kept for the archive only; with nothing beside it (a stream) they are kept in memory. */
static struct vss_links *
new_links(const struct vss_take *take, struct vss_err *err)
{
	if (take->archive && take->spool_dirfd < 0)
		return vss_links_new(VSS_LINKS_MEMORY, err);
	return vss_links_new(take->spool_dirfd, err);
}

int
vss_take_all(struct vss_take *take, struct vss_err *err)
{
	struct vss_taking t = { .take = take, .links = new_links(take, err) };
	struct vss_strv roots = VSS_STRV_INIT;
	int rc = 0;

	if (!t.links)
		return -1;
	t.buffer = vss_alloc(VSS_TAKE_BUFFER);
	vss_choice_roots(&take->plan->choice, &roots);
	for (size_t i = 0; i < roots.n && rc == 0; i++)
		rc = take_root(&t, roots.v[i], err);
	vss_strv_free(&roots);
	vss_links_free(t.links);
	free(t.buffer);
	return rc;
}
