/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A document in tags, which may be 1024 bytes long each and made of letters, digits and _+.-/=!:#& :
 *
 *	vss.doc.STAMP.DIGEST.INDEX.COUNT.BASE64
 *
 * STAMP and DIGEST are those of the whole document, so that the pieces of two versions, which a change of the tags
 * that was cut short may leave side by side, are never mixed.
 */

#define PIECE_BYTES 672 /* 896 as base64 */
#define PIECES_MAX 4096
#define DIGEST_TEXT 17

struct piece {
	int64_t stamp;
	char digest[DIGEST_TEXT];
	uint64_t index, count;
	const char *text; /* within the tag */
};

static void
digest_of(const void *doc, size_t n, char out[DIGEST_TEXT])
{
	struct vss_uuid sum;

	vss_uuid_of_bytes(&sum, doc, n);
	vss_hex(out, sum.b, (DIGEST_TEXT - 1) / 2);
}

void
vss_lvm_tags_write(const void *doc, size_t n, int64_t stamp, struct vss_strv *tags)
{
	const char *bytes = doc;
	size_t count = (n + PIECE_BYTES - 1) / PIECE_BYTES;
	char digest[DIGEST_TEXT];

	digest_of(doc, n, digest);
	for (size_t i = 0; i < count; i++) {
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
		size_t at = i * PIECE_BYTES, len = n - at < PIECE_BYTES ? n - at : PIECE_BYTES;
		vss_base64(&text, bytes + at, len);
		vss_strv_take(tags,
			vss_strf(VSS_LVM_TAG_DOC "%lld.%s.%zu.%zu.%s", (long long)stamp, digest, i, count, text.data));
	}
}

bool
vss_lvm_is_piece(const char *tag)
{
	return vss_str_starts(tag, VSS_LVM_TAG_DOC);
}

/* The next field of `*at`, up to a full stop, in `out`. */
static int
field(const char **at, char *out, size_t room)
{
	size_t n = strcspn(*at, ".");

	if (n == 0 || n >= room || (*at)[n] != '.')
		return -1;
	memcpy(out, *at, n);
	out[n] = '\0';
	*at += n + 1;
	return 0;
}

static int
read_piece(const char *tag, struct piece *out)
{
	char stamp[24], index[12], count[12];
	const char *at = tag + strlen(VSS_LVM_TAG_DOC);

	if (field(&at, stamp, sizeof stamp) || field(&at, out->digest, sizeof out->digest) ||
		field(&at, index, sizeof index) || field(&at, count, sizeof count))
		return -1;
	if (vss_parse_i64(stamp, &out->stamp) || vss_parse_u64(index, &out->index) ||
		vss_parse_u64(count, &out->count) || out->count > PIECES_MAX || out->index >= out->count)
		return -1;
	out->text = at;
	return 0;
}

/* By document, the newest first, then by index. */
static int
by_document(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->stamp != y->stamp)
		return x->stamp < y->stamp ? 1 : -1;
	int digest = strcmp(x->digest, y->digest);
	if (digest)
		return digest;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* The document whose pieces begin at `p`; 0 when it is whole. */
static int
put_together(const struct piece *p, size_t n, struct vss_buf *doc)
{
	char digest[DIGEST_TEXT];

	vss_buf_reset(doc);
	if (p->count > n)
		return -1;
	for (size_t i = 0; i < p->count; i++)
		if (p[i].index != i || p[i].stamp != p->stamp || strcmp(p[i].digest, p->digest) != 0 ||
			vss_base64_decode(doc, p[i].text, strlen(p[i].text)))
			return -1;
	digest_of(doc->data, doc->len, digest);
	return strcmp(digest, p->digest) == 0 ? 0 : -1;
}

int
vss_lvm_tags_read(const struct vss_strv *tags, struct vss_buf *doc, int64_t *stamp, struct vss_err *err)
{
	VSS_AUTOFREE struct piece *p = vss_alloc(tags->n * sizeof *p);
	size_t n = 0, seen = 0;

	for (size_t i = 0; i < tags->n; i++) {
		if (!vss_lvm_is_piece(tags->v[i]))
			continue;
		seen++;
		if (read_piece(tags->v[i], &p[n]) == 0)
			n++;
	}
	if (n > 1)
		qsort(p, n, sizeof *p, by_document);
	for (size_t i = 0; i < n; i++) {
		if (p[i].index != 0 || put_together(p + i, n - i, doc))
			continue;
		*stamp = p[i].stamp;
		return 0;
	}
	vss_buf_reset(doc);
	if (!seen)
		return vss_fail(err, VSS_ABSENT, 0, "no tag holds a document");
	return vss_fail(err, VSS_CORRUPT, 0, "the tags that hold the document are damaged");
}

/* The end of the empty element that begins at `at`: behind its "/>", which no value in quotes ends; NULL. */
static const char *
end_of_element(const char *at)
{
	bool quoted = false;

	for (; *at; at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (!quoted && strncmp(at, "/>", 2) == 0)
			return at + 2;
		else if (!quoted && *at == '>')
			return NULL;
	}
	return NULL;
}

void
vss_lvm_shorten(struct vss_buf *doc)
{
	static const char open[] = "<DOCUMENT ";

	for (;;) {
		char *at = doc->len ? strstr(doc->data, open) : NULL;
		const char *end = at ? end_of_element(at) : NULL;
		if (!end)
			return;
		size_t rest = doc->len - (size_t)(end - doc->data);
		memmove(at, end, rest + 1);
		doc->len = (size_t)(at - doc->data) + rest;
	}
}
