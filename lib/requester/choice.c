/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice_internal.h"

#include "base/mem.h"
#include "base/path.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void
fileset_clear(struct vss_fileset *f)
{
	free(f->path);
	free(f->spec);
	free(f->alternate);
}

static void
choice_files_clear(struct vss_choice_files *f)
{
	fileset_clear(&f->files);
	free(f->overlay);
}

void
vss_choice_clear(struct vss_choice *c)
{
	for (size_t i = 0; i < c->npaths; i++) {
		free(c->paths[i].path);
		free(c->paths[i].mount);
	}
	free(c->paths);
	vss_strv_free(&c->globs);
	vss_strv_free(&c->never);
	for (size_t i = 0; i < c->nfiles; i++)
		choice_files_clear(&c->files[i]);
	for (size_t i = 0; i < c->nexcludes; i++)
		fileset_clear(&c->excludes[i]);
	free(c->components);
	free(c->files);
	free(c->excludes);
	vss_choice_clear_spared(c);
	vss_choice_clear_left(c);
	vss_exclude_free(&c->lists);
	memset(c, 0, sizeof *c);
}

char *
vss_choice_real_path(const char *path)
{
	char *clean = vss_path_clean(path, "/");
	struct vss_buf rest = VSS_BUF_INIT;

	for (;;) {
		VSS_AUTOFREE char *real = realpath(clean, NULL);
		if (real) {
			char *whole = rest.len ? vss_path_join(real, rest.data) : vss_strdup(real);
			vss_buf_free(&rest);
			free(clean);
			return whole;
		}
		if (strcmp(clean, "/") == 0) {
			vss_buf_free(&rest);
			return clean;
		}
		VSS_AUTOFREE char *tail =
			rest.len ? vss_path_join(vss_path_base(clean), rest.data) : vss_strdup(vss_path_base(clean));
		vss_buf_reset(&rest);
		vss_buf_str(&rest, tail);
		char *up = vss_path_dir(clean);
		free(clean);
		clean = up;
	}
}

/* The first of the plain paths that is not before `path` (of `n` bytes). */
static size_t
lower_bound(const struct vss_choice *c, const char *path, size_t n)
{
	size_t from = 0, to = c->npaths;

	while (from < to) {
		size_t at = from + (to - from) / 2;
		if (strncmp(c->paths[at].path, path, n) < 0)
			from = at + 1;
		else
			to = at;
	}
	return from;
}

const struct vss_choice_path *
vss_choice_named(const struct vss_choice *c, const char *path, size_t n)
{
	size_t at = lower_bound(c, path, n);

	return at < c->npaths && strncmp(c->paths[at].path, path, n) == 0 && !c->paths[at].path[n] ? &c->paths[at]
												   : NULL;
}

void
vss_choice_add_path(struct vss_choice *c, const char *path, const char *mount)
{
	size_t at = lower_bound(c, path, strlen(path) + 1);

	if (at < c->npaths && strcmp(c->paths[at].path, path) == 0)
		return;
	(void)VSS_PUSH(c->paths, c->npaths, c->cpaths);
	memmove(&c->paths[at + 1], &c->paths[at], (c->npaths - 1 - at) * sizeof *c->paths);
	c->paths[at] = (struct vss_choice_path){ vss_strdup(path), vss_strdup(mount) };
}

void
vss_choice_add_glob(struct vss_choice *c, const char *glob)
{
	size_t n = strlen(glob);

	while (n > 1 && glob[n - 1] == '/')
		n--;
	VSS_AUTOFREE char *bare = vss_strndup(glob, n);
	bool floats = strchr(bare, '/') && *bare != '/' && *bare != '*';
	vss_strv_take(&c->globs, floats ? vss_strf("*/%s", bare) : vss_take(&bare));
}

static struct vss_fileset
resolved(const struct vss_fileset *f)
{
	return (struct vss_fileset){
		.path = vss_choice_real_path(f->path),
		.spec = vss_strdup(f->spec),
		.recursive = f->recursive,
		.alternate = f->alternate ? vss_choice_real_path(f->alternate) : NULL,
		.mask = f->mask,
		.kind = f->kind,
	};
}

bool
vss_choice_is_in_backup(const struct vss_choice *c, const struct vss_writer *w, const struct vss_fileset *f)
{
	/* What an increment leaves out of a component stays as its base has it, and its writer may still name parts of it. */
	if (c->type == VSS_BT_INCREMENTAL || c->type == VSS_BT_DIFFERENTIAL)
		return true;
	return vss_fileset_is_in_backup(f, vss_metadata_backup_type(w->metadata, c->type));
}

