/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/acl_internal.h"

#include "base/num.h"
#include "base/str.h"

#include <string.h>

/* The kernel's form (linux/posix_acl_xattr.h): LE32 version, then entries of LE16 tag, LE16
 * permissions, LE32 id. */
#define VERSION 2u
#define HEAD 4u
#define ENTRY 8u
#define NO_ID UINT32_MAX

static const struct tag {
	uint16_t tag;
	const char *word;
	bool has_id;
} tags[] = {
	{ 0x01, "user", false },
	{ 0x02, "user", true },
	{ 0x04, "group", false },
	{ 0x08, "group", true },
	{ 0x10, "mask", false },
	{ 0x20, "other", false },
};
#define NTAGS (sizeof tags / sizeof tags[0])

static bool
entry_to_text(struct vss_buf *out, const unsigned char *e)
{
	unsigned tag = e[0] | (unsigned)e[1] << 8, perm = e[2] | (unsigned)e[3] << 8;
	uint32_t id = vss_get32(e + 4);
	const struct tag *t = NULL;

	for (size_t i = 0; i < NTAGS; i++)
		if (tags[i].tag == tag)
			t = &tags[i];
	if (!t || perm > 7 || (id == NO_ID) == t->has_id)
		return false;
	vss_buf_fmt(out, "%s%s:", out->len ? "," : "", t->word);
	if (t->has_id)
		vss_buf_fmt(out, "%u", id);
	vss_buf_fmt(out, ":%c%c%c", perm & 4 ? 'r' : '-', perm & 2 ? 'w' : '-', perm & 1 ? 'x' : '-');
	return true;
}

bool
vss_acl_to_text(struct vss_buf *out, const void *value, size_t n)
{
	const unsigned char *p = value;

	vss_buf_reset(out);
	if (n <= HEAD || (n - HEAD) % ENTRY || vss_get32(p) != VERSION)
		return false;
	for (size_t at = HEAD; at < n; at += ENTRY)
		if (!entry_to_text(out, p + at))
			return false;
	return true;
}

static int
perm_bits(const char *p)
{
	static const char letters[] = "rwx";
	int bits = 0;

	for (int i = 0; i < 3; i++) {
		if (p[i] == letters[i])
			bits |= 4 >> i;
		else if (p[i] != '-')
			return -1;
	}
	return bits;
}

/* `word:[id]:rwx`, cut at its colons. */
static int
entry_from_text(struct vss_buf *out, char *text)
{
	char *id = strchr(text, ':'), *perm = id ? strchr(id + 1, ':') : NULL;
	unsigned char e[ENTRY];
	uint64_t number = NO_ID;
	int bits;

	if (!perm || strlen(perm + 1) != 3 || (bits = perm_bits(perm + 1)) < 0)
		return -1;
	*id++ = 0;
	*perm = 0;
	if (*id && (vss_parse_u64(id, &number) || number >= NO_ID))
		return -1;
	for (size_t i = 0; i < NTAGS; i++) {
		if (strcmp(tags[i].word, text) != 0 || tags[i].has_id != (*id != 0))
			continue;
		vss_put32(e, tags[i].tag | (uint32_t)bits << 16);
		vss_put32(e + 4, (uint32_t)number);
		vss_buf_add(out, e, sizeof e);
		return 0;
	}
	return -1;
}

int
vss_acl_from_text(struct vss_buf *out, const char *text, size_t n, struct vss_err *err)
{
	unsigned char head[HEAD];

	vss_put32(head, VERSION);
	vss_buf_add(out, head, sizeof head);
	while (n) {
		const char *comma = memchr(text, ',', n);
		size_t part = comma ? (size_t)(comma - text) : n;
		char entry[40];

		if (part >= sizeof entry || memchr(text, 0, part))
			return vss_fail(err, VSS_CORRUPT, 0, "archive: malformed ACL");
		memcpy(entry, text, part);
		entry[part] = 0;
		if (entry_from_text(out, entry))
			return vss_fail(err, VSS_CORRUPT, 0, "archive: malformed ACL");
		part += comma ? 1 : 0;
		text += part;
		n -= part;
	}
	return 0;
}
