/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_files.h"

#include "base/mem.h"
#include "base/path.h"
#include "requester/choice.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void
vss_wanted_init(struct vss_wanted *w, const struct vss_strv *what)
{
	*w = (struct vss_wanted){ .what = what };
	for (size_t i = 0; what && i < what->n; i++) {
		char *clean = vss_path_clean(what->v[i], "/");
		vss_strv_add(&w->paths, clean[1] ? clean + 1 : ".");
		free(clean);
	}
}

void
vss_wanted_clear(struct vss_wanted *w)
{
	vss_strv_free(&w->paths);
	for (size_t i = 0; i < w->nfiles; i++)
		free(w->files[i].files.path);
	free(w->files);
	memset(w, 0, sizeof *w);
}

void
vss_wanted_add_files(struct vss_wanted *w, const struct vss_fileset *f, size_t component)
{
	struct vss_wanted_files *to = &VSS_PUSH(w->files, w->nfiles, w->cfiles);

	*to = (struct vss_wanted_files){ *f, component };
	to->files.path = vss_choice_real_path(f->path); /* members bear resolved paths (Q21) */
}

/* A path takes itself and what is below; a glob what it matches and what is below that. */
static bool
takes_path(const char *wish, const char *path)
{
	size_t n = strlen(path);

	if (strcmp(wish, ".") == 0 || vss_path_is_below(path, wish) || fnmatch(wish, path, 0) == 0)
		return true;
	if (!strpbrk(wish, "*?["))
		return false;
	VSS_AUTOFREE char *above = vss_strndup(path, n);
	for (char *slash; (slash = strrchr(above, '/'));) {
		*slash = '\0';
		if (fnmatch(wish, above, 0) == 0)
			return true;
	}
	return false;
}

size_t
vss_wanted_component(const struct vss_wanted *w, const char *path, mode_t type)
{
	VSS_AUTOFREE char *full = strcmp(path, ".") == 0 ? vss_strdup("/") : vss_strf("/%s", path);
	VSS_AUTOFREE char *dir = vss_path_dir(full);

	for (size_t i = 0; i < w->nfiles; i++) {
		const struct vss_fileset *f = &w->files[i].files;
		bool hit = S_ISDIR(type) ? (f->recursive ? vss_path_is_below(full, f->path) : strcmp(full, f->path) == 0)
					 : vss_fileset_matches(f, dir, vss_path_base(full));
		if (hit)
			return w->files[i].component;
	}
	return SIZE_MAX;
}

bool
vss_wanted_takes(void *wanted, const char *path, mode_t type)
{
	const struct vss_wanted *w = wanted;

	if (!w->components_only && !w->paths.n)
		return true;
	for (size_t i = 0; i < w->paths.n; i++)
		if (takes_path(w->paths.v[i], path))
			return true;
	return w->components_only && vss_wanted_component(w, path, type) != SIZE_MAX;
}
