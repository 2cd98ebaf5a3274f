/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/acl_internal.h"
#include "archive/pax_internal.h"
#include "archive/sparse_internal.h"
#include "archive/tar_internal.h"
#include "archive/ustar_internal.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* What the pax records said; it goes before the fields of the ustar header. */
struct records {
	char *path, *target, *uname, *gname, *sparse_name;
	uint64_t uid, gid, size, realsize, sparse_major, sparse_minor;
	bool has_uid, has_gid, has_size, has_mtime, has_realsize, has_major, has_minor;
	struct vss_member *m; /* times and attributes go there at once */
	char link_type;	      /* ustar's letter, from our comment; 0: none */
	size_t xattr_cap;
};

static void
records_clear(struct records *x)
{
	free(x->path);
	free(x->target);
	free(x->uname);
	free(x->gname);
	free(x->sparse_name);
}

static int
take_text(char **to, const struct vss_pax_record *r, struct vss_err *err)
{
	if (!r->n || r->n > VSS_PATH_LIMIT + 1 || memchr(r->value, 0, r->n))
		return vss_fail(err, VSS_CORRUPT, 0, "archive: pax record %s: not a usable text", r->key);
	free(*to);
	*to = vss_strndup(r->value, r->n);
	return 0;
}

static struct vss_member_xattr *
new_xattr(struct records *x, const char *name)
{
	struct vss_member *m = x->m;
	struct vss_member_xattr *a = &VSS_PUSH(m->xattrs, m->nxattrs, x->xattr_cap);

	*a = (struct vss_member_xattr){ .name = vss_strdup(name) };
	return a;
}

static int
take_acl(struct records *x, const char *name, const struct vss_pax_record *r, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf value = VSS_BUF_INIT;
	struct vss_member_xattr *a;

	if (vss_acl_from_text(&value, r->value, r->n, err))
		return -1;
	a = new_xattr(x, name);
	a->size = value.len;
	a->value = vss_buf_take(&value);
	return 0;
}

static int
take_xattr(struct records *x, const struct vss_pax_record *r, struct vss_err *err)
{
	char *name = r->key + strlen("SCHILY.xattr.");
	struct vss_member_xattr *a;

	vss_pax_xattr_name(name);
	if (!*name || strlen(name) > 255)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: attribute without a usable name");
	a = new_xattr(x, name);
	a->size = r->n;
	a->value = vss_memdup(r->value, r->n);
	return 0;
}

static int
take_number(uint64_t *to, bool *has, const struct vss_pax_record *r, struct vss_err *err)
{
	*has = true;
	return vss_pax_to_u64(r, to, err);
}

static int
take_times(struct records *x, const struct vss_pax_record *r, struct vss_err *err)
{
	struct vss_member *m = x->m;

	if (r->key[0] == 'm') {
		x->has_mtime = true;
		return vss_pax_to_time(r, &m->mtime_s, &m->mtime_ns, err);
	}
	if (r->key[0] == 'a') {
		m->has_atime = true;
		return vss_pax_to_time(r, &m->atime_s, &m->atime_ns, err);
	}
	m->has_ctime = true;
	return vss_pax_to_time(r, &m->ctime_s, &m->ctime_ns, err);
}

static int
take_sparse(struct records *x, const struct vss_pax_record *r, struct vss_err *err)
{
	const char *key = r->key + strlen("GNU.sparse.");

	if (!strcmp(key, "major"))
		return take_number(&x->sparse_major, &x->has_major, r, err);
	if (!strcmp(key, "minor"))
		return take_number(&x->sparse_minor, &x->has_minor, r, err);
	if (!strcmp(key, "realsize"))
		return take_number(&x->realsize, &x->has_realsize, r, err);
	if (!strcmp(key, "name"))
		return take_text(&x->sparse_name, r, err);
	return vss_fail(err, VSS_CORRUPT, 0, "archive: %s: not a way of ours to keep holes", r->key);
}

static int
take_inode(struct vss_member *m, const struct vss_pax_record *r, struct vss_err *err)
{
	m->has_identity = true;
	return vss_pax_to_u64(r, &m->inode, err);
}

static int
take_ranges(struct vss_member *m, const struct vss_pax_record *r, struct vss_err *err)
{
	if (m->partial)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: ranges twice");
	m->partial = true;
	return vss_sparse_take_ranges(m, r->value, r->n, err);
}

/* Does the comment begin so?  Then *rest is what follows. */
static bool
is_comment(const struct vss_pax_record *r, const char *word, struct vss_pax_record *rest)
{
	size_t n = strlen(word);

	if (r->n < n || memcmp(r->value, word, n) != 0)
		return false;
	*rest = (struct vss_pax_record){ .key = r->key, .value = r->value + n, .n = r->n - n };
	return true;
}

