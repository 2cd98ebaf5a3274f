/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/manifest_internal.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int
malformed(struct vss_err *err, const char *what)
{
	return vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: malformed %s", what);
}

/* \ooo back into bytes, in place; NULL when something else follows a backslash, or a NUL would come
 * of it. */
static char *
unescape(char *s)
{
	char *to = s;

	for (const char *from = s; *from; from++) {
		unsigned value = 0;

		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		for (int i = 1; i <= 3; i++) {
			if (from[i] < '0' || from[i] > '7')
				return NULL;
			value = value * 8 + (unsigned)(from[i] - '0');
		}
		if (!value || value > 255)
			return NULL;
		*to++ = (char)value;
		from += 3;
	}
	*to = 0;
	return s;
}

static int
take_text(char **to, char *value, struct vss_err *err)
{
	if (!unescape(value) || !*value)
		return malformed(err, "text");
	free(*to);
	*to = vss_strdup(value);
	return 0;
}

static int
take_type(struct vss_member *m, const char *value, struct vss_err *err)
{
	static const struct {
		const char *word;
		mode_t type;
	} types[] = { { "file", S_IFREG }, { "dir", S_IFDIR }, { "link", S_IFLNK }, { "char", S_IFCHR },
		{ "block", S_IFBLK }, { "fifo", S_IFIFO } };

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (strcmp(types[i].word, value) != 0)
			continue;
		m->mode = (m->mode & 07777) | types[i].type;
		return 0;
	}
	return malformed(err, "type");
}

static int
take_mode(struct vss_member *m, const char *value, struct vss_err *err)
{
	mode_t mode = 0;

	if (!*value || strlen(value) > 5)
		return malformed(err, "mode");
	for (; *value; value++) {
		if (*value < '0' || *value > '7')
			return malformed(err, "mode");
		mode = mode << 3 | (mode_t)(*value - '0');
	}
	if (mode > 07777)
		return malformed(err, "mode");
	m->mode = (m->mode & S_IFMT) | mode;
	return 0;
}

static int
take_id(uint32_t *to, const char *value, struct vss_err *err)
{
	uint64_t id;

	if (vss_parse_u64(value, &id) || id >= UINT32_MAX)
		return malformed(err, "owner");
	*to = (uint32_t)id;
	return 0;
}

static int
take_time(int64_t *s, uint32_t *ns, char *value, struct vss_err *err)
{
	char *point = strchr(value, '.');
	uint64_t fraction = 0;

	if (!point || strlen(point + 1) != 9 || vss_parse_u64(point + 1, &fraction))
		return malformed(err, "time");
	*point = 0;
	if (vss_parse_i64(value, s))
		return malformed(err, "time");
	*ns = (uint32_t)fraction;
	return 0;
}

static int
take_device(struct vss_member *m, char *value, struct vss_err *err)
{
	char *first = strchr(value, ','), *second = first ? strchr(first + 1, ',') : NULL;
	uint64_t a, b;

	if (!second)
		return malformed(err, "device");
	*second = 0;
	if (vss_parse_u64(first + 1, &a) || vss_parse_u64(second + 1, &b) || a > UINT32_MAX || b > UINT32_MAX)
		return malformed(err, "device");
	m->rdev = makedev((unsigned)a, (unsigned)b);
	return 0;
}

static int
take_digest(unsigned char to[VSS_DIGEST], bool *has, const char *value, struct vss_err *err)
{
	if (strlen(value) != 2 * VSS_DIGEST || vss_hex_decode(to, value, VSS_DIGEST))
		return malformed(err, "digest");
	*has = true;
	return 0;
}

static int
take_place(struct vss_member *m, const char *value, struct vss_err *err)
{
	uint64_t in;

	if (vss_parse_u64(value, &in) || in > VSS_CHAIN_LIMIT)
		return malformed(err, "place");
	m->elsewhere = true;
	m->in = (unsigned)in;
	return 0;
}

/* One tag; `value` NULL: it has none.  Others than ours are no matter of ours. */
static int
take_tag(struct vss_member *m, const char *tag, char *value, struct vss_err *err)
{
	if (!strcmp(tag, VSS_TAG_PARTIAL)) {
		m->partial = true;
		return m->elsewhere ? 0 : malformed(err, "tags");
	}
	if (!strcmp(tag, VSS_TAG_TORN))
		m->torn = true;
	if (!value)
		return 0;
	if (!strcmp(tag, VSS_TAG_IN))
		return take_place(m, value, err);
	if (!strcmp(tag, VSS_TAG_HARDLINK))
		return take_text(&m->hardlink, value, err);
	if (!strcmp(tag, VSS_TAG_XATTR))
		return take_digest(m->xattr_sha256, &m->has_xattr_digest, value, err);
	if (!strcmp(tag, VSS_TAG_INODE)) {
		m->has_identity = true;
		return vss_parse_u64(value, &m->inode) ? malformed(err, "inode") : 0;
	}
	if (!strcmp(tag, VSS_TAG_CTIME)) {
		m->has_ctime = true;
		return take_time(&m->ctime_s, &m->ctime_ns, value, err);
	}
	if (strcmp(tag, VSS_TAG_SPARSE) != 0)
		return 0;
	m->sparse = true;
	return take_digest(m->sha256, &m->has_digest, value, err);
}

