/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/acl_internal.h"
#include "archive/pax_internal.h"
#include "archive/sparse_internal.h"
#include "archive/tar_internal.h"
#include "archive/ustar_internal.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static char
type_letter(const struct vss_member *m)
{
	return m->hardlink ? '1' : vss_ustar_letter(m->mode);
}

const char *
vss_stored_path(const struct vss_member *m, char **room)
{
	if (!m->partial || m->elsewhere)
		return m->path;
	free(*room);
	return *room = vss_strf("%s%s", VSS_PARTIAL_PREFIX, m->path);
}

static int
check_partial(const struct vss_member *m, struct vss_err *err)
{
	if (!m->partial)
		return 0;
	if (!S_ISREG(m->mode) || m->hardlink)
		return vss_fail(err, VSS_INVALID, 0, "%s: ranges of what is no file", m->path);
	if (strlen(m->path) + strlen(VSS_PARTIAL_PREFIX) > VSS_PATH_LIMIT)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: path too long for ranges of a file", m->path);
	return 0;
}

int
vss_tar_check(const struct vss_member *m, struct vss_err *err)
{
	bool is_link = S_ISLNK(m->mode) && !m->hardlink;

	if (strlen(m->path) > VSS_PATH_LIMIT)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: path longer than %u bytes", m->path, VSS_PATH_LIMIT);
	if (!vss_is_member_path(m->path, strlen(m->path)) || vss_is_reserved(m->path))
		return vss_fail(err, VSS_INVALID, 0, "%s: not a path for a member", m->path);
	if (!vss_ustar_letter(m->mode))
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: %s cannot be archived", m->path,
			S_ISSOCK(m->mode) ? "a socket" : "a file of this type");
	if (is_link != (m->link && !m->hardlink) || (is_link && (!*m->link || strlen(m->link) > VSS_PATH_LIMIT)))
		return vss_fail(err, VSS_INVALID, 0, "%s: symbolic link without a usable target", m->path);
	if (m->hardlink && !vss_is_member_path(m->hardlink, strlen(m->hardlink)))
		return vss_fail(err, VSS_INVALID, 0, "%s: hard link without a usable target", m->path);
	if (m->mtime_ns > 999999999 || m->atime_ns > 999999999 || m->ctime_ns > 999999999)
		return vss_fail(err, VSS_INVALID, 0, "%s: time out of range", m->path);
	if (m->hardlink && S_ISDIR(m->mode))
		return vss_fail(err, VSS_INVALID, 0, "%s: a directory cannot be a hard link", m->path);
	if (m->has_identity && !m->has_ctime)
		return vss_fail(err, VSS_INVALID, 0, "%s: an inode without the time of its change", m->path);
	return check_partial(m, err) ? -1 : vss_sparse_check(m, err);
}

static void
put_xattr(struct vss_buf *pax, const struct vss_member_xattr *x)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf key = VSS_BUF_INIT;
	bool access = !strcmp(x->name, "system.posix_acl_access");

	if ((access || !strcmp(x->name, "system.posix_acl_default")) && vss_acl_to_text(&text, x->value, x->size)) {
		vss_pax_put(pax, access ? "SCHILY.acl.access" : "SCHILY.acl.default", text.data, text.len);
		return;
	}
	vss_buf_str(&key, "SCHILY.xattr.");
	vss_pax_xattr_key(&key, x->name);
	vss_pax_put(pax, key.data, x->value, x->size);
}

/*
 * Text that ustar has no room for.  libarchive takes such a record for UTF-8 unless hdrcharset says
 * otherwise; it must be told only where that is wrong, because GNU tar, which takes the bytes as
 * they are, complains of the unknown key.
 */
static void
put_text(struct vss_buf *pax, bool *binary, const char *key, const char *value)
{
	*binary |= !vss_utf8_valid(value, strlen(value));
	vss_pax_str(pax, key, value);
}

/* tar does not say what a hard link is a link to, and the manifest does. */
static void
put_link_type(struct vss_buf *pax, mode_t mode)
{
	char text[] = VSS_TAR_TYPE_COMMENT "0";

	text[sizeof text - 2] = vss_ustar_letter(mode);
	vss_pax_str(pax, "comment", text);
}

static void
put_inode(struct vss_buf *pax, uint64_t inode)
{
	VSS_AUTOFREE char *text = vss_strf("%s%" PRIu64, VSS_TAR_INODE_COMMENT, inode);

	vss_pax_str(pax, "comment", text);
}

static void
put_ranges(struct vss_buf *pax, const struct vss_member *m)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	vss_buf_str(&text, VSS_TAR_RANGES_COMMENT);
	vss_sparse_put_ranges(&text, m);
	vss_pax_str(pax, "comment", text.data);
}

/* A name for tools that do not know GNU.sparse: they must not take the map for the file. */
static void
sparse_alias(struct vss_ustar *h, const char *path)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	VSS_AUTOFREE char *full = vss_strf("%s/GNUSparseFile.0/%s", dir, vss_path_base(path));
	VSS_AUTOFREE char *brief = vss_strf("GNUSparseFile.0/%s", vss_path_base(path));

	if (vss_ustar_path(h, full, strlen(full)))
		return;
	memset(h->name, 0, sizeof h->name);
	vss_ustar_text(h->name, sizeof h->name, brief);
}

