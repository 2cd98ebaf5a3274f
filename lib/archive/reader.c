/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/reader.h"

#include "archive/reader_internal.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_index(struct vss_archive_reader *r, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	r->index = vss_index_open(r->fd, &why);
	if (r->index)
		return 0;
	if (why.code != VSS_CORRUPT) {
		*err = why;
		return -1;
	}
	if (vss_reader_rebuild(r, err))
		return -1;
	vss_warn("%s; it was made again by reading the whole archive", why.text);
	r->state = VSS_ARCHIVE_NO_INDEX;
	return 0;
}

static int
open_seekable(struct vss_archive_reader *r, struct vss_err *err)
{
	r->digest = vss_digest_new(err);
	if (!r->digest || open_index(r, err))
		return -1;
	r->single = (struct vss_span){ .index = r->index, .fd = r->fd, .reads = &r->reads };
	r->data = r->single;
	return 0;
}

struct vss_archive_reader *
vss_archive_open(int fd, struct vss_err *err)
{
	struct vss_archive_reader *r = vss_alloc(sizeof *r);
	struct stat st;
	int failed;

	r->fd = fd;
	r->index_fd = -1;
	r->scan.done = true;
	if (fstat(fd, &st))
		failed = vss_fail(err, VSS_SYSTEM, errno, "archive: stat");
	else if (S_ISREG(st.st_mode))
		failed = open_seekable(r, err);
	else
		failed = vss_stream_open(r, err);
	if (!failed)
		return r;
	vss_archive_reader_free(r);
	return NULL;
}

enum vss_archive_state
vss_archive_state(const struct vss_archive_reader *r)
{
	return r->state;
}

static void
forget_selection(struct vss_archive_reader *r)
{
	vss_span_close(&r->data);
	vss_plan_free(r->plan);
	r->plan = NULL;
	vss_reader_forget_links(r);
	r->want = NULL;
	r->paths = NULL;
	r->npaths = 0;
	r->at = 0;
	if (r->index)
		r->open = false;
}

void
vss_archive_reader_free(struct vss_archive_reader *r)
{
	if (!r)
		return;
	forget_selection(r);
	vss_span_close(&r->single);
	vss_stream_close(r);
	vss_tar_entry_clear(&r->e);
	vss_index_free(r->index);
	if (r->index_fd >= 0)
		close(r->index_fd);
	vss_digest_free(r->digest);
	vss_reader_forget_put(r);
	free(r);
}

void
vss_archive_reader_reads(const struct vss_archive_reader *r, struct vss_archive_reads *out)
{
	*out = r->reads;
	out->index_bytes = r->index ? vss_index_bytes(r->index) : 0;
}

static int
gather(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	(void)at;
	(void)err;
	vss_buf_add(ctx, data, n);
	return 0;
}

/* A document by its index entry. */
static int
read_document(
	struct vss_archive_reader *r, const struct vss_index_entry *entry, struct vss_buf *out, struct vss_err *err)
{
	struct vss_index_entry x = *entry;
	struct vss_tar_entry e = { 0 };
	struct vss_pump pump = { .content = &r->single.content, .digest = r->digest, .data = gather, .ctx = out };
	int found, failed = -1;

	if (!r->single.in && vss_span_open(&r->single, 0, 0, vss_index_trailer(r->index)->content_bytes, err))
		return -1;
	vss_span_go(&r->single, x.at);
	vss_buf_reset(out);
	found = vss_tar_decode(&r->single.content, &e, err);
	if (!found)
		vss_fail(err, VSS_CORRUPT, 0, "archive: index does not match the data");
	if (found > 0) {
		if (!vss_member_has_content(&e.m) || e.m.size != x.size || !(x.flags & VSS_INDEX_DIGEST))
			vss_fail(err, VSS_CORRUPT, 0, "archive: index does not match the data");
		else
			failed = vss_pump_content(&pump, &e, err);
		if (!failed && memcmp(e.m.sha256, x.digest, VSS_DIGEST) != 0)
			failed = vss_fail(err, VSS_CORRUPT, 0, "%s: digest does not match", e.m.path);
	}
	vss_tar_entry_clear(&e);
	return failed;
}

int
vss_archive_document(
	struct vss_archive_reader *r, const char *name, size_t limit, struct vss_buf *out, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("%s%s", VSS_DOC_PREFIX, name);
	const struct vss_buf *put = vss_reader_put(r, name);
	struct vss_index_entry e;
	int found;

	if (put) {
		vss_buf_add(out, put->data, put->len);
		return 0;
	}
	if (!r->index)
		return vss_stream_document(r, name, limit, out, err);
	found = vss_index_find(r->index, path, &e, err);
	if (found <= 0)
		return found < 0 ? -1 : 1;
	if (e.size > limit)
		return vss_fail(err, VSS_INVALID, 0, "%s: longer than %zu bytes", path, limit);
	return read_document(r, &e, out, err);
}

