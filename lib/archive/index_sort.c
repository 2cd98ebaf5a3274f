/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/index_internal.h"
#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define ARENA (8u << 20) /* sorted in memory at a time */

/* A sorted stretch of the spool. */
struct run {
	uint64_t mark, entries;
};

/* A run being merged: its next entry. */
struct source {
	struct vss_spool_cursor *cursor;
	uint64_t left;
	struct vss_buf bytes;
	struct vss_index_entry e;
	bool live;
};

/*
 * Entries gather in the arena; a full arena is sorted and put behind the spool, as part of the run
 * before when it goes on from there. A tree walked in the archive's order so makes one run, and
 * nothing is ever merged.
 */
struct vss_index_sort {
	int dirfd;
	struct vss_spool *spool;
	struct vss_buf arena;
	size_t *starts; /* of entries in the arena */
	size_t nstarts, cap;
	bool unsorted; /* the arena */
	struct run *runs;
	size_t nruns, runs_cap;
	struct vss_buf last;	/* path put into the spool last */
	struct source *sources; /* while reading */
	size_t nsources;
	struct source *used; /* its entry was handed out: move on at the next call */
};

struct vss_index_sort *
vss_index_sort_new(int spool_dirfd)
{
	struct vss_index_sort *s = vss_alloc(sizeof *s);

	s->dirfd = spool_dirfd;
	s->spool = vss_spool_new(spool_dirfd);
	return s;
}

static void
close_sources(struct vss_index_sort *s)
{
	for (size_t i = 0; i < s->nsources; i++) {
		vss_spool_cursor_free(s->sources[i].cursor);
		vss_buf_free(&s->sources[i].bytes);
	}
	free(s->sources);
	s->sources = NULL;
	s->nsources = 0;
	s->used = NULL;
}

void
vss_index_sort_free(struct vss_index_sort *s)
{
	if (!s)
		return;
	close_sources(s);
	vss_spool_free(s->spool);
	vss_buf_free(&s->arena);
	vss_buf_free(&s->last);
	free(s->starts);
	free(s->runs);
	free(s);
}

static int
order(const struct vss_index_entry *a, const struct vss_index_entry *b)
{
	return vss_path_order(a->path, a->path_n, b->path, b->path_n);
}

static void
arena_entry(const struct vss_index_sort *s, size_t start, struct vss_index_entry *e)
{
	const unsigned char *p = (const unsigned char *)s->arena.data + start;

	e->path_n = vss_get32(p) & 0xffff;
	e->path = (const char *)p + VSS_INDEX_ENTRY_HEAD;
}

static int
by_path(const void *a, const void *b, void *ctx)
{
	const size_t *x = a, *y = b;
	struct vss_index_entry ex, ey;

	arena_entry(ctx, *x, &ex);
	arena_entry(ctx, *y, &ey);
	return order(&ex, &ey);
}

/* Put one entry behind the spool; the order is known to be right within a run, equality is looked
 * for here. */
static int
put_sorted(struct vss_index_sort *s, const struct vss_index_entry *e, const void *bytes, size_t n, struct vss_err *err)
{
	int c = s->nruns ? vss_path_order(s->last.data, s->last.len, e->path, e->path_n) : 1;

	if (!c)
		return vss_fail(err, VSS_INVALID, 0, "%s: archived twice", e->path);
	if (c > 0) {
		uint64_t mark;

		if (vss_spool_mark(s->spool, &mark, err))
			return -1;
		VSS_PUSH(s->runs, s->nruns, s->runs_cap) = (struct run){ .mark = mark };
	}
	s->runs[s->nruns - 1].entries++;
	vss_buf_reset(&s->last);
	vss_buf_add(&s->last, e->path, e->path_n);
	return vss_spool_put(s->spool, bytes, n, err);
}

