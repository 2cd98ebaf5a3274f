/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice.h"

#include "base/log.h"
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

void
vss_choice_clear(struct vss_choice *c)
{
	vss_strv_free(&c->paths);
	vss_strv_free(&c->globs);
	vss_strv_free(&c->never);
	for (size_t i = 0; i < c->nfiles; i++)
		fileset_clear(&c->files[i].files);
	for (size_t i = 0; i < c->nexcludes; i++)
		fileset_clear(&c->excludes[i]);
	free(c->components);
	free(c->files);
	free(c->excludes);
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
		VSS_AUTOFREE char *tail = rest.len ? vss_path_join(vss_path_base(clean), rest.data)
						   : vss_strdup(vss_path_base(clean));
		vss_buf_reset(&rest);
		vss_buf_str(&rest, tail);
		char *up = vss_path_dir(clean);
		free(clean);
		clean = up;
	}
}

void
vss_choice_add_path(struct vss_choice *c, const char *path)
{
	struct vss_strv kept = VSS_STRV_INIT;

	for (size_t i = 0; i < c->paths.n; i++) {
		if (vss_path_is_below(path, c->paths.v[i])) {
			vss_strv_free(&kept);
			return;
		}
		if (!vss_path_is_below(c->paths.v[i], path))
			vss_strv_add(&kept, c->paths.v[i]);
	}
	vss_strv_add(&kept, path);
	vss_strv_sort(&kept);
	vss_strv_free(&c->paths);
	c->paths = kept;
}

static struct vss_fileset
resolved(const struct vss_fileset *f)
{
	return (struct vss_fileset){
		.path = vss_choice_real_path(f->path),
		.spec = vss_strdup(f->spec),
		.recursive = f->recursive,
		.alternate = vss_strdup(f->alternate),
		.mask = f->mask,
		.kind = f->kind,
	};
}

size_t
vss_choice_add_component(struct vss_choice *c, const struct vss_writer *w, const struct vss_component *comp, size_t owner)
{
	size_t at = c->ncomponents;

	VSS_PUSH(c->components, c->ncomponents, c->ccomponents) = (struct vss_choice_component){
		.writer = w, .component = comp, .owner = owner == SIZE_MAX ? at : owner };
	for (size_t i = 0; i < comp->nfiles; i++)
		VSS_PUSH(c->files, c->nfiles, c->cfiles) =
			(struct vss_choice_files){ .component = at, .files = resolved(&comp->files[i]) };
	return at;
}

void
vss_choice_add_excludes(struct vss_choice *c, const struct vss_metadata *m)
{
	for (size_t i = 0; i < m->nexcludes; i++)
		VSS_PUSH(c->excludes, c->nexcludes, c->cexcludes) = resolved(&m->excludes[i]);
}

void
vss_choice_roots(const struct vss_choice *c, struct vss_strv *out)
{
	struct vss_choice all = { 0 }; /* for its rule that nothing lies below another */

	for (size_t i = 0; i < c->paths.n; i++)
		vss_choice_add_path(&all, c->paths.v[i]);
	for (size_t i = 0; i < c->nfiles; i++)
		vss_choice_add_path(&all, c->files[i].files.path);
	*out = all.paths;
}

static bool
is_never(const struct vss_choice *c, const char *path)
{
	for (size_t i = 0; i < c->never.n; i++)
		if (vss_path_is_below(path, c->never.v[i]))
			return true;
	return false;
}

/* A pattern without a slash is held against the name, one with a slash against the whole path. */
static bool
glob_takes_out(const struct vss_choice *c, const char *path)
{
	for (size_t i = 0; i < c->globs.n; i++) {
		const char *glob = c->globs.v[i];
		const char *text = strchr(glob, '/') ? path : vss_path_base(path);
		if (fnmatch(glob, text, 0) == 0)
			return true;
	}
	return false;
}

static bool
writer_excludes(const struct vss_choice *c, const char *dir, const char *name)
{
	for (size_t i = 0; i < c->nexcludes; i++)
		if (vss_fileset_matches(&c->excludes[i], dir, name))
			return true;
	return false;
}

static const char *
plain_cover(const struct vss_choice *c, const char *path)
{
	for (size_t i = 0; i < c->paths.n; i++)
		if (vss_path_is_below(path, c->paths.v[i]))
			return c->paths.v[i];
	return NULL;
}

/* A directory belongs to a file set when it is its root, or lies in its hierarchy (C32: empty ones are kept too). */
static bool
set_takes_directory(const struct vss_fileset *f, const char *path)
{
	return f->recursive ? vss_path_is_below(path, f->path) : strcmp(path, f->path) == 0;
}

static unsigned
sets_ask(struct vss_choice *c, const char *path, const char *dir, mode_t type)
{
	unsigned verdict = 0;

	for (size_t i = 0; i < c->nfiles; i++) {
		struct vss_choice_files *f = &c->files[i];
		if (S_ISDIR(type)) {
			if (set_takes_directory(&f->files, path))
				verdict |= VSS_TAKE;
			if (vss_fileset_may_match_below(&f->files, path))
				verdict |= VSS_DESCEND;
		} else if (vss_fileset_matches(&f->files, dir, vss_path_base(path))) {
			f->matched = true;
			verdict |= VSS_TAKE;
		}
	}
	return verdict;
}

unsigned
vss_choice_asks(struct vss_choice *c, const char *path, mode_t type)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	unsigned verdict;

	if (is_never(c, path) || (!S_ISDIR(type) && writer_excludes(c, dir, vss_path_base(path))))
		return 0;
	verdict = sets_ask(c, path, dir, type);
	const char *cover = plain_cover(c, path);
	/* what the user named itself is not taken out by his own pattern */
	if (cover && (strcmp(cover, path) == 0 || !glob_takes_out(c, path)))
		verdict |= VSS_TAKE | VSS_DESCEND;
	return verdict;
}

void
vss_choice_failed(struct vss_choice *c, const char *path, mode_t type)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);

	for (size_t i = 0; i < c->nfiles; i++) {
		const struct vss_fileset *f = &c->files[i].files;
		bool hit = S_ISDIR(type) ? vss_fileset_may_match_below(f, path)
					 : vss_fileset_matches(f, dir, vss_path_base(path));
		if (hit) {
			struct vss_choice_component *comp = &c->components[c->files[i].component];
			comp->failed = true;
			c->components[comp->owner].failed = true;
		}
	}
}

size_t
vss_choice_missing(struct vss_choice *c)
{
	size_t missing = 0;

	for (size_t i = 0; i < c->nfiles; i++) {
		struct vss_choice_files *f = &c->files[i];
		if (f->matched || strpbrk(f->files.spec, "*?"))
			continue;
		VSS_AUTOFREE char *path = vss_path_join(f->files.path, f->files.spec);
		VSS_AUTOFREE char *shown = vss_escaped(path);
		vss_complain("%s: not there, though component %s of writer \"%s\" names it", shown,
			c->components[f->component].component->name,
			c->components[f->component].writer->metadata->name);
		vss_choice_failed(c, path, S_IFREG);
		missing++;
	}
	return missing;
}
