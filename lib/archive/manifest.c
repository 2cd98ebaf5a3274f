/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/manifest_internal.h"

#include "archive/tar_internal.h"
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
int
vss_member_xattr_digest(const struct vss_member *m, unsigned char out[VSS_DIGEST], struct vss_err *err)
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

/* The tags of a line, comma between. */
struct tags {
	struct vss_buf *out;
	bool any;
};

static void
put_tag(struct tags *t, const char *name)
{
	vss_buf_fmt(t->out, "%s%s", t->any ? "," : " tags=", name);
	t->any = true;
}

/* Where the content is, of what is not in this archive. */
static void
put_place(struct tags *t, const struct vss_member *m)
{
	if (!m->elsewhere)
		return;
	put_tag(t, VSS_TAG_IN ":");
	vss_buf_fmt(t->out, "%u", m->in);
	if (m->partial)
		put_tag(t, VSS_TAG_PARTIAL);
}

/* A digest that nobody knows is not written for what is elsewhere; a member's comes later. */
static bool
puts_digest(const struct vss_member *m)
{
	return vss_member_has_content(m) && (!m->elsewhere || m->has_digest);
}

static int
put_xattr_digest(struct tags *t, const struct vss_member *m, struct vss_err *err)
{
	unsigned char digest[VSS_DIGEST];

	if (!m->nxattrs && !m->has_xattr_digest)
		return 0;
	if (m->nxattrs && vss_member_xattr_digest(m, digest, err))
		return -1;
	put_tag(t, VSS_TAG_XATTR ":");
	put_hex(t->out, m->nxattrs ? digest : m->xattr_sha256);
	return 0;
}

static int
put_tags(struct vss_buf *out, const struct vss_member *m, size_t *digest_at, struct vss_err *err)
{
	struct tags t = { .out = out };

	put_place(&t, m);
	if (m->hardlink) {
		put_tag(&t, VSS_TAG_HARDLINK ":");
		put_escaped(out, m->hardlink);
	}
	if (m->sparse && puts_digest(m)) {
		put_tag(&t, VSS_TAG_SPARSE ":");
		*digest_at = out->len;
		put_hex(out, m->sha256);
	}
	if (put_xattr_digest(&t, m, err))
		return -1;
	if (m->has_identity) {
		put_tag(&t, VSS_TAG_INODE ":");
		vss_buf_fmt(out, "%" PRIu64, m->inode);
		put_tag(&t, VSS_TAG_CTIME ":");
		vss_buf_fmt(out, "%" PRId64 ".%09" PRIu32, m->ctime_s, m->ctime_ns);
	}
	return 0;
}

/* Is `dir`, of n bytes, the path or above it? */
static bool
is_above(const struct vss_buf *path, const char *dir, size_t n)
{
	return path->len >= n && !memcmp(path->data, dir, n) && (path->len == n || path->data[n] == '/');
}

/* Lines for the directories above `path` that the line before did not lie in.  Where the path alone
 * is more than the system calls take, mtree could do nothing with them, and there would be many. */
static void
put_parents(const struct vss_manifest_state *s, struct vss_buf *out, const struct vss_member *m, const char *path)
{
	if (strlen(path) >= PATH_MAX)
		return;
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t n = (size_t)(slash - path);
		VSS_AUTOFREE char *dir = vss_strndup(path, n);

		if (is_above(&s->member, dir, n) || (m->elsewhere && is_above(&s->last, dir, n)))
			continue;
		vss_buf_str(out, "./");
		put_escaped(out, dir);
		vss_buf_str(out, " type=dir");
		if (m->elsewhere)
			vss_buf_fmt(out, " optional tags=" VSS_TAG_IN ":%u", m->in);
		vss_buf_ch(out, '\n');
	}
}

static void
keep_path(struct vss_buf *to, const char *path)
{
	vss_buf_reset(to);
	vss_buf_str(to, path);
}

static void
put_owner(struct vss_buf *out, const struct vss_member *m)
{
	vss_buf_fmt(out, " uid=%u gid=%u", m->uid, m->gid);
	if (m->uname) {
		vss_buf_str(out, " uname=");
		put_escaped(out, m->uname);
	}
	if (m->gname) {
		vss_buf_str(out, " gname=");
		put_escaped(out, m->gname);
	}
}

int
vss_manifest_line(struct vss_manifest_state *s, struct vss_buf *out, const struct vss_member *m, size_t *digest_at,
	struct vss_err *err)
{
	VSS_AUTOFREE char *room = NULL;
	const char *path = vss_stored_path(m, &room);

	*digest_at = 0;
	put_parents(s, out, m, path);
	keep_path(&s->last, path);
	if (!m->elsewhere)
		keep_path(&s->member, path);
	vss_buf_str(out, strcmp(path, ".") ? "./" : ".");
	put_escaped(out, strcmp(path, ".") ? path : "");
	vss_buf_fmt(out, " type=%s mode=%04o", type_word(m->mode), m->mode & 07777);
	put_owner(out, m);
	vss_buf_fmt(out, " time=%" PRId64 ".%09" PRIu32, m->mtime_s, m->mtime_ns);
	if (vss_member_has_content(m))
		vss_buf_fmt(out, " size=%" PRIu64, m->size);
	if (!m->sparse && puts_digest(m)) {
		vss_buf_str(out, " sha256=");
		*digest_at = out->len;
		put_hex(out, m->sha256);
	}
	if (m->link && !m->hardlink) {
		vss_buf_str(out, " link=");
		put_escaped(out, m->link);
	}
	if ((S_ISCHR(m->mode) || S_ISBLK(m->mode)) && !m->hardlink)
		vss_buf_fmt(out, " device=native,%u,%u", major(m->rdev), minor(m->rdev));
	if (m->elsewhere) /* mtree is not to miss it */
		vss_buf_str(out, " optional");
	if (put_tags(out, m, digest_at, err))
		return -1;
	vss_buf_ch(out, '\n');
	return 0;
}

void
vss_manifest_tear(struct vss_buf *line)
{
	bool has_tags = strstr(line->data, " tags="); /* within a word there are no blanks */

	line->data[--line->len] = '\0';
	vss_buf_fmt(line, "%s" VSS_TAG_TORN "\n", has_tags ? "," : " tags=");
}

static bool
cut(struct vss_buf *line, const char *end)
{
	size_t n = strlen(end);

	if (line->len < n || memcmp(line->data + line->len - n, end, n) != 0)
		return false;
	line->data[line->len -= n] = '\0';
	vss_buf_ch(line, '\n');
	return true;
}

void
vss_manifest_mend(struct vss_buf *line)
{
	if (!cut(line, "," VSS_TAG_TORN "\n"))
		(void)cut(line, " tags=" VSS_TAG_TORN "\n");
}

void
vss_manifest_state_clear(struct vss_manifest_state *s)
{
	vss_buf_free(&s->last);
	vss_buf_free(&s->member);
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