static int
take_comment(struct records *x, const struct vss_pax_record *r, struct vss_err *err)
{
	struct vss_pax_record rest;

	if (is_comment(r, VSS_TAR_TYPE_COMMENT, &rest) && rest.n == 1)
		x->link_type = rest.value[0];
	else if (is_comment(r, VSS_TAR_INODE_COMMENT, &rest))
		return take_inode(x->m, &rest, err);
	else if (is_comment(r, VSS_TAR_RANGES_COMMENT, &rest))
		return take_ranges(x->m, &rest, err);
	return 0;
}

/* Keys that we do not write are no matter of ours: a later minor change may add some. */
static int
take_record(struct records *x, const struct vss_pax_record *r, struct vss_err *err)
{
	if (!strcmp(r->key, "path"))
		return take_text(&x->path, r, err);
	if (!strcmp(r->key, "linkpath"))
		return take_text(&x->target, r, err);
	if (!strcmp(r->key, "uname"))
		return take_text(&x->uname, r, err);
	if (!strcmp(r->key, "gname"))
		return take_text(&x->gname, r, err);
	if (!strcmp(r->key, "uid"))
		return take_number(&x->uid, &x->has_uid, r, err);
	if (!strcmp(r->key, "gid"))
		return take_number(&x->gid, &x->has_gid, r, err);
	if (!strcmp(r->key, "size"))
		return take_number(&x->size, &x->has_size, r, err);
	if (!strcmp(r->key, "mtime") || !strcmp(r->key, "atime") || !strcmp(r->key, "ctime"))
		return take_times(x, r, err);
	if (!strcmp(r->key, "SCHILY.acl.access"))
		return take_acl(x, "system.posix_acl_access", r, err);
	if (!strcmp(r->key, "SCHILY.acl.default"))
		return take_acl(x, "system.posix_acl_default", r, err);
	if (vss_str_starts(r->key, "SCHILY.xattr."))
		return take_xattr(x, r, err);
	if (!strcmp(r->key, "comment"))
		return take_comment(x, r, err);
	if (vss_str_starts(r->key, "GNU.sparse."))
		return take_sparse(x, r, err);
	return 0;
}

static int
read_records(struct vss_tar_in *c, const struct vss_ustar *h, struct records *x, struct vss_err *err)
{
	VSS_AUTOFREE char *text = NULL;
	struct vss_pax_record record;
	uint64_t n;
	char *at;
	int r;

	if (vss_ustar_to_number(h->size, sizeof h->size, &n) || !n || n > VSS_PAX_LIMIT)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: pax header of unusable length");
	text = vss_alloc((size_t)(n + vss_tar_padding(n)));
	if (vss_tar_in_copy(c, text, (size_t)(n + vss_tar_padding(n)), err))
		return -1;
	at = text;
	while ((r = vss_pax_next(&at, text + n, &record, err)) > 0)
		if (take_record(x, &record, err))
			return -1;
	return r;
}

static int
set_type(struct vss_member *m, char letter, char link_letter, struct vss_err *err)
{
	mode_t type = letter == '1' && !link_letter ? S_IFREG : vss_ustar_type(letter == '1' ? link_letter : letter);

	if (!type || (letter == '1' && S_ISDIR(type)))
		return vss_fail(err, VSS_CORRUPT, 0, "archive: member of unknown type %d", letter);
	m->mode |= type;
	return 0;
}

static int
set_numbers(struct vss_tar_entry *e, const struct vss_ustar *h, const struct records *x, struct vss_err *err)
{
	struct vss_member *m = &e->m;
	uint64_t mode, uid, gid, mtime, devmajor, devminor, size;

	if (vss_ustar_to_number(h->mode, sizeof h->mode, &mode) || vss_ustar_to_number(h->uid, sizeof h->uid, &uid) ||
		vss_ustar_to_number(h->gid, sizeof h->gid, &gid) ||
		vss_ustar_to_number(h->size, sizeof h->size, &size) ||
		vss_ustar_to_number(h->mtime, sizeof h->mtime, &mtime) ||
		vss_ustar_to_number(h->devmajor, sizeof h->devmajor, &devmajor) ||
		vss_ustar_to_number(h->devminor, sizeof h->devminor, &devminor))
		return vss_fail(err, VSS_CORRUPT, 0, "archive: malformed header");
	uid = x->has_uid ? x->uid : uid;
	gid = x->has_gid ? x->gid : gid;
	e->stored = x->has_size ? x->size : size;
	if (mode & ~07777u || uid >= UINT32_MAX || gid >= UINT32_MAX || e->stored > INT64_MAX - e->data - VSS_TAR_BLOCK)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: number out of range in a header");
	m->mode = (mode_t)mode;
	m->uid = (uid_t)uid;
	m->gid = (gid_t)gid;
	if (!x->has_mtime)
		m->mtime_s = (int64_t)mtime;
	if (h->type == '3' || h->type == '4')
		m->rdev = makedev((unsigned)devmajor, (unsigned)devminor);
	e->next = e->data + e->stored + vss_tar_padding(e->stored);
	return set_type(m, h->type, x->link_type, err);
}