static void
put_names(struct vss_buf *pax, bool *binary, struct vss_ustar *h, const struct vss_member *m)
{
	VSS_AUTOFREE char *room = NULL;
	VSS_AUTOFREE char *path = vss_strf("%s%s", vss_stored_path(m, &room), S_ISDIR(m->mode) ? "/" : "");
	const char *target = m->hardlink ? m->hardlink : m->link;

	if (m->sparse && !m->hardlink) {
		sparse_alias(h, path);
		put_text(pax, binary, "GNU.sparse.name", path);
	} else if (!vss_ustar_path(h, path, strlen(path))) {
		put_text(pax, binary, "path", path);
	}
	if (target) {
		vss_ustar_text(h->linkname, sizeof h->linkname, target);
		if (strlen(target) > sizeof h->linkname)
			put_text(pax, binary, "linkpath", target);
	}
	if (m->uname) {
		vss_ustar_text(h->uname, sizeof h->uname - 1, m->uname);
		if (strlen(m->uname) >= sizeof h->uname)
			put_text(pax, binary, "uname", m->uname);
	}
	if (m->gname) {
		vss_ustar_text(h->gname, sizeof h->gname - 1, m->gname);
		if (strlen(m->gname) >= sizeof h->gname)
			put_text(pax, binary, "gname", m->gname);
	}
}

static void
put_numbers(struct vss_buf *pax, struct vss_ustar *h, const struct vss_member *m, uint64_t stored)
{
	bool is_device = (S_ISCHR(m->mode) || S_ISBLK(m->mode)) && !m->hardlink;

	vss_ustar_number(h->mode, sizeof h->mode, m->mode & 07777);
	vss_ustar_number(h->uid, sizeof h->uid, m->uid);
	vss_ustar_number(h->gid, sizeof h->gid, m->gid);
	vss_ustar_number(h->size, sizeof h->size, stored);
	vss_ustar_number(h->mtime, sizeof h->mtime, m->mtime_s < 0 ? 0 : (uint64_t)m->mtime_s);
	vss_ustar_number(h->devmajor, sizeof h->devmajor, is_device ? major(m->rdev) : 0);
	vss_ustar_number(h->devminor, sizeof h->devminor, is_device ? minor(m->rdev) : 0);
	h->type = type_letter(m);
	if (m->uid > VSS_USTAR_ID_MAX)
		vss_pax_u64(pax, "uid", m->uid);
	if (m->gid > VSS_USTAR_ID_MAX)
		vss_pax_u64(pax, "gid", m->gid);
	if (stored > VSS_USTAR_BIG_MAX)
		vss_pax_u64(pax, "size", stored);
	if (m->mtime_ns || m->mtime_s < 0 || m->mtime_s > (int64_t)VSS_USTAR_BIG_MAX)
		vss_pax_time(pax, "mtime", m->mtime_s, m->mtime_ns);
	if (m->has_atime)
		vss_pax_time(pax, "atime", m->atime_s, m->atime_ns);
	if (m->has_ctime)
		vss_pax_time(pax, "ctime", m->ctime_s, m->ctime_ns);
}

/* The pax records as a member of their own, in front of the one that they speak of. */
static void
put_pax(struct vss_buf *out, const struct vss_buf *pax, const struct vss_member *m)
{
	static const char zeros[VSS_TAR_BLOCK];
	struct vss_ustar h = { .type = 'x' };
	VSS_AUTOFREE char *name = vss_strf("PaxHeaders/%s", vss_path_base(m->path));

	vss_ustar_text(h.name, sizeof h.name, name);
	vss_ustar_number(h.mode, sizeof h.mode, 0644);
	vss_ustar_number(h.uid, sizeof h.uid, 0);
	vss_ustar_number(h.gid, sizeof h.gid, 0);
	vss_ustar_number(h.size, sizeof h.size, pax->len);
	vss_ustar_number(h.mtime, sizeof h.mtime, 0);
	vss_ustar_seal(&h);
	vss_buf_add(out, &h, sizeof h);
	vss_buf_add(out, pax->data, pax->len);
	vss_buf_add(out, zeros, vss_tar_padding(pax->len));
}

static int
put_records(struct vss_buf *out, struct vss_ustar *h, const struct vss_member *m, uint64_t stored, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf pax = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf rest = VSS_BUF_INIT;
	bool binary = false;

	if (m->sparse && S_ISREG(m->mode) && !m->hardlink) {
		vss_pax_str(&rest, "GNU.sparse.major", "1");
		vss_pax_str(&rest, "GNU.sparse.minor", "0");
		vss_pax_u64(&rest, "GNU.sparse.realsize", m->size);
	}
	put_names(&rest, &binary, h, m);
	put_numbers(&rest, h, m, stored);
	if (m->hardlink && !S_ISREG(m->mode))
		put_link_type(&rest, m->mode);
	if (m->has_identity)
		put_inode(&rest, m->inode);
	if (m->partial)
		put_ranges(&rest, m);
	for (size_t i = 0; i < m->nxattrs; i++)
		put_xattr(&rest, &m->xattrs[i]);
	if (rest.len > VSS_PAX_LIMIT - 32)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: more than 1 MiB of extended attributes%s", m->path,
			m->partial ? " and ranges" : "");
	if (binary) /* before what it speaks of */
		vss_pax_str(&pax, "hdrcharset", "BINARY");
	if (rest.len)
		vss_buf_add(&pax, rest.data, rest.len);
	if (pax.len)
		put_pax(out, &pax, m);
	return 0;
}

int
vss_tar_encode(struct vss_buf *out, const struct vss_member *m, uint64_t *stored, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf map = VSS_BUF_INIT;
	struct vss_ustar h = { 0 };
	bool is_file = S_ISREG(m->mode) && !m->hardlink;

	*stored = is_file ? m->size : 0;
	if (is_file && m->sparse)
		*stored = vss_sparse_put(&map, m);
	if (put_records(out, &h, m, *stored + map.len, err))
		return -1;
	vss_ustar_seal(&h);
	vss_buf_add(out, &h, sizeof h);
	if (map.len)
		vss_buf_add(out, map.data, map.len);
	return 0;
}
