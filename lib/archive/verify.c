/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/digest_internal.h"
#include "archive/index_internal.h"
#include "archive/reader.h"
#include "archive/scan_internal.h"
#include "base/mem.h"
#include "os/durable.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/*
 * All of the file is gone through once, front to back, as if there were no index, and what is seen
 * is held against the index: each frame's digest, each member's place and digest.  Then the index
 * itself: blocks, top, trailer and seek table lie end to end and cover every byte behind the data,
 * and each has a digest in the next.
 */
struct verify {
	int fd;
	uint64_t size;
	void (*bad)(void *ctx, const char *text);
	void *ctx;
	int (*poll)(void *ctx, uint64_t bytes, struct vss_err *err);
	struct vss_index *index; /* NULL: none that can be read */
	uint64_t frames, members;
	unsigned nbad;
};

static void
report(struct verify *v, const char *text)
{
	v->nbad++;
	if (v->bad)
		v->bad(v->ctx, text);
}

/* What is wrong with the archive is reported; what keeps us from looking is passed on. */
static int
note(struct verify *v, struct vss_err *err)
{
	if (err->code != VSS_CORRUPT && err->code != VSS_INVALID)
		return -1;
	report(v, err->text);
	return vss_forgive(err);
}

static int
check_frame(void *ctx, const struct vss_frame_record *seen, struct vss_err *err)
{
	struct verify *v = ctx;
	struct vss_frame_record listed;

	if (v->poll && v->poll(v->ctx, seen->at + seen->stored, err))
		return -1;
	if (!v->index)
		return 0;
	if (vss_index_frame(v->index, v->frames++, &listed, err))
		return -1;
	if (listed.at != seen->at || listed.stored != seen->stored ||
		memcmp(listed.digest, seen->digest, VSS_DIGEST) != 0)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: frame at %llu: not the one that the index lists",
			(unsigned long long)seen->at);
	return 0;
}

static int
check_member(struct verify *v, struct vss_scan *s, struct vss_err *err)
{
	VSS_AUTOFREE char *room = NULL;
	const struct vss_member *m = &s->e.m;
	struct vss_index_entry x;
	int found;

	if (vss_scan_content(s, NULL, NULL, err))
		return -1;
	if (!v->index)
		return 0;
	v->members++;
	found = vss_index_find(v->index, vss_stored_path(m, &room), &x, err);
	if (found < 0)
		return -1;
	if (!found || x.at != s->e.at || x.span != s->e.next - s->e.at || x.mode != m->mode ||
		(m->has_digest && (x.size != m->size || memcmp(x.digest, m->sha256, VSS_DIGEST) != 0)))
		return vss_fail(err, VSS_CORRUPT, 0, "%s: not as the index lists it", m->path);
	return 0;
}

static int
check_totals(struct verify *v, const struct vss_scan *s, struct vss_err *err)
{
	const struct vss_trailer *t;

	if (s->tail.code)
		return vss_fail(err, s->tail.code, s->tail.sys, "%s", s->tail.text);
	if (!v->index)
		return 0;
	t = vss_index_trailer(v->index);
	if (v->frames != t->frames || v->members != t->members || s->manifest_at != t->manifest_at ||
		s->manifest_span != t->manifest_span)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: index: it does not list exactly what is there");
	return 0;
}

static int
check_data(struct verify *v, struct vss_err *err)
{
	struct vss_scan s;
	int found;

	if (vss_scan_open(&s, v->fd, true, err))
		return -1;
	vss_frames_in_each(s.in, check_frame, v);
	while ((found = vss_scan_next(&s, err)) > 0)
		if (check_member(v, &s, err)) {
			found = -1;
			break;
		}
	if (!found && (check_member(v, &s, err) || check_totals(v, &s, err))) /* it stands on the manifest */
		found = -1;
	vss_scan_close(&s);
	return found;
}

/* The scan stops at the first damage; with the index each frame can be looked at by itself, so all
 * damage is named. */
