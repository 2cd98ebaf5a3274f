/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/format_internal.h"

#include "archive/digest_internal.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"

#include <string.h>

void
vss_frame_record_put(unsigned char out[VSS_FRAME_RECORD], const struct vss_frame_record *f)
{
	vss_put64(out, f->at);
	vss_put32(out + 8, f->stored);
	vss_put32(out + 12, f->content);
	memcpy(out + 16, f->digest, VSS_DIGEST);
}

void
vss_frame_record_get(const unsigned char in[VSS_FRAME_RECORD], struct vss_frame_record *f)
{
	f->at = vss_get64(in);
	f->stored = vss_get32(in + 8);
	f->content = vss_get32(in + 12);
	f->check = 0;
	memcpy(f->digest, in + 16, VSS_DIGEST);
}

int
vss_trailer_put(struct vss_trailer_bytes *out, const struct vss_trailer *t, struct vss_err *err)
{
	memset(out, 0, sizeof *out);
	vss_put32(out->magic, VSS_SKIP_MAGIC);
	vss_put32(out->length, VSS_TRAILER_BYTES - VSS_SKIP_HEAD);
	memcpy(out->kind, VSS_KIND_END, VSS_KIND);
	vss_put32(out->version, VSS_ARCHIVE_VERSION);
	vss_put32(out->frame_bytes, t->frame_bytes);
	vss_put64(out->frames, t->frames);
	vss_put64(out->data_bytes, t->data_bytes);
	vss_put64(out->content_bytes, t->content_bytes);
	vss_put64(out->members, t->members);
	vss_put64(out->manifest_at, t->manifest_at);
	vss_put64(out->manifest_span, t->manifest_span);
	vss_put64(out->top_at, t->top_at);
	vss_put64(out->top_bytes, t->top_bytes);
	memcpy(out->top_digest, t->top_digest, VSS_DIGEST);
	memcpy(out->seek_digest, t->seek_digest, VSS_DIGEST);
	return vss_digest_once(out->digest, out, offsetof(struct vss_trailer_bytes, digest), err);
}

int
vss_trailer_get(const struct vss_trailer_bytes *in, struct vss_trailer *t, struct vss_err *err)
{
	unsigned char digest[VSS_DIGEST];

	if (vss_get32(in->magic) != VSS_SKIP_MAGIC || vss_get32(in->length) != VSS_TRAILER_BYTES - VSS_SKIP_HEAD ||
		memcmp(in->kind, VSS_KIND_END, VSS_KIND) != 0)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: no trailer where it belongs");
	if (vss_digest_once(digest, in, offsetof(struct vss_trailer_bytes, digest), err))
		return -1;
	if (memcmp(digest, in->digest, VSS_DIGEST) != 0)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: trailer: digest does not match");
	if (vss_get32(in->version) != VSS_ARCHIVE_VERSION)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "archive: format version %u, this program knows version %d",
			vss_get32(in->version), VSS_ARCHIVE_VERSION);
	t->frame_bytes = vss_get32(in->frame_bytes);
	t->frames = vss_get64(in->frames);
	t->data_bytes = vss_get64(in->data_bytes);
	t->content_bytes = vss_get64(in->content_bytes);
	t->members = vss_get64(in->members);
	t->manifest_at = vss_get64(in->manifest_at);
	t->manifest_span = vss_get64(in->manifest_span);
	t->top_at = vss_get64(in->top_at);
	t->top_bytes = vss_get64(in->top_bytes);
	memcpy(t->top_digest, in->top_digest, VSS_DIGEST);
	memcpy(t->seek_digest, in->seek_digest, VSS_DIGEST);
	return 0;
}

bool
vss_is_reserved(const char *path)
{
	return !strcmp(path, VSS_DOC_DIR) || vss_str_starts(path, VSS_DOC_PREFIX);
}

bool
vss_is_document(const char *stored)
{
	return vss_is_reserved(stored) && !vss_str_starts(stored, VSS_PARTIAL_PREFIX);
}

const char *
vss_partial_path(const char *stored)
{
	const char *path = stored + strlen(VSS_PARTIAL_PREFIX);

	if (!vss_str_starts(stored, VSS_PARTIAL_PREFIX))
		return NULL;
	return vss_is_member_path(path, strlen(path)) && !vss_is_reserved(path) && strcmp(path, ".") != 0 ? path : NULL;
}

bool
vss_is_member_path(const char *path, size_t n)
{
	if (n == 1 && path[0] == '.')
		return true;
	return n > 0 && n <= VSS_PATH_LIMIT && vss_path_is_safe_relative(path, n);
}

int
vss_path_order(const char *a, size_t an, const char *b, size_t bn)
{
	size_t n = an < bn ? an : bn;

	for (size_t i = 0; i < n; i++) {
		if (a[i] == b[i])
			continue;
		if (a[i] == '/' || b[i] == '/')
			return a[i] == '/' ? -1 : 1;
		return (unsigned char)a[i] < (unsigned char)b[i] ? -1 : 1;
	}
	return an == bn ? 0 : an < bn ? -1 : 1;
}
