/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/mapping.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/ranges.h"
#include "requester/choice.h"

#include <stdlib.h>
#include <string.h>

static int
add_move(struct vss_moves *m, const char *word, struct vss_err *err)
{
	const char *equals = strchr(word, '=');

	if (!equals || *word != '/' || equals[1] != '/')
		return vss_fail(err, VSS_USAGE, 0, "--to: '%s' is not OLD=NEW with two absolute paths", word);
	VSS_AUTOFREE char *old = vss_strndup(word, (size_t)(equals - word));
	VSS_AUTOFREE char *from = vss_path_clean(old, "/");
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].from, from) == 0)
			return vss_fail(err, VSS_USAGE, 0, "--to: %s can go to one place only", from);
	VSS_AUTOFREE char *to = vss_path_clean(equals + 1, "/");
	VSS_PUSH(m->v, m->n, m->cap) = (struct vss_move){ vss_take(&from), vss_choice_real_path(to), false };
	return 0;
}

int
vss_moves_parse(struct vss_moves *m, const struct vss_strv *words, struct vss_err *err)
{
	for (size_t i = 0; words && i < words->n; i++)
		if (add_move(m, words->v[i], err) < 0)
			return -1;
	return 0;
}

void
vss_moves_clear(struct vss_moves *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].from);
		free(m->v[i].to);
	}
	free(m->v);
	*m = (struct vss_moves){ 0 };
}

char *
vss_path_moved(const char *path, const char *from, const char *to)
{
	const char *rest = vss_path_below(path, from);

	return rest ? vss_path_join(to, rest) : NULL;
}

char *
vss_moves_apply(struct vss_moves *m, const char *path)
{
	struct vss_move *best = NULL;

	for (size_t i = 0; i < m->n; i++)
		if (vss_path_is_below(path, m->v[i].from) && (!best || strlen(m->v[i].from) > strlen(best->from)))
			best = &m->v[i];
	if (!best)
		return NULL;
	best->used = true;
	return vss_path_moved(path, best->from, best->to);
}

const struct vss_move *
vss_moves_unused(const struct vss_moves *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i].used)
			return &m->v[i];
	return NULL;
}

static bool
is_same_path(const char *a, const char *b)
{
	VSS_AUTOFREE char *clean_a = vss_path_clean(a, "/"), *clean_b = vss_path_clean(b, "/");

	return strcmp(clean_a, clean_b) == 0;
}

const char *
vss_alternate_of(const struct vss_metadata *m, const struct vss_fileset *f)
{
	for (size_t i = 0; i < m->nlocations; i++) {
		const struct vss_fileset *from = &m->locations[i].from;
		if (from->recursive == f->recursive && vss_str_eq(from->spec, f->spec) &&
			is_same_path(from->path, f->path))
			return m->locations[i].to;
	}
	return NULL;
}

bool
vss_directed_is_of(const struct vss_bcd_directed *d, const char *path)
{
	VSS_AUTOFREE char *joined = vss_path_join(d->path, d->name);

	return is_same_path(joined, path);
}

bool
vss_is_directed(const struct vss_bcd_component *c, const char *path)
{
	for (size_t i = 0; i < c->ndirected; i++)
		if (vss_directed_is_of(&c->directed[i], path))
			return true;
	return false;
}

/* "0:size" on both sides is the file itself (R37). */
static bool
is_whole(const char *text, uint64_t size)
{
	struct vss_ranges r = { 0 };
	struct vss_err ignored;
	bool is = vss_ranges_parse(text, &r, &ignored) == 0 && r.n == 1 && r.v[0].at == 0 && r.v[0].len == size;

	vss_ranges_clear(&r);
	return is;
}

char *
vss_directed_whole(const struct vss_bcd_component *c, const char *path, uint64_t size)
{
	const struct vss_bcd_directed *only = NULL;

	for (size_t i = 0; i < c->ndirected; i++) {
		if (!vss_directed_is_of(&c->directed[i], path))
			continue;
		if (only)
			return NULL;
		only = &c->directed[i];
	}
	if (!only || !is_whole(only->ranges, size) || !is_whole(only->to_ranges, size))
		return NULL;
	return vss_path_join(only->to_path, only->to_name);
}

static int
check_ranges(const struct vss_bcd_directed *d, struct vss_err *err)
{
	struct vss_ranges from = { 0 }, to = { 0 };
	int rc = vss_ranges_parse(d->ranges, &from, err);

	if (rc == 0)
		rc = vss_ranges_parse(d->to_ranges, &to, err);
	if (rc == 0 && vss_ranges_total(&from) != vss_ranges_total(&to))
		rc = vss_fail(err, VSS_INVALID, 0, "its ranges do not have the length of those that they go to");
	vss_ranges_clear(&from);
	vss_ranges_clear(&to);
	return rc;
}

int
vss_directed_check(const struct vss_bcd_component *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->ndirected; i++) {
		const struct vss_bcd_directed *d = &c->directed[i];
		VSS_AUTOFREE char *to = vss_path_join(d->to_path, d->to_name);
		VSS_AUTOFREE char *clean = vss_path_clean(to, "/");
		VSS_AUTOFREE char *real = vss_choice_real_path(clean);
		if (*to != '/' || strcmp(to, clean) != 0 || strchr(d->to_name, '/') || !*d->to_name)
			return vss_fail(err, VSS_INVALID, 0, "'%s' is not a clean absolute path", to);
		if (strcmp(real, clean) != 0)
			return vss_fail(err, VSS_INVALID, 0, "%s leads through a symbolic link", to);
		if (check_ranges(d, err) < 0)
			return vss_wrap(err, "%s/%s", d->path, d->name);
	}
	return 0;
}