static int
check_frames_alone(struct verify *v, struct vss_err *err)
{
	uint64_t n = vss_index_trailer(v->index)->frames;
	VSS_AUTOBUF struct vss_buf packed = VSS_BUF_INIT;

	for (uint64_t i = 0; i < n; i++) {
		unsigned char digest[VSS_DIGEST];
		struct vss_frame_record f;
		int failed = vss_index_frame(v->index, i, &f, err);

		if (!failed && f.stored > vss_frame_packed_max())
			failed = vss_fail(err, VSS_CORRUPT, 0, "archive: index: malformed frame record");
		if (!failed) {
			vss_buf_reserve(&packed, f.stored);
			failed = vss_pread_all(v->fd, packed.data, f.stored, (off_t)f.at, err) ||
				 vss_digest_once(digest, packed.data, f.stored, err);
		}
		if (!failed && memcmp(digest, f.digest, VSS_DIGEST) != 0)
			failed = vss_fail(err, VSS_CORRUPT, 0, "archive: frame %llu at %llu: damaged",
				(unsigned long long)i, (unsigned long long)f.at);
		if (failed && note(v, err))
			return -1;
	}
	return 0;
}

static int
check_seek_table(struct verify *v, uint64_t at, struct vss_err *err)
{
	VSS_AUTOFREE unsigned char *room = vss_alloc(65536);
	unsigned char digest[VSS_DIGEST];
	struct vss_digest *d = vss_digest_new(err);
	int failed = d ? 0 : -1;

	while (!failed && at < v->size) {
		size_t part = v->size - at < 65536 ? (size_t)(v->size - at) : 65536;

		failed = vss_pread_all(v->fd, room, part, (off_t)at, err);
		vss_digest_add(d, room, part);
		at += part;
	}
	if (!failed) {
		vss_digest_end(d, digest);
		if (memcmp(digest, vss_index_trailer(v->index)->seek_digest, VSS_DIGEST) != 0)
			failed = vss_fail(err, VSS_CORRUPT, 0, "archive: seek table: damaged");
	}
	vss_digest_free(d);
	return failed;
}

static int
check_index(struct verify *v, struct vss_err *err)
{
	const struct vss_trailer *t = vss_index_trailer(v->index);
	uint64_t at = t->data_bytes;

	for (uint64_t i = 0; i < vss_index_blocks(v->index); i++) {
		struct vss_index_block b;

		vss_index_block(v->index, i, &b);
		if (b.at != at)
			return vss_fail(err, VSS_CORRUPT, 0, "archive: index: blocks do not follow each other");
		if (vss_index_check_block(v->index, i, err))
			return -1;
		at += b.bytes;
	}
	if (at != t->top_at)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: index: blocks do not follow each other");
	return check_seek_table(v, t->top_at + t->top_bytes + VSS_TRAILER_BYTES, err);
}

static int
verify(struct verify *v, struct vss_err *err)
{
	v->index = vss_index_open(v->fd, err);
	if (!v->index && note(v, err))
		return -1;
	if (check_data(v, err)) {
		if (!v->index && err->code == VSS_INVALID)
			return -1; /* not damaged: not ours */
		if (note(v, err) || (v->index && check_frames_alone(v, err)))
			return -1;
	}
	if (v->index && check_index(v, err) && note(v, err))
		return -1;
	return v->nbad != 0;
}

int
vss_archive_verify(int fd, void (*bad)(void *ctx, const char *text), void *ctx,
	int (*poll)(void *ctx, uint64_t bytes, struct vss_err *err), struct vss_err *err)
{
	struct verify v = { .fd = fd, .bad = bad, .ctx = ctx, .poll = poll };
	struct stat st;
	int r;

	if (fstat(fd, &st))
		return vss_fail(err, VSS_SYSTEM, errno, "archive: stat");
	if (!S_ISREG(st.st_mode))
		return vss_fail(err, VSS_UNSUPPORTED, 0, "archive: only a file can be verified");
	v.size = (uint64_t)st.st_size;
	r = verify(&v, err);
	vss_index_free(v.index);
	return r;
}
