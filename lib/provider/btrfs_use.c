/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * What copies keep that would be free without them: the extents of all copies of a volume, less those that
 * the volume has still.  The trees are read, no file is opened.  The oldest copy is read whole; of each that
 * follows only what is younger than the one before it, because a snapshot has in common with the last all that
 * was not written in between.  So the cost is that of one copy, the volume, and what has changed.
 */

static int
by_start(const void *a, const void *b)
{
	const struct vss_btrfs_extent *x = a, *y = b;
	return x->start < y->start ? -1 : x->start > y->start;
}

/* In order, each once. */
static void
settle(struct vss_btrfs_extents *x)
{
	size_t kept = 0;

	if (x->n)
		qsort(x->v, x->n, sizeof *x->v, by_start);
	for (size_t i = 0; i < x->n; i++)
		if (kept == 0 || x->v[i].start != x->v[kept - 1].start)
			x->v[kept++] = x->v[i];
	x->n = kept;
}

uint64_t
vss_btrfs_only_in(struct vss_btrfs_extents *copies, struct vss_btrfs_extents *volume)
{
	uint64_t sum = 0;
	size_t k = 0;

	settle(copies);
	settle(volume);
	for (size_t i = 0; i < copies->n; i++) {
		while (k < volume->n && volume->v[k].start < copies->v[i].start)
			k++;
		if (k == volume->n || volume->v[k].start != copies->v[i].start)
			sum += copies->v[i].len;
	}
	return sum;
}

/* What is being added up for the copies of one volume. */
struct adding {
	int topfd;
	struct vss_btrfs_extents extents;
	uint64_t since;		 /* the transaction of the copy before */
	uint64_t exclusive;	 /* what their quota groups say */
	size_t present, counted; /* copies that are there, and those with a quota group */
};

static int
add_copy(struct adding *a, const struct vss_shadow *s, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_store_copy_path(&s->id);
	VSS_AUTOCLOSE int fd = openat(a->topfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	uint64_t id, otransid, exclusive;

	if (fd < 0) /* one that is missing takes nothing */
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (vss_btrfs_identify(fd, &id, &otransid, err))
		return -1;
	a->present++;
	if (vss_btrfs_exclusive(a->topfd, id, &exclusive) == 0) {
		a->exclusive += exclusive;
		a->counted++;
	}
	int r = vss_btrfs_tree_extents(a->topfd, id, a->since ? a->since + 1 : 0, &a->extents, err);
	a->since = otransid;
	return r < 0 ? -1 : 0;
}

/* The volume as it is now; one that is gone has nothing in common with its copies. */
static int
subtract_volume(struct adding *a, const struct vss_shadow *s, uint64_t *sum, struct vss_err *err)
{
	struct vss_btrfs_extents volume = { 0 };
	struct vss_uuid uuid;
	uint64_t id = 0;
	int r = 0;

	if (vss_uuid_parse(s->volume_id, &uuid) == 0 && vss_btrfs_by_uuid(a->topfd, &uuid, &id) == 0)
		r = vss_btrfs_tree_extents(a->topfd, id, 0, &volume, err);
	if (r >= 0)
		*sum = vss_btrfs_only_in(&a->extents, &volume);
	free(volume.v);
	return r < 0 ? -1 : 0;
}

/* One copy's quota group knows exactly; of several it leaves out what they have in common with each other only. */
static void
conclude(const struct adding *a, uint64_t sum, struct vss_provider_use *out)
{
	bool quota = a->present && a->counted == a->present;

	out->used = quota && (a->present == 1 || a->exclusive > sum) ? a->exclusive : sum;
	out->allocated = out->used;
	out->estimated = a->present > 0 && !(quota && a->present == 1);
}

int
vss_btrfs_use(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = vss_btrfs_kind.open_root(copies[0]->place, err);
	VSS_AUTOCLOSE int top = root < 0 ? -1 : openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* for ioctls */
	struct adding a = { .topfd = top };
	uint64_t sum = 0;
	int r = top < 0 ? -1 : 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_copy(&a, copies[i], err);
	if (r == 0)
		r = subtract_volume(&a, copies[0], &sum, err);
	free(a.extents.v);
	if (root < 0)
		return -1;
	if (top < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "btrfs %s", copies[0]->place);
	if (r < 0)
		return vss_wrap(err, "btrfs %s", copies[0]->place);
	*out = (struct vss_provider_use){ 0 };
	vss_store_capacity(top, out);
	conclude(&a, sum, out);
	return 0;
}