int
vss_archive_documents(struct vss_archive_reader *r, int (*each)(void *ctx, const char *name, struct vss_err *err),
	void *ctx, struct vss_err *err)
{
	struct vss_index_place place;
	struct vss_index_entry e;
	int found;

	for (size_t i = 0; i < r->put.n; i++)
		if (each(ctx, r->put.v[i].name, err))
			return -1;
	for (size_t i = 0; i < r->docs.n; i++)
		if (!vss_reader_put(r, r->docs.v[i].name) && each(ctx, r->docs.v[i].name, err))
			return -1;
	if (!r->index)
		return 0;
	if (vss_index_seek(r->index, VSS_DOC_PREFIX, &place, err))
		return -1;
	while ((found = vss_index_next(r->index, &place, &e, err)) > 0) {
		VSS_AUTOFREE char *path = vss_strdup(e.path);

		if (vss_str_starts(path, VSS_PARTIAL_PREFIX))
			continue;
		if (vss_path_order(path, strlen(path), VSS_DOC_PREFIX, strlen(VSS_DOC_PREFIX)) < 0)
			continue;
		if (!vss_is_document(path))
			return 0;
		const char *name = path + strlen(VSS_DOC_PREFIX);
		if (!vss_reader_put(r, name) && each(ctx, name, err))
			return -1;
	}
	return found;
}

int
vss_archive_each(struct vss_archive_reader *r, int (*each)(void *ctx, const struct vss_member *m, struct vss_err *err),
	void *ctx, struct vss_err *err)
{
	struct vss_index_place place = { 0, 0 };
	struct vss_index_entry e;
	int found;

	if (!r->index)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "archive: its index is at its end, and this is a stream");
	while ((found = vss_index_next(r->index, &place, &e, err)) > 0) {
		const char *partial = vss_partial_path(e.path);
		bool again = e.flags & VSS_INDEX_HARDLINK, is_document = vss_is_document(e.path);
		struct vss_member m = { .path = vss_strdup(partial ? partial : e.path), .partial = partial };
		int failed;

		m.mode = e.mode;
		m.size = again ? 0 : e.size;
		failed = !is_document && each(ctx, &m, err);

		vss_member_clear(&m);
		if (failed)
			return -1;
	}
	return found;
}

/* Of the two ways to select: which members a question is answered with yes for ... */
static int
plan_by_question(struct vss_archive_reader *r, struct vss_err *err)
{
	struct vss_index_place place = { 0, 0 };
	struct vss_index_entry e;
	int found;

	while ((found = vss_index_next(r->index, &place, &e, err)) > 0) {
		const char *partial = vss_partial_path(e.path);

		if (!vss_is_document(e.path) && r->want(r->want_ctx, partial ? partial : e.path, e.mode))
			vss_plan_want(r->plan, e.at, e.span);
	}
	return found;
}

static bool
is_at_or_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strcmp(top, ".") || (!strncmp(path, top, n) && (!path[n] || path[n] == '/'));
}

/* ... and what lies at a path or below it: that is together in the index. */
static int
plan_stored(struct vss_archive_reader *r, const char *path, struct vss_err *err)
{
	struct vss_index_place place = { 0, 0 };
	struct vss_index_entry e;
	int found;

	if (strcmp(path, ".") != 0 && vss_index_seek(r->index, path, &place, err))
		return -1;
	while ((found = vss_index_next(r->index, &place, &e, err)) > 0) {
		if (is_at_or_below(e.path, path)) {
			if (!vss_is_document(e.path))
				vss_plan_want(r->plan, e.at, e.span);
		} else if (vss_path_order(e.path, e.path_n, path, strlen(path)) > 0) {
			return 0;
		}
	}
	return found;
}

/* Its files, and those of which there are ranges. */
static int
plan_by_path(struct vss_archive_reader *r, const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *partial = vss_strf("%s%s", VSS_PARTIAL_PREFIX, path);

	if (plan_stored(r, path, err))
		return -1;
	return strcmp(path, ".") == 0 ? 0 : plan_stored(r, partial, err);
}

bool
vss_reader_wants(const struct vss_archive_reader *r, const char *path, mode_t mode)
{
	if (r->want)
		return r->want(r->want_ctx, path, mode);
	for (size_t i = 0; i < r->npaths; i++)
		if (is_at_or_below(path, r->paths[i]))
			return true;
	return !r->paths;
}

static int
select_members(struct vss_archive_reader *r, struct vss_err *err)
{
	int failed = 0;

	if (!r->index || (!r->want && !r->paths))
		return 0;
	r->plan = vss_plan_new(vss_index_trailer(r->index));
	r->data.plan = r->plan;
	if (r->want)
		return plan_by_question(r, err);
	for (size_t i = 0; !failed && i < r->npaths; i++)
		failed = plan_by_path(r, r->paths[i], err);
	return failed;
}

int
vss_archive_select(struct vss_archive_reader *r, vss_archive_want *want, void *ctx, struct vss_err *err)
{
	forget_selection(r);
	r->data.plan = NULL;
	r->want = want;
	r->want_ctx = ctx;
	return select_members(r, err);
}

int
vss_archive_select_paths(struct vss_archive_reader *r, const char *const *paths, size_t n, struct vss_err *err)
{
	forget_selection(r);
	r->data.plan = NULL;
	r->paths = paths;
	r->npaths = n;
	return select_members(r, err);
}
