/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECES_MAX 65536

/*
 * While the source is held nothing is written but memory, or an unlinked file that lies elsewhere: what a pass tells is kept, in its
 * order, and put into the copy after the release.  Nobody can change the source meanwhile, so nothing is flushed and nothing looked
 * at twice.  The blocks are never shared with the source: XFS would make us wait for the thaw.
 */

/* What is kept of a change beside its content. */
static uint64_t
weight(const struct vss_clone_change *x)
{
	uint64_t n = sizeof *x + (x->name ? strlen(x->name) + 1 : 0) + x->pieces.cap * sizeof(*x->pieces.v);

	for (size_t i = 0; i < x->a.nxattrs; i++)
		n += sizeof(*x->a.xattrs) + x->a.xattrs[i].size;
	return n;
}

static int
keep_content(struct vss_clone *c, struct vss_clone_change *x, int in, struct vss_err *err)
{
	struct vss_extents map = { NULL, 0, 0 };
	int r = vss_extents_of(in, x->a.size, PIECES_MAX, &map, err);

	if (r)
		err->code = VSS_BUSY; /* the source, not our place */
	for (size_t i = 0; r == 0 && i < map.n; i++) {
		struct vss_clone_piece p = { .at = map.v[i].at, .len = map.v[i].len };
		r = vss_clone_spool_add(&c->spool, in, p.at, p.len, &p.where, err);
		c->report.bytes += p.len;
		VSS_PUSH(x->pieces.v, x->pieces.n, x->pieces.cap) = p;
	}
	vss_extents_free(&map);
	return r;
}

/* 0, 1 when the source cannot be read, -1. */
static int
take_file(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err)
{
	VSS_AUTOCLOSE int in = vss_copy_open(x->dirfd, x->source, err);

	if (in < 0 || vss_attr_read(x->dirfd, x->source, in, &x->a, err))
		return 1;
	int64_t since = vss_now_mono();
	int r = keep_content(c, x, in, err);
	c->report.copy_ns += vss_now_mono() - since;
	return r && err->code == VSS_BUSY ? 1 : r;
}

static int
take(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err)
{
	bool special = !S_ISREG(x->inode->type) && !S_ISDIR(x->inode->type);
	bool whole = x->what == VSS_CLONE_PUT && x->differs && !special;
	int r;

	if (!whole && x->what != VSS_CLONE_SEAL && (!special || x->inode->taken == c->pass))
		return 0; /* the name alone: whether its file was lost is known already */
	x->inode->lost = false;
	if (whole)
		r = take_file(c, x, err);
	else
		r = vss_attr_read(x->dirfd, x->source, -1, &x->a, err) ? 1 : 0;
	if (r == 0)
		x->nodump = x->a.mode && !special && vss_copy_is_nodump(x->dirfd, x->source);
	if (r <= 0)
		return r;
	x->inode->lost = true;
	return vss_clone_lose(c, x->path, x->inode->type, err);
}

int
vss_clone_gather(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err)
{
	struct vss_clone_change kept = *x;

	kept.name = vss_strdup(x->name);
	kept.kept = true;
	int r = kept.inode ? take(c, &kept, err) : 0;
	kept.path = kept.name;
	kept.dirfd = -1;
	kept.source = NULL;
	c->changes_bytes += weight(&kept);
	VSS_PUSH(c->changes, c->nchanges, c->cchanges) = kept;
	if (r == 0 && c->changes_bytes > VSS_CLONE_MEMORY_MAX / 4)
		return vss_fail(err, VSS_NOSPACE, 0, "too many files changed at the end to be kept in memory");
	return r;
}

int
vss_clone_replay(struct vss_clone *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->nchanges; i++) {
		if (atomic_load(&c->ps->cancelled))
			return vss_fail(err, VSS_INTERRUPTED, 0, "the set has been given up");
		if (vss_clone_put(c, &c->changes[i], err))
			return vss_wrap(err, "%s", c->changes[i].name);
	}
	vss_clone_drop_changes(c);
	return vss_clone_clear_aside(c, err);
}

void
vss_clone_drop_changes(struct vss_clone *c)
{
	for (size_t i = 0; i < c->nchanges; i++) {
		vss_attr_clear(&c->changes[i].a);
		free(c->changes[i].pieces.v);
		free(c->changes[i].name);
	}
	free(c->changes);
	c->changes = NULL;
	c->nchanges = c->cchanges = 0;
	c->changes_bytes = 0;
	vss_clone_spool_close(&c->spool);
}