static int
take_tags(struct vss_member *m, char *value, struct vss_err *err)
{
	for (char *tag = value, *rest; tag; tag = rest) {
		char *colon;

		rest = strchr(tag, ',');
		if (rest)
			*rest++ = 0;
		colon = strchr(tag, ':');
		if (colon)
			*colon++ = 0;
		if (take_tag(m, tag, colon, err))
			return -1;
	}
	return 0;
}

static int
take_keyword(struct vss_member *m, const char *key, char *value, struct vss_err *err)
{
	if (!strcmp(key, "type"))
		return take_type(m, value, err);
	if (!strcmp(key, "mode"))
		return take_mode(m, value, err);
	if (!strcmp(key, "uid"))
		return take_id(&m->uid, value, err);
	if (!strcmp(key, "gid"))
		return take_id(&m->gid, value, err);
	if (!strcmp(key, "uname"))
		return take_text(&m->uname, value, err);
	if (!strcmp(key, "gname"))
		return take_text(&m->gname, value, err);
	if (!strcmp(key, "time"))
		return take_time(&m->mtime_s, &m->mtime_ns, value, err);
	if (!strcmp(key, "size"))
		return vss_parse_u64(value, &m->size) ? malformed(err, "size") : 0;
	if (!strcmp(key, "sha256"))
		return take_digest(m->sha256, &m->has_digest, value, err);
	if (!strcmp(key, "link"))
		return take_text(&m->link, value, err);
	if (!strcmp(key, "device"))
		return take_device(m, value, err);
	return strcmp(key, "tags") ? 0 : take_tags(m, value, err);
}

static int
take_path(struct vss_member *m, char *word, struct vss_err *err)
{
	bool is_root = !strcmp(word, ".");

	if (!is_root && !vss_str_starts(word, "./"))
		return malformed(err, "path");
	if (take_text(&m->path, is_root ? word : word + 2, err))
		return -1;
	return vss_is_member_path(m->path, strlen(m->path)) ? 0 : malformed(err, "path");
}

/* Ranges of a file lie in their own place; what is elsewhere has its own path. */
static int
check_partial(struct vss_member *m, struct vss_err *err)
{
	const char *path = vss_partial_path(m->path);

	if (m->elsewhere && vss_is_reserved(m->path))
		return malformed(err, "path");
	if (path) {
		m->partial = true;
		memmove(m->path, path, strlen(path) + 1);
	}
	return m->partial && !vss_member_has_content(m) ? malformed(err, "type") : 0;
}

/* What only the whole line shows. */
static int
check_member(struct vss_member *m, bool elsewhere, struct vss_err *err)
{
	if (!(m->mode & S_IFMT))
		return malformed(err, "type");
	if (m->elsewhere != elsewhere)
		return malformed(err, "tags");
	if (m->has_identity != m->has_ctime)
		return malformed(err, "inode");
	return check_partial(m, err);
}

bool
vss_manifest_is_elsewhere(const char *line)
{
	return strstr(line, " tags=" VSS_TAG_IN ":"); /* within a word there are no blanks */
}

int
vss_manifest_parse(char *line, struct vss_member *m, struct vss_err *err)
{
	bool is_member = false, elsewhere = vss_manifest_is_elsewhere(line);
	char *state, *word;

	vss_member_clear(m);
	if (*line == '#')
		return 0;
	word = strtok_r(line, " ", &state);
	if (!word || take_path(m, word, err))
		return word ? -1 : malformed(err, "line");
	while ((word = strtok_r(NULL, " ", &state))) {
		char *value = strchr(word, '=');

		if (!value)
			continue;
		*value++ = 0;
		is_member |= !strcmp(word, "mode"); /* a directory that only stands in has a type and no more */
		if (take_keyword(m, word, value, err))
			return vss_wrap(err, "%s", m->path);
	}
	if (!is_member)
		return m->mode & S_IFMT ? 0 : malformed(err, "type");
	return check_member(m, elsewhere, err) ? vss_wrap(err, "%s", m->path) : 1;
}
