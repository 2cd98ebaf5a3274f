/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice.h"

#include "base/mem.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>

/* The first of them that does not lie before the directory `dir` of `n` bytes. */
static size_t
lower_bound(const struct vss_choice *c, const char *dir, size_t n)
{
	size_t from = 0, to = c->nspared;

	while (from < to) {
		size_t at = from + (to - from) / 2;
		if (strncmp(c->spared[at].files.path, dir, n) < 0)
			from = at + 1;
		else
			to = at;
	}
	return from;
}

/* To name a directory of which nothing would be left is to mean it. */
static bool
is_named_whole(const struct vss_choice *c, const struct vss_fileset *f)
{
	bool all = strcmp(f->spec, "*") == 0 || strcmp(f->spec, "*.*") == 0;

	for (size_t i = 0; all && i < c->npaths; i++)
		if (strcmp(c->paths[i].path, f->path) == 0)
			return true;
	return false;
}

bool
vss_choice_add_spared(struct vss_choice *c, const struct vss_writer *w, const struct vss_fileset *f)
{
	struct vss_fileset own = {
		.path = vss_choice_real_path(f->path), .spec = vss_strdup(f->spec), .recursive = f->recursive
	};

	if (is_named_whole(c, &own)) {
		free(own.path);
		free(own.spec);
		return false;
	}
	size_t at = lower_bound(c, own.path, strlen(own.path) + 1);
	(void)VSS_PUSH(c->spared, c->nspared, c->cspared);
	memmove(&c->spared[at + 1], &c->spared[at], (c->nspared - 1 - at) * sizeof *c->spared);
	c->spared[at] = (struct vss_choice_spared){ w, own };
	return true;
}

void
vss_choice_clear_spared(struct vss_choice *c)
{
	for (size_t i = 0; i < c->nspared; i++) {
		free(c->spared[i].files.path);
		free(c->spared[i].files.spec);
	}
	free(c->spared);
}

/* Does a plain path below the directory of the exclude take the file?  Then somebody meant it. */
static bool
is_meant(const struct vss_choice *c, const struct vss_fileset *f, const char *path)
{
	for (size_t i = 0; i < c->npaths; i++)
		if (vss_path_is_below(path, c->paths[i].path) && vss_path_is_below(c->paths[i].path, f->path) &&
			strcmp(c->paths[i].path, f->path) != 0)
			return true;
	return false;
}

/* Those of exactly the directory of `n` bytes that `path` begins with. */
static bool
is_spared_by(const struct vss_choice *c, const char *path, size_t n, const char *dir)
{
	for (size_t i = lower_bound(c, path, n); i < c->nspared; i++) {
		const struct vss_fileset *f = &c->spared[i].files;
		if (strncmp(f->path, path, n) != 0 || f->path[n])
			return false;
		if (vss_fileset_matches(f, dir, vss_path_base(path)) && !is_meant(c, f, path))
			return true;
	}
	return false;
}

bool
vss_choice_spares(const struct vss_choice *c, const char *path)
{
	if (!c->nspared)
		return false;
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	for (size_t n = strlen(dir); n > 1; n = (size_t)((const char *)memrchr(dir, '/', n) - dir))
		if (is_spared_by(c, path, n, dir))
			return true;
	return is_spared_by(c, path, 1, dir); /* of the root */
}
