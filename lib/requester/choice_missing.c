/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"

#include <string.h>
#include <sys/stat.h>

static bool
may_belong(const struct vss_fileset *f, const char *path, const char *dir, mode_t type)
{
	bool as_dir = vss_fileset_may_match_below(f, path), as_file = vss_fileset_matches(f, dir, vss_path_base(path));

	if (!(type & S_IFMT))
		return as_dir || as_file;
	return S_ISDIR(type) ? as_dir : as_file;
}

void
vss_choice_failed(struct vss_choice *c, const char *path, mode_t type)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);

	for (size_t i = 0; i < c->nfiles; i++)
		if (may_belong(&c->files[i].files, path, dir, type)) {
			struct vss_choice_component *comp = &c->components[c->files[i].component];
			c->files[i].matched = true; /* it is not missing besides */
			comp->failed = true;
			c->components[comp->owner].failed = true;
		}
}

/* `*` may match nothing; of a name, nothing but that it was left out is an excuse. */
static bool
may_match_nothing(const struct vss_choice *c, const struct vss_choice_files *f)
{
	if (f->matched || f->overlay || strcmp(f->files.spec, "*") == 0 || strcmp(f->files.spec, "*.*") == 0)
		return true;
	return !strpbrk(f->files.spec, "*?") && vss_choice_writer_excludes(c, f->files.path, f->files.spec);
}

/*
 * "app.db-wal*" is how a writer says that there may be such files, so it is no news that there are none, unless the component has
 * nothing else either.
 */
static void
tell_of_none(const struct vss_choice *c, const struct vss_choice_files *f, const char *shown)
{
	const struct vss_choice_component *comp = &c->components[f->component];
	bool has_more = false;

	for (size_t i = 0; i < c->nfiles; i++)
		has_more |= c->files[i].component == f->component && c->files[i].matched;
	vss_log(has_more ? VSS_LOG_INFO : VSS_LOG_WARN,
		"%s: matches nothing, though component %s of writer \"%s\" names it", shown, comp->component->name,
		comp->writer->metadata->name);
}

static void
fail_for(struct vss_choice *c, const struct vss_choice_files *f, const char *path, const char *shown)
{
	const struct vss_choice_component *comp = &c->components[f->component];

	vss_complain("%s: not there, though component %s of writer \"%s\" names it", shown, comp->component->name,
		comp->writer->metadata->name);
	vss_choice_failed(c, path, S_IFREG);
}

size_t
vss_choice_missing(struct vss_choice *c)
{
	size_t missing = 0;

	for (size_t i = 0; i < c->nfiles; i++) {
		struct vss_choice_files *f = &c->files[i];
		if (may_match_nothing(c, f))
			continue;
		VSS_AUTOFREE char *path = vss_path_join(f->files.path, f->files.spec);
		VSS_AUTOFREE char *shown = vss_escaped(path);
		if (strpbrk(f->files.spec, "*?")) {
			tell_of_none(c, f, shown);
			continue;
		}
		fail_for(c, f, path, shown);
		missing++;
	}
	return missing;
}
