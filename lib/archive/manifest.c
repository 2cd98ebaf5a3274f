/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/manifest_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Blanks, what mtree or a shell pattern would read into it, our own separators, and all that is not
 * ASCII: \ooo. */
static void
put_escaped(struct vss_buf *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c > ' ' && c < 0x7f && !strchr("\\#*?[=,", c))
			vss_buf_ch(out, *s);
		else
			vss_buf_fmt(out, "\\%03o", c);
	}
}

static const char *
type_word(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "dir";
	case S_IFLNK:
		return "link";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	default:
		return "fifo";
	}
}

static int
by_name(const void *a, const void *b)
{
	const struct vss_member_xattr *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Over each attribute in the order of names: LE32 length of name, name, LE32 length of value, value. */
static int
xattr_digest(const struct vss_member *m, unsigned char out[VSS_DIGEST], struct vss_err *err)
{
	const struct vss_member_xattr **sorted = vss_alloc(m->nxattrs * sizeof *sorted);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	unsigned char length[4];

	for (size_t i = 0; i < m->nxattrs; i++)
		sorted[i] = &m->xattrs[i];
	qsort(sorted, m->nxattrs, sizeof *sorted, by_name);
	for (size_t i = 0; i < m->nxattrs; i++) {
		vss_put32(length, (uint32_t)strlen(sorted[i]->name));
		vss_buf_add(&text, length, sizeof length);
		vss_buf_str(&text, sorted[i]->name);
		vss_put32(length, (uint32_t)sorted[i]->size);
		vss_buf_add(&text, length, sizeof length);
		vss_buf_add(&text, sorted[i]->value, sorted[i]->size);
	}
	free(sorted);
	return vss_digest_once(out, text.data, text.len, err);
}

static void
put_hex(struct vss_buf *out, const unsigned char digest[VSS_DIGEST])
{
	char hex[2 * VSS_DIGEST + 1];

	vss_hex(hex, digest, VSS_DIGEST);
	vss_buf_str(out, hex);
}

bool
vss_member_has_content(const struct vss_member *m)
{
	return S_ISREG(m->mode) && !m->hardlink;
}

static int
put_tags(struct vss_buf *out, const struct vss_member *m, size_t *digest_at, struct vss_err *err)
{
	const char *before = " tags=";

	if (m->hardlink) {
		vss_buf_fmt(out, "%svss-hardlink:", before);
		put_escaped(out, m->hardlink);
		before = ",";
	}
	if (m->sparse && vss_member_has_content(m)) {
		vss_buf_fmt(out, "%svss-sparse-sha256:", before);
		*digest_at = out->len;
		put_hex(out, m->sha256);
		before = ",";
	}
	if (m->nxattrs) {
		unsigned char digest[VSS_DIGEST];

		if (xattr_digest(m, digest, err))
			return -1;
		vss_buf_fmt(out, "%svss-xattr-sha256:", before);
		put_hex(out, digest);
	}
	return 0;
}

/* Lines for the directories above `path` that the line before did not lie in.  Where the path alone
 * is more than the system calls take, mtree could do nothing with them, and there would be many. */
static void
put_parents(struct vss_buf *out, const char *last, const char *path)
{
	bool known = true;

	if (strlen(path) >= PATH_MAX)
		return;
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t n = (size_t)(slash - path);
		VSS_AUTOFREE char *dir = vss_strndup(path, n);

		known = known && !strncmp(last, dir, n) && (!last[n] || last[n] == '/');
		if (known)
			continue;
		vss_buf_str(out, "./");
		put_escaped(out, dir);
		vss_buf_str(out, " type=dir\n");
	}
}

int
vss_manifest_line(struct vss_manifest_state *s, struct vss_buf *out, const struct vss_member *m, size_t *digest_at,
	struct vss_err *err)
{
	*digest_at = 0;
	put_parents(out, s->last.len ? s->last.data : "", m->path);
	vss_buf_reset(&s->last);
	vss_buf_str(&s->last, m->path);
	vss_buf_str(out, strcmp(m->path, ".") ? "./" : ".");
	put_escaped(out, strcmp(m->path, ".") ? m->path : "");
	vss_buf_fmt(out, " type=%s mode=%04o uid=%u gid=%u", type_word(m->mode), m->mode & 07777, m->uid, m->gid);
	if (m->uname) {
		vss_buf_str(out, " uname=");
		put_escaped(out, m->uname);
	}
	if (m->gname) {
		vss_buf_str(out, " gname=");
		put_escaped(out, m->gname);
	}
	vss_buf_fmt(out, " time=%" PRId64 ".%09" PRIu32, m->mtime_s, m->mtime_ns);
	if (vss_member_has_content(m)) {
		vss_buf_fmt(out, " size=%" PRIu64, m->size);
		if (!m->sparse) {
			vss_buf_str(out, " sha256=");
			*digest_at = out->len;
			put_hex(out, m->sha256);
		}
	}
	if (m->link && !m->hardlink) {
		vss_buf_str(out, " link=");
		put_escaped(out, m->link);
	}
	if ((S_ISCHR(m->mode) || S_ISBLK(m->mode)) && !m->hardlink)
		vss_buf_fmt(out, " device=native,%u,%u", major(m->rdev), minor(m->rdev));
	if (put_tags(out, m, digest_at, err))
		return -1;
	vss_buf_ch(out, '\n');
	return 0;
}

void
vss_member_digest_start(struct vss_digest *d, const struct vss_member *m)
{
	unsigned char pair[16];

	vss_digest_start(d);
	if (!m->sparse)
		return;
	vss_put64(pair, m->size);
	vss_put64(pair + 8, m->nextents);
	vss_digest_add(d, pair, sizeof pair);
	for (size_t i = 0; i < m->nextents; i++) {
		vss_put64(pair, m->extents[i].at);
		vss_put64(pair + 8, m->extents[i].len);
		vss_digest_add(d, pair, sizeof pair);
	}
}
