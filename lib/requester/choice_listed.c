/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/logical.h"

#include <stdlib.h>
#include <string.h>

/* --- lists of the administrator --- */

/* The user named it, or a directory above it that lies below the list's own: then somebody meant it. */
static bool
is_meant(const struct vss_choice *c, const char *path, const struct vss_exclude *x, size_t depth)
{
	for (size_t n = strlen(path); n > depth; n--)
		if ((!path[n] || path[n] == '/') && vss_choice_named(c, path, n))
			return true;
	return vss_exclude_means_all(x) && vss_choice_named(c, path, depth);
}

/* A component lacks something by it, of which its writer knows nothing. */
static void
tell_of_hole(const struct vss_choice *c, struct vss_exclude_list *l, const char *path, const char *dir)
{
	for (size_t i = 0; i < c->nfiles && !l->told; i++) {
		if (!vss_fileset_matches(&c->files[i].files, dir, vss_path_base(path)))
			continue;
		const struct vss_choice_component *comp = &c->components[c->files[i].component];
		VSS_AUTOFREE char *shown = vss_escaped(path);
		VSS_AUTOFREE char *full = vss_logical_full(comp->component->logical_path, comp->component->name, '/');
		vss_warn("%s: left out of component %s of writer \"%s\", because %s lists it", shown, full,
			comp->writer->metadata->name, l->file);
		l->told = true;
	}
}

/* What the administrator wants is no news: the first file of each list, for whoever wonders. */
static void
tell_of_plain(struct vss_exclude_list *l, const char *path)
{
	VSS_AUTOFREE char *shown = l->told_plain ? NULL : vss_escaped(path);

	if (shown)
		vss_info("%s: left out, because %s lists it; more of that is not named", shown, l->file);
	l->told_plain = true;
}

bool
vss_choice_is_listed(struct vss_choice *c, const char *path, bool plain)
{
	if (!c->lists.n)
		return false;
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	for (size_t i = 0; i < c->lists.n; i++) {
		struct vss_exclude_list *l = &c->lists.v[i];
		size_t depth = 0;
		const struct vss_exclude *x =
			vss_exclude_is_in_force(l) ? vss_exclude_matches(l, dir, vss_path_base(path), &depth) : NULL;
		if (!x || (plain && is_meant(c, path, x, depth)))
			continue;
		if (plain)
			tell_of_plain(l, path);
		else
			tell_of_hole(c, l, path, dir);
		return true;
	}
	return false;
}

/* --- what marks itself --- */

static void
forget_last(struct vss_choice *c)
{
	free(c->left[--c->nleft].path);
}

void
vss_choice_leave(struct vss_choice *c, const char *path, bool itself, const char *keep)
{
	while (c->nleft && !vss_path_is_below(path, c->left[c->nleft - 1].path))
		forget_last(c);
	VSS_PUSH(c->left, c->nleft, c->cleft) =
		(struct vss_choice_left){ .path = vss_strdup(path), .itself = itself, .keep = keep };
}

/* Is it what was marked, or below that, with nothing in between that the user named? */
static bool
is_left_by(const struct vss_choice *c, const struct vss_choice_left *l, const char *path)
{
	const char *below = vss_path_below(path, l->path);
	size_t top = strlen(l->path);

	if (!below || (!*below && !l->itself) || (l->keep && strcmp(below, l->keep) == 0))
		return false;
	for (size_t n = strlen(path); n >= top; n--)
		if ((!path[n] || path[n] == '/') && vss_choice_named(c, path, n))
			return false;
	return true;
}

bool
vss_choice_is_left(const struct vss_choice *c, const char *path)
{
	for (size_t i = 0; i < c->nleft; i++)
		if (is_left_by(c, &c->left[i], path))
			return true;
	return false;
}

void
vss_choice_clear_left(struct vss_choice *c)
{
	while (c->nleft)
		forget_last(c);
	free(c->left);
	c->left = NULL;
	c->cleft = 0;
}
