/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/convert.h"

#include "base/mem.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Names of owners: the same few come again and again, and each look-up may be a conversation with a directory
 * server.
 */
struct name {
	unsigned id;
	bool known;
	char *text;
};
#define NAMES 64
static struct name users[NAMES], groups[NAMES];

static const char *
user_name(uid_t id)
{
	const struct passwd *p = getpwuid(id);
	return p ? p->pw_name : NULL;
}

static const char *
group_name(gid_t id)
{
	const struct group *g = getgrgid(id);
	return g ? g->gr_name : NULL;
}

static char *
name_of(struct name *table, unsigned id, const char *(*look_up)(unsigned))
{
	struct name *n = &table[id % NAMES];

	if (!n->known || n->id != id) {
		free(n->text);
		*n = (struct name){ id, true, vss_strdup(look_up(id)) };
	}
	return vss_strdup(n->text);
}

void
vss_member_set_map(struct vss_member *m, const struct vss_extents *x)
{
	m->sparse = !(x->n == 1 && x->v[0].at == 0 && x->v[0].len == m->size) && m->size > 0;
	if (!m->sparse)
		return;
	m->extents = vss_alloc((x->n + 1) * sizeof *m->extents);
	for (size_t i = 0; i < x->n; i++)
		m->extents[i] = (struct vss_member_extent){ x->v[i].at, x->v[i].len };
	m->nextents = x->n;
}

void
vss_member_of_attr(struct vss_member *m, const char *path, struct vss_attr *a)
{
	*m = (struct vss_member){
		.path = vss_strdup(path),
		.mode = a->mode,
		.uid = a->uid,
		.gid = a->gid,
		.uname = name_of(users, a->uid, user_name),
		.gname = name_of(groups, a->gid, group_name),
		.rdev = a->rdev,
		.size = S_ISREG(a->mode) ? a->size : 0,
		.mtime_s = a->mtime_s,
		.mtime_ns = a->mtime_ns,
		.atime_s = a->atime_s,
		.atime_ns = a->atime_ns,
		.has_atime = true,
		.ctime_s = a->ctime_s,
		.ctime_ns = a->ctime_ns,
		.has_ctime = true,
		.inode = a->ino,
		.link = a->link,
	};
	a->link = NULL;
	m->xattrs = vss_alloc((a->nxattrs + 1) * sizeof *m->xattrs);
	for (size_t i = 0; i < a->nxattrs; i++)
		m->xattrs[i] = (struct vss_member_xattr){ a->xattrs[i].name, a->xattrs[i].value, a->xattrs[i].size };
	m->nxattrs = a->nxattrs;
	free(a->xattrs);
	a->xattrs = NULL;
	a->nxattrs = 0;
	vss_attr_clear(a);
}

void
vss_member_of_node(struct vss_member *m, const char *path, const struct vss_archive_node *node)
{
	*m = (struct vss_member){
		.path = vss_strdup(path),
		.mode = node->mode,
		.uid = node->uid,
		.gid = node->gid,
		.uname = name_of(users, node->uid, user_name),
		.gname = name_of(groups, node->gid, group_name),
		.size = node->size,
		.mtime_s = node->mtime_s,
		.mtime_ns = node->mtime_ns,
		.ctime_s = node->ctime_s,
		.ctime_ns = node->ctime_ns,
		.has_ctime = node->has_identity,
		.inode = node->inode,
		.has_identity = node->has_identity,
		.sparse = node->sparse,
		.has_digest = node->has_digest,
		.has_xattr_digest = node->has_xattrs,
		.partial = node->partial,
	};
	memcpy(m->sha256, node->sha256, sizeof m->sha256);
	memcpy(m->xattr_sha256, node->xattr_sha256, sizeof m->xattr_sha256);
}

void
vss_attr_of_member(struct vss_attr *a, const struct vss_member *m)
{
	*a = (struct vss_attr){
		.mode = m->mode,
		.uid = m->uid,
		.gid = m->gid,
		.rdev = m->rdev,
		.size = m->size,
		.mtime_s = m->mtime_s,
		.mtime_ns = m->mtime_ns,
		.atime_s = m->has_atime ? m->atime_s : m->mtime_s,
		.atime_ns = m->has_atime ? m->atime_ns : m->mtime_ns,
		.link = m->link,
	};
	a->xattrs = vss_alloc((m->nxattrs + 1) * sizeof *a->xattrs);
	for (size_t i = 0; i < m->nxattrs; i++)
		a->xattrs[i] = (struct vss_xattr){ m->xattrs[i].name, m->xattrs[i].value, m->xattrs[i].size };
	a->nxattrs = m->nxattrs;
}
