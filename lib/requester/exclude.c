/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/exclude.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/metadata.h"
#include "requester/choice.h"

#include <stdlib.h>
#include <string.h>

#define BELOW " /s" /* as FilesNotToBackup spells it */

static void
list_clear(struct vss_exclude_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].top);
		free(l->v[i].spec);
		vss_strv_free(&l->v[i].rest);
	}
	free(l->v);
	free(l->name);
	free(l->file);
}

void
vss_exclude_free(struct vss_exclude_lists *l)
{
	for (size_t i = 0; i < l->n; i++)
		list_clear(&l->v[i]);
	free(l->v);
	*l = (struct vss_exclude_lists){ 0 };
}

/* --- lines --- */

static bool
has_wildcard(const char *s)
{
	return strpbrk(s, "*?");
}

/* `dir` in two: what is a path, and the elements from the first wildcard on. */
static void
split_directory(struct vss_exclude *x, const char *dir)
{
	const char *wild = strpbrk(dir, "*?");
	size_t n = wild ? (size_t)(wild - dir) : strlen(dir);

	while (wild && n && dir[n - 1] != '/')
		n--;
	VSS_AUTOFREE char *top = vss_strndup(dir, n);
	x->top = vss_choice_real_path(*top ? top : "/");
	for (const char *at = dir + n; *at;) {
		size_t len = strcspn(at, "/");
		vss_strv_take(&x->rest, vss_strndup(at, len));
		at += len + (at[len] == '/');
	}
}

int
vss_exclude_add(struct vss_exclude_list *l, const char *line, struct vss_err *err)
{
	bool below = vss_str_ends(line, BELOW);
	VSS_AUTOFREE char *path = vss_strndup(line, strlen(line) - (below ? strlen(BELOW) : 0));

	for (size_t n = strlen(path); n && (path[n - 1] == ' ' || path[n - 1] == '\t'); n--)
		path[n - 1] = '\0';
	if (*path != '/')
		return vss_fail(err, VSS_INVALID, 0, "'%s': an absolute path was expected", path);
	if (vss_str_ends(path, "/"))
		return vss_fail(err, VSS_INVALID, 0, "'%s': names no files: '%s* /s' is all that is below", path, path);
	VSS_AUTOFREE char *clean = vss_path_clean(path, "/");
	if (strcmp(clean, path) != 0)
		return vss_fail(err, VSS_INVALID, 0, "'%s': has '.', '..' or an empty element in it", path);
	VSS_AUTOFREE char *dir = vss_path_dir(clean);
	struct vss_exclude *x = &VSS_PUSH(l->v, l->n, l->cap);
	*x = (struct vss_exclude){ .spec = vss_strdup(vss_path_base(clean)), .below = below };
	split_directory(x, dir);
	return 0;
}

/* --- matching --- */

/* Names are held against wildcards as those of file sets are. */
static bool
name_matches(char *spec, const char *name)
{
	static char root[] = "/";
	const struct vss_fileset f = { .path = root, .spec = spec };

	return has_wildcard(spec) ? vss_fileset_matches(&f, root, name) : strcmp(spec, name) == 0;
}

/* Behind the part of `dir` that DIR takes, or NULL. */
static const char *
behind_directory(const struct vss_exclude *x, const char *dir)
{
	const char *at = vss_path_below(dir, x->top);

	for (size_t i = 0; at && i < x->rest.n; i++) {
		size_t n = strcspn(at, "/");
		VSS_AUTOFREE char *element = vss_strndup(at, n);
		if (!n || !name_matches(x->rest.v[i], element))
			return NULL;
		at += n + (at[n] == '/');
	}
	return at;
}

const struct vss_exclude *
vss_exclude_matches(const struct vss_exclude_list *l, const char *dir, const char *name, size_t *depth)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct vss_exclude *x = &l->v[i];
		const char *rest = behind_directory(x, dir);
		if (!rest || (*rest && !x->below) || !name_matches(x->spec, name))
			continue;
		*depth = (size_t)(rest - dir);
		if (*rest && *depth > 1)
			(*depth)--; /* the slash between */
		return x;
	}
	return NULL;
}

bool
vss_exclude_means_all(const struct vss_exclude *x)
{
	return strcmp(x->spec, "*") == 0 || strcmp(x->spec, "*.*") == 0;
}

bool
vss_exclude_is_in_force(const struct vss_exclude_list *l)
{
	return !l->off && !(l->writer && l->writer->taking_part);
}