size_t
vss_choice_add_component(
	struct vss_choice *c, const struct vss_writer *w, const struct vss_component *comp, size_t owner)
{
	size_t at = c->ncomponents;

	VSS_PUSH(c->components, c->ncomponents, c->ccomponents) = (struct vss_choice_component){
		.writer = w, .component = comp, .owner = owner == SIZE_MAX ? at : owner
	};
	for (size_t i = 0; i < comp->nfiles; i++)
		if (vss_choice_is_in_backup(c, w, &comp->files[i]))
			VSS_PUSH(c->files, c->nfiles, c->cfiles) = (struct vss_choice_files){
				.component = at,
				.files = resolved(&comp->files[i]),
				.overlay = vss_writer_within_scratch(w, comp->files[i].alternate),
			};
	return at;
}

void
vss_choice_add_excludes(struct vss_choice *c, const struct vss_metadata *m)
{
	for (size_t i = 0; i < m->nexcludes; i++)
		VSS_PUSH(c->excludes, c->nexcludes, c->cexcludes) = resolved(&m->excludes[i]);
	for (size_t i = 0; i < m->nsnapshot_excludes; i++) /* W29: what the writer has not removed from the copy yet */
		VSS_PUSH(c->excludes, c->nexcludes, c->cexcludes) = resolved(&m->snapshot_excludes[i]);
}

bool
vss_choice_is_never(const struct vss_choice *c, const char *path)
{
	for (size_t i = 0; i < c->never.n; i++)
		if (vss_path_is_below(path, c->never.v[i]))
			return true;
	return false;
}

static bool
glob_matches(const struct vss_choice *c, const char *path)
{
	for (size_t i = 0; i < c->globs.n; i++) {
		const char *glob = c->globs.v[i];
		if (fnmatch(glob, strchr(glob, '/') ? path : vss_path_base(path), 0) == 0)
			return true;
	}
	return false;
}

/* What the user named himself is not taken out by his own pattern. */
bool
vss_choice_is_excluded(const struct vss_choice *c, const char *path)
{
	size_t n = strlen(path);

	for (const char *slash; c->globs.n && n; n = slash ? (size_t)(slash - path) : 0) {
		VSS_AUTOFREE char *at = vss_strndup(path, n);
		if (vss_choice_named(c, at, n))
			return false;
		if (glob_matches(c, at))
			return true;
		slash = memrchr(path, '/', n);
	}
	return false;
}

/* The plain path at or above `path` that reaches what lies on this mount. */
static bool
is_covered(const struct vss_choice *c, const char *path, struct vss_choice_place at)
{
	size_t n = strlen(path);

	for (;;) {
		const struct vss_choice_path *p = vss_choice_named(c, path, n);
		if (p && (at.plain || strcmp(p->mount, at.mount) == 0))
			return true;
		if (n <= 1)
			return false;
		const char *slash = memrchr(path, '/', n);
		n = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
	}
}

bool
vss_choice_is_plain(const struct vss_choice *c, const char *path, struct vss_choice_place at)
{
	return is_covered(c, path, at) && !vss_choice_is_excluded(c, path);
}

/*
 * Whoever walks comes to an entry by way of its directory, so that one was asked about unless a file set led
 * through it.
 */
bool
vss_choice_plain_takes(const struct vss_choice *c, const char *path, struct vss_choice_place at)
{
	if (!is_covered(c, path, at) || vss_choice_is_left(c, path))
		return false;
	return c->nfiles || c->npaths > 1 || c->nleft
		       ? !vss_choice_is_excluded(c, path)
		       : vss_choice_named(c, path, strlen(path)) || !glob_matches(c, path);
}

bool
vss_choice_leads_to_plain(const struct vss_choice *c, const char *dir)
{
	VSS_AUTOFREE char *below = strcmp(dir, "/") == 0 ? vss_strdup("/") : vss_strf("%s/", dir);
	size_t n = strlen(below), at = lower_bound(c, below, n);

	return at < c->npaths && strncmp(c->paths[at].path, below, n) == 0;
}

bool
vss_choice_writer_excludes(const struct vss_choice *c, const char *dir, const char *name)
{
	for (size_t i = 0; i < c->nexcludes; i++)
		if (vss_fileset_matches(&c->excludes[i], dir, name))
			return true;
	return false;
}
