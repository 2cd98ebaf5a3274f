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
	*w = (struct vss_wanted){ 0 };
	for (size_t i = 0; what && i < what->n; i++) {
		VSS_AUTOFREE char *clean = vss_path_clean(what->v[i], "/");
		VSS_PUSH(w->wishes, w->nwishes, w->cwishes) =
			(struct vss_wish){ vss_strdup(clean[1] ? clean + 1 : "."), false };
	}
}

void
vss_wanted_clear(struct vss_wanted *w)
{
	for (size_t i = 0; i < w->nwishes; i++)
		free(w->wishes[i].path);
	free(w->wishes);
	for (size_t i = 0; i < w->nfiles; i++) {
		free(w->files[i].files.path);
		free(w->files[i].alternate);
		free(w->files[i].moved);
	}
	free(w->files);
	memset(w, 0, sizeof *w);
}

struct vss_wanted_files *
vss_wanted_add_files(struct vss_wanted *w, const struct vss_fileset *f, size_t component)
{
	struct vss_wanted_files *to = &VSS_PUSH(w->files, w->nfiles, w->cfiles);

	*to = (struct vss_wanted_files){ .files = *f, .as_given = *f, .component = component };
	to->files.path = vss_choice_real_path(f->path); /* members bear resolved paths (Q21) */
	w->leaves_out = w->leaves_out || component == SIZE_MAX;
	return to;
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

struct vss_wanted_files *
vss_wanted_files_of(const struct vss_wanted *w, const char *path, mode_t type)
{
	VSS_AUTOFREE char *full = strcmp(path, ".") == 0 ? vss_strdup("/") : vss_strf("/%s", path);
	VSS_AUTOFREE char *dir = vss_path_dir(full);

	for (size_t i = 0; i < w->nfiles; i++) {
		const struct vss_fileset *f = &w->files[i].files;
		bool hit = S_ISDIR(type)
				   ? (f->recursive ? vss_path_is_below(full, f->path) : strcmp(full, f->path) == 0)
				   : vss_fileset_matches(f, dir, vss_path_base(full));
		if (hit)
			return &w->files[i];
	}
	return NULL;
}

size_t
vss_wanted_component(const struct vss_wanted *w, const char *path, mode_t type)
{
	const struct vss_wanted_files *f = vss_wanted_files_of(w, path, type);

	return f ? f->component : SIZE_MAX;
}

bool
vss_wanted_takes(struct vss_wanted *w, const char *path, mode_t type)
{
	bool takes = !w->components_only && !w->nwishes;

	if (w->holds && !w->holds(w->ctx, path))
		return false;
	if (w->components_only || (takes && w->leaves_out)) {
		const struct vss_wanted_files *f = vss_wanted_files_of(w, path, type);
		takes = f ? f->component != SIZE_MAX : takes;
	}
	for (size_t i = 0; i < w->nwishes; i++)
		if (takes_path(w->wishes[i].path, path))
			takes = w->wishes[i].matched = true;
	return takes;
}

/* Is `dir` above `path`?  Of a glob only the part before the first element with a wildcard counts. */
static bool
leads_to(const char *dir, const char *path)
{
	size_t n = strlen(dir), plain = strcspn(path, "*?[");

	return strncmp(dir, path, n) == 0 && path[n] == '/' && n < plain;
}

bool
vss_wanted_leads(const struct vss_wanted *w, const char *path, mode_t type)
{
	if (!w->ways || !S_ISDIR(type))
		return false;
	for (size_t i = 0; i < w->nwishes; i++)
		if (leads_to(path, w->wishes[i].path))
			return true;
	for (size_t i = 0; w->components_only && i < w->nfiles; i++)
		if (w->files[i].component != SIZE_MAX && !w->files[i].elsewhere &&
			leads_to(path, w->files[i].files.path + 1))
			return true;
	return false;
}

bool
vss_wanted_selects(void *wanted, const char *path, mode_t type)
{
	return vss_wanted_takes(wanted, path, type) || vss_wanted_leads(wanted, path, type);
}

const char *
vss_wanted_unmatched(const struct vss_wanted *w, size_t *from)
{
	while (*from < w->nwishes) {
		const struct vss_wish *wish = &w->wishes[(*from)++];
		if (!wish->matched)
			return wish->path;
	}
	return NULL;
}