static char *
text_or_field(char **text, const char *field, size_t width)
{
	VSS_AUTOFREE char *plain = *text ? vss_take(text) : vss_ustar_to_text(field, width);

	return *plain ? vss_take(&plain) : NULL;
}

static void
strip_slash(char *path)
{
	size_t n = strlen(path);

	if (n > 1 && path[n - 1] == '/')
		path[n - 1] = 0;
}

/* Ranges of a file lie in their own place, and nothing else does. */
static int
set_partial(struct vss_member *m, struct vss_err *err)
{
	const char *path = vss_partial_path(m->path);

	if (m->partial ? !path : vss_str_starts(m->path, VSS_PARTIAL_PREFIX))
		return vss_fail(err, VSS_CORRUPT, 0, "%s: ranges of a file, or not", m->path);
	if (path)
		memmove(m->path, path, strlen(path) + 1);
	return 0;
}

static int
set_names(struct vss_tar_entry *e, const struct vss_ustar *h, struct records *x, struct vss_err *err)
{
	struct vss_member *m = &e->m;
	char **target = h->type == '1' ? &m->hardlink : &m->link;

	if (x->sparse_name)
		m->path = vss_take(&x->sparse_name);
	else
		m->path = x->path ? vss_take(&x->path) : vss_ustar_to_path(h);
	if (S_ISDIR(m->mode))
		strip_slash(m->path);
	m->uname = text_or_field(&x->uname, h->uname, sizeof h->uname);
	m->gname = text_or_field(&x->gname, h->gname, sizeof h->gname);
	if (!vss_is_member_path(m->path, strlen(m->path)))
		return vss_fail(err, VSS_CORRUPT, 0, "archive: unsafe path in a header");
	if (set_partial(m, err))
		return -1;
	if (h->type != '1' && h->type != '2')
		return 0;
	*target = text_or_field(&x->target, h->linkname, sizeof h->linkname);
	if (!*target || (m->hardlink && !vss_is_member_path(m->hardlink, strlen(m->hardlink))))
		return vss_fail(err, VSS_CORRUPT, 0, "%s: link without a usable target", m->path);
	return 0;
}

static int
set_content(struct vss_tar_in *c, struct vss_tar_entry *e, const struct records *x, struct vss_err *err)
{
	struct vss_member *m = &e->m;
	bool is_file = S_ISREG(m->mode) && !m->hardlink;

	if (m->has_identity && !m->has_ctime)
		return vss_fail(err, VSS_CORRUPT, 0, "%s: an inode without the time of its change", m->path);
	if ((!is_file && (e->stored || x->has_major)) || (m->partial && !x->has_major))
		return vss_fail(err, VSS_CORRUPT, 0, "%s: content where none can be", m->path);
	m->size = e->stored;
	if (!x->has_major)
		return 0;
	if (x->sparse_major != 1 || x->sparse_minor || !x->has_minor || !x->has_realsize || x->realsize > INT64_MAX)
		return vss_fail(err, VSS_CORRUPT, 0, "%s: data map of unknown kind", m->path);
	m->sparse = true;
	m->size = x->realsize;
	return vss_sparse_read(c, e, err) ? vss_wrap(err, "%s", m->path) : 0;
}

static bool
is_zero(const unsigned char *block)
{
	return !block[0] && !memcmp(block, block + 1, VSS_TAR_BLOCK - 1);
}

/* The pax header, if there is one, then the ustar header. */
static int
read_headers(struct vss_tar_in *c, struct vss_ustar *h, struct records *x, struct vss_err *err)
{
	for (int i = 0; i < 2; i++) {
		const unsigned char *block;
		int r = vss_tar_in_block(c, &block, err);

		if (r < 0)
			return -1;
		if (!r)
			return vss_fail(err, VSS_CORRUPT, 0, "archive: incomplete: it ends without its end mark");
		if (!i && is_zero(block))
			return 0;
		memcpy(h, block, sizeof *h);
		if (vss_ustar_check(h))
			return vss_fail(err, VSS_CORRUPT, 0, "archive: no header where a member should begin");
		if (h->type != 'x')
			return 1;
		if (i || read_records(c, h, x, err))
			return i ? vss_fail(err, VSS_CORRUPT, 0, "archive: two pax headers in a row") : -1;
	}
	return vss_fail(err, VSS_CORRUPT, 0, "archive: pax header without a member");
}

int
vss_tar_decode(struct vss_tar_in *c, struct vss_tar_entry *e, struct vss_err *err)
{
	struct records x = { .m = &e->m };
	struct vss_ustar h = { 0 };
	int r;

	vss_tar_entry_clear(e);
	e->at = c->at;
	r = read_headers(c, &h, &x, err);
	e->data = c->at;
	if (r > 0 && (set_numbers(e, &h, &x, err) || set_names(e, &h, &x, err) || set_content(c, e, &x, err)))
		r = -1;
	records_clear(&x);
	return r;
}

void
vss_tar_entry_clear(struct vss_tar_entry *e)
{
	vss_member_clear(&e->m);
	*e = (struct vss_tar_entry){ 0 };
}
