/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/unchanged.h"

#include "base/time.h"

#include <string.h>
#include <sys/stat.h>

/* File systems stamp changes with a clock that ticks, some once in two seconds. */
#define TICK (2 * VSS_S)

static bool
is_device(mode_t mode)
{
	return S_ISBLK(mode) || S_ISCHR(mode);
}

static bool
has_equal_attributes(const struct vss_archive_node *node, const struct vss_member *m, const unsigned char xattrs[32],
	const unsigned char link[32])
{
	return node->mode == m->mode && node->uid == m->uid && node->gid == m->gid && node->mtime_s == m->mtime_s &&
	       node->mtime_ns == m->mtime_ns && (!S_ISREG(m->mode) || node->size == m->size) &&
	       (!is_device(m->mode) || node->rdev == m->rdev) && memcmp(node->xattr_sha256, xattrs, 32) == 0 &&
	       (!S_ISLNK(m->mode) || memcmp(node->link_sha256, link, 32) == 0);
}

/* Is it the file that the base has, and was it not touched since? */
static bool
is_known(const struct vss_archive_node *node, const struct vss_entry_now *now)
{
	const struct vss_member *m = now->m;

	if (!now->identity || !node->has_identity)
		return false;
	if (m->ctime_s >= (now->base_ns - TICK) / VSS_S)
		return false;
	return node->inode == m->inode && node->ctime_s == m->ctime_s && node->ctime_ns == m->ctime_ns;
}

enum vss_unchanged
vss_unchanged_since(const struct vss_archive_node *node, const struct vss_entry_now *now,
	const unsigned char xattrs[32], const unsigned char link[32])
{
	const struct vss_member *m = now->m;

	if (S_ISDIR(m->mode) || now->nlink > 1 || node->is_hardlink || !has_equal_attributes(node, m, xattrs, link))
		return VSS_CHANGED;
	if (is_known(node, now))
		return VSS_UNCHANGED;
	if (node->partial)
		return VSS_CHANGED;
	if (!S_ISREG(m->mode))
		return VSS_UNCHANGED;
	return node->has_digest ? VSS_UNCHANGED_IF_READ : VSS_CHANGED;
}
