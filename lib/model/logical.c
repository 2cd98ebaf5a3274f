/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/logical.h"

#include "base/buf.h"

#include <stddef.h>
#include <string.h>

/* Walks the elements of one or two strings that stand for one path. */
struct walk {
	const char *at, *then;
};
struct element {
	const char *p;
	size_t n; /* 0: the end */
};

static struct walk
walk_of(const char *path, const char *name)
{
	return (struct walk){ path ? path : "", name };
}

static struct element
next(struct walk *w)
{
	for (;;) {
		w->at += strspn(w->at, "/\\");
		if (*w->at || !w->then)
			break;
		w->at = w->then;
		w->then = NULL;
	}
	struct element e = { w->at, strcspn(w->at, "/\\") };
	w->at += e.n;
	return e;
}

static bool
same(struct element a, struct element b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* Element by element until `prefix` ends or they differ; `whole`: `path` must end there too. */
static bool
goes_with(struct walk prefix, struct walk path, bool whole)
{
	for (;;) {
		struct element a = next(&prefix), b = next(&path);
		if (!a.n)
			return !whole || !b.n;
		if (!same(a, b))
			return false;
	}
}

bool
vss_logical_same(const char *a, const char *b)
{
	return goes_with(walk_of(a, NULL), walk_of(b, NULL), true);
}

bool
vss_logical_is_above(const char *path, const char *name, const char *below)
{
	return goes_with(walk_of(path, name), walk_of(below, NULL), false);
}

bool
vss_logical_full_is(const char *text, const char *path, const char *name)
{
	return goes_with(walk_of(text, NULL), walk_of(path, name), true);
}

char *
vss_logical_full(const char *path, const char *name, char sep)
{
	struct vss_buf out = VSS_BUF_INIT;
	struct walk w = walk_of(path, name);

	for (struct element e = next(&w); e.n; e = next(&w)) {
		vss_buf_ch(&out, sep);
		vss_buf_add(&out, e.p, e.n);
	}
	if (!out.len)
		vss_buf_ch(&out, sep);
	return vss_buf_take(&out);
}
