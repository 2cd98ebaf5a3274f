/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/state.h"

#include "archive/digest_internal.h"
#include "archive/manifest_internal.h"
#include "archive/table_internal.h"
#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_SLOTS 4096u

struct vss_archive_tree {
	struct vss_table *table;
	struct vss_digest *digest;
};

/* A node as it lies in the table.  What has content has no target, so both digests share a place. */
struct record {
	unsigned char key[VSS_DIGEST], content[VSS_DIGEST], xattrs[VSS_DIGEST];
	unsigned char mode[4], uid[4], gid[4], in[4], mtime_ns[4], ctime_ns[4];
	unsigned char rdev[8], size[8], inode[8], mtime[8], ctime[8], flags[8];
};
_Static_assert(sizeof(struct record) == 168, "a record has no gaps");

enum flag { DIGEST = 1, IDENTITY = 2, HARDLINK = 4, XATTRS = 8, ELSEWHERE = 16, PARTIAL = 32, LINK = 64, SPARSE = 128 };

static void
pack(struct record *to, const struct vss_archive_node *n)
{
	bool is_link = S_ISLNK(n->mode) && !n->is_hardlink;

	memcpy(to->content, is_link ? n->link_sha256 : n->sha256, VSS_DIGEST);
	memcpy(to->xattrs, n->xattr_sha256, VSS_DIGEST);
	vss_put32(to->mode, n->mode);
	vss_put32(to->uid, n->uid);
	vss_put32(to->gid, n->gid);
	vss_put32(to->in, n->in);
	vss_put32(to->mtime_ns, n->mtime_ns);
	vss_put32(to->ctime_ns, n->ctime_ns);
	vss_put64(to->rdev, n->rdev);
	vss_put64(to->size, n->size);
	vss_put64(to->inode, n->inode);
	vss_put64(to->mtime, (uint64_t)n->mtime_s);
	vss_put64(to->ctime, (uint64_t)n->ctime_s);
	vss_put64(to->flags, (n->has_digest ? DIGEST : 0u) | (n->has_identity ? IDENTITY : 0u) |
				     (n->is_hardlink ? HARDLINK : 0u) | (n->has_xattrs ? XATTRS : 0u) |
				     (n->elsewhere ? ELSEWHERE : 0u) | (n->partial ? PARTIAL : 0u) |
				     (is_link ? LINK : 0u) | (n->sparse ? SPARSE : 0u));
}

static void
unpack(struct vss_archive_node *n, const struct record *from)
{
	uint64_t flags = vss_get64(from->flags);

	*n = (struct vss_archive_node){
		.mode = vss_get32(from->mode),
		.uid = vss_get32(from->uid),
		.gid = vss_get32(from->gid),
		.rdev = vss_get64(from->rdev),
		.size = vss_get64(from->size),
		.inode = vss_get64(from->inode),
		.mtime_s = (int64_t)vss_get64(from->mtime),
		.ctime_s = (int64_t)vss_get64(from->ctime),
		.mtime_ns = vss_get32(from->mtime_ns),
		.ctime_ns = vss_get32(from->ctime_ns),
		.has_digest = flags & DIGEST,
		.has_identity = flags & IDENTITY,
		.is_hardlink = flags & HARDLINK,
		.has_xattrs = flags & XATTRS,
		.elsewhere = flags & ELSEWHERE,
		.in = vss_get32(from->in),
		.partial = flags & PARTIAL,
		.sparse = flags & SPARSE,
	};
	memcpy(flags & LINK ? n->link_sha256 : n->sha256, from->content, VSS_DIGEST);
	memcpy(n->xattr_sha256, from->xattrs, VSS_DIGEST);
}

static void
key_of(struct vss_archive_tree *t, const char *path, unsigned char key[VSS_DIGEST])
{
	vss_digest_start(t->digest);
	vss_digest_add(t->digest, path, strlen(path));
	vss_digest_end(t->digest, key);
}

int
vss_archive_tree_digests(
	const struct vss_member *m, unsigned char xattrs[32], unsigned char link[32], struct vss_err *err)
{
	memset(xattrs, 0, VSS_DIGEST);
	memset(link, 0, VSS_DIGEST);
	if (m->nxattrs && vss_member_xattr_digest(m, xattrs, err))
		return -1;
	if (!m->nxattrs && m->has_xattr_digest)
		memcpy(xattrs, m->xattr_sha256, VSS_DIGEST);
	return m->link && !m->hardlink ? vss_digest_once(link, m->link, strlen(m->link), err) : 0;
}

static int
node_of(struct vss_archive_tree *t, const struct vss_member *m, struct vss_archive_node *n, struct vss_err *err)
{
	struct vss_archive_node first;

	*n = (struct vss_archive_node){
		.mode = m->mode,
		.uid = m->uid,
		.gid = m->gid,
		.rdev = m->rdev,
		.size = m->size,
		.inode = m->inode,
		.mtime_s = m->mtime_s,
		.ctime_s = m->ctime_s,
		.mtime_ns = m->mtime_ns,
		.ctime_ns = m->ctime_ns,
		.has_digest = m->has_digest,
		.has_identity = m->has_identity && !m->torn, /* what was not read to its end is to be read again */
		.is_hardlink = m->hardlink,
		.has_xattrs = m->has_xattr_digest,
		.elsewhere = m->elsewhere,
		.in = m->in,
		.partial = m->partial,
		.sparse = m->sparse,
	};
	memcpy(n->sha256, m->sha256, VSS_DIGEST);
	if (m->hardlink) {
		int found = vss_archive_tree_find(t, m->hardlink, &first, err);

		if (found < 0)
			return -1;
		n->size = found ? first.size : 0;
		n->has_digest = found && first.has_digest;
		n->sparse = found && first.sparse;
		memcpy(n->sha256, found ? first.sha256 : m->sha256, VSS_DIGEST);
	}
	return vss_archive_tree_digests(m, n->xattr_sha256, n->link_sha256, err);
}

static int
add(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct vss_archive_tree *t = ctx;
	struct vss_archive_node n;
	struct record record;
	int put;

	/* Ranges are told of by the line that says where the rest is; documents are no part of the tree. */
	if (vss_is_document(m->path) || (m->partial && !m->elsewhere))
		return 0;
	if (node_of(t, m, &n, err))
		return -1;
	pack(&record, &n);
	key_of(t, m->path, record.key);
	put = vss_table_put(t->table, (const unsigned char *)&record, err);
	if (!put)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: %s: comes twice", m->path);
	return put < 0 ? -1 : 0;
}

struct vss_archive_tree *
vss_archive_tree_new(struct vss_archive_reader *r, int spool_dirfd, struct vss_err *err)
{
	struct vss_archive_tree *t = vss_alloc(sizeof *t);

	t->digest = vss_digest_new(err);
	if (t->digest)
		t->table = vss_table_new(spool_dirfd, sizeof(struct record), FIRST_SLOTS, err);
	if (t->table && !vss_archive_state_lines(r, add, t, err))
		return t;
	vss_archive_tree_free(t);
	return NULL;
}

void
vss_archive_tree_free(struct vss_archive_tree *t)
{
	if (!t)
		return;
	vss_table_free(t->table);
	vss_digest_free(t->digest);
	free(t);
}

int
vss_archive_tree_find(struct vss_archive_tree *t, const char *path, struct vss_archive_node *out, struct vss_err *err)
{
	struct record record;
	int found;

	key_of(t, path, record.key);
	found = vss_table_find(t->table, record.key, (unsigned char *)&record, err);
	if (found > 0)
		unpack(out, &record);
	return found;
}