static int
flush_arena(struct vss_index_sort *s, struct vss_err *err)
{
	if (s->unsorted)
		qsort_r(s->starts, s->nstarts, sizeof *s->starts, by_path, s);
	for (size_t i = 0; i < s->nstarts; i++) {
		const unsigned char *p = (const unsigned char *)s->arena.data + s->starts[i];
		struct vss_index_entry e;
		size_t n = vss_index_entry_get(p, s->arena.len - s->starts[i], &e);

		if (put_sorted(s, &e, p, n, err))
			return -1;
	}
	vss_buf_reset(&s->arena);
	s->nstarts = 0;
	s->unsorted = false;
	return 0;
}

int
vss_index_sort_add(struct vss_index_sort *s, const struct vss_index_entry *e, struct vss_err *err)
{
	if (s->arena.len + vss_index_entry_bytes(e) > ARENA && flush_arena(s, err))
		return -1;
	if (s->nstarts) {
		struct vss_index_entry before;

		arena_entry(s, s->starts[s->nstarts - 1], &before);
		s->unsorted |= order(&before, e) > 0;
	}
	VSS_PUSH(s->starts, s->nstarts, s->cap) = s->arena.len;
	vss_index_entry_put(&s->arena, e);
	return 0;
}

/* 1 with the source's next entry in place, or 0 when its run is used up. */
static int
advance(struct source *src, struct vss_err *err)
{
	unsigned char head[VSS_INDEX_ENTRY_HEAD];
	struct vss_index_entry shape;
	size_t bytes;

	src->live = src->left > 0;
	if (!src->left--)
		return 0;
	if (vss_spool_get(src->cursor, head, sizeof head, err) < 0)
		return -1;
	shape.path_n = vss_get32(head) & 0xffff;
	shape.flags = (uint16_t)(vss_get32(head) >> 16);
	bytes = vss_index_entry_bytes(&shape);
	vss_buf_reset(&src->bytes);
	vss_buf_add(&src->bytes, head, sizeof head);
	vss_buf_reserve(&src->bytes, bytes - sizeof head);
	if (vss_spool_get(src->cursor, src->bytes.data + sizeof head, bytes - sizeof head, err) < 0)
		return -1;
	src->bytes.len = bytes;
	if (vss_index_entry_get((unsigned char *)src->bytes.data, bytes, &src->e) != bytes)
		return vss_fail(err, VSS_CORRUPT, 0, "spool: not an entry of the index");
	return 1;
}

static int
open_sources(struct vss_index_sort *s, struct vss_err *err)
{
	if (flush_arena(s, err))
		return -1;
	s->sources = vss_alloc(s->nruns * sizeof *s->sources);
	s->nsources = s->nruns;
	for (size_t i = 0; i < s->nruns; i++) {
		struct source *src = &s->sources[i];

		src->cursor = vss_spool_read_from(s->spool, s->runs[i].mark);
		src->left = s->runs[i].entries;
		if (advance(src, err) < 0)
			return -1;
	}
	return 0;
}

static int
next_source(struct vss_index_sort *s, struct source **out, struct vss_err *err)
{
	struct source *least = NULL;

	if (!s->sources && open_sources(s, err))
		return -1;
	if (s->used && advance(s->used, err) < 0)
		return -1;
	for (size_t i = 0; i < s->nsources; i++) {
		struct source *src = &s->sources[i];

		if (src->live && (!least || order(&src->e, &least->e) < 0))
			least = src;
	}
	s->used = *out = least;
	return least != NULL;
}

int
vss_index_sort_next(struct vss_index_sort *s, struct vss_index_entry *e, struct vss_err *err)
{
	struct source *src;
	int r = next_source(s, &src, err);

	if (r > 0)
		*e = src->e;
	return r;
}

int
vss_index_sort_settle(struct vss_index_sort *s, struct vss_err *err)
{
	struct vss_index_sort *merged;
	struct source *src;
	int r;

	if (flush_arena(s, err))
		return -1;
	if (s->nruns <= 1)
		return 0;
	merged = vss_index_sort_new(s->dirfd);
	while ((r = next_source(s, &src, err)) > 0 &&
		!(r = put_sorted(merged, &src->e, src->bytes.data, src->bytes.len, err)))
		;
	close_sources(s);
	if (!r) {
		struct vss_index_sort old = *s;

		*s = *merged;
		*merged = old;
	}
	vss_index_sort_free(merged);
	return r;
}
