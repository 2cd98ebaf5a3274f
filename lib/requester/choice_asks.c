/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/logical.h"

#include <string.h>
#include <sys/stat.h>

bool
vss_fileset_takes_directory(const struct vss_fileset *f, const char *path)
{
	return f->recursive ? vss_path_is_below(path, f->path) : strcmp(path, f->path) == 0;
}

static unsigned
set_asks(struct vss_choice_files *f, const char *path, const char *dir, mode_t type)
{
	unsigned verdict = 0;

	if (S_ISDIR(type)) {
		if (vss_fileset_takes_directory(&f->files, path))
			verdict |= VSS_TAKE;
		if (vss_fileset_may_match_below(&f->files, path))
			verdict |= VSS_DESCEND;
	} else if (vss_fileset_matches(&f->files, dir, vss_path_base(path))) {
		f->matched = true;
		verdict = VSS_TAKE;
	}
	return verdict;
}

/* Is the file set read from another place of the copy? */
static bool
has_alternate(const struct vss_choice_files *f)
{
	return f->files.alternate && !f->overlay;
}

/* A file whose set has an alternate path is read from there and nowhere else. */
static bool
is_elsewhere(const struct vss_choice *c, const char *path, const char *dir)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (has_alternate(&c->files[i]) && vss_fileset_matches(&c->files[i].files, dir, vss_path_base(path)))
			return true;
	return false;
}

/* C35: a slip of the writer's, or of two.  Said once of each component. */
static void
tell_of_shared(struct vss_choice *c, size_t first, size_t second, const char *path)
{
	const struct vss_choice_component *a = &c->components[first], *b = &c->components[second];

	if (first == second || b->shares)
		return;
	c->components[second].shares = true;
	VSS_AUTOFREE char *shown = vss_escaped(path);
	VSS_AUTOFREE char *one = vss_logical_full(a->component->logical_path, a->component->name, '/');
	VSS_AUTOFREE char *other = vss_logical_full(b->component->logical_path, b->component->name, '/');
	vss_warn("%s: belongs to two components: %s of writer \"%s\" and %s of writer \"%s\"", shown, one,
		a->writer->metadata->name, other, b->writer->metadata->name);
}

static unsigned
sets_ask(struct vss_choice *c, const char *path, const char *dir, mode_t type)
{
	size_t first = SIZE_MAX;
	unsigned verdict = 0;

	for (size_t i = 0; i < c->nfiles; i++) {
		unsigned own = c->files[i].files.alternate ? 0 : set_asks(&c->files[i], path, dir, type);
		verdict |= own;
		if (!own || S_ISDIR(type))
			continue;
		if (first == SIZE_MAX)
			first = c->files[i].component;
		else
			tell_of_shared(c, first, c->files[i].component, path);
	}
	return verdict;
}

/* What is there and left out is not missing. */
static void
note_seen(struct vss_choice *c, const char *path, const char *dir)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (vss_fileset_matches(&c->files[i].files, dir, vss_path_base(path)))
			c->files[i].matched = true;
}

static unsigned
file_asks(struct vss_choice *c, const char *path, mode_t type, struct vss_choice_place at)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	unsigned verdict = 0;

	if (vss_choice_writer_excludes(c, dir, vss_path_base(path))) {
		note_seen(c, path, dir);
		return 0;
	}
	if (is_elsewhere(c, path, dir))
		return 0;
	verdict = sets_ask(c, path, dir, type);
	if (verdict && vss_choice_is_listed(c, path, false))
		verdict = 0;
	if (!verdict && vss_choice_plain_takes(c, path, at) && !vss_choice_spares(c, path) &&
		!vss_choice_is_listed(c, path, true))
		verdict = VSS_TAKE | VSS_DESCEND;
	return verdict;
}

unsigned
vss_choice_asks(struct vss_choice *c, const char *path, mode_t type, struct vss_choice_place at)
{
	if (vss_choice_is_never(c, path))
		return 0;
	if (!S_ISDIR(type))
		return file_asks(c, path, type, at);
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	unsigned verdict = sets_ask(c, path, dir, type);
	if (vss_choice_plain_takes(c, path, at))
		verdict |= VSS_TAKE | VSS_DESCEND;
	else if (vss_choice_leads_to_plain(c, path))
		verdict |= VSS_DESCEND;
	return verdict;
}

/* Two alternate paths may speak of one place: the first set that matches has it. */
static bool
is_of_an_earlier_set(
	const struct vss_choice *c, const struct vss_choice_files *f, const char *path, const char *dir, bool is_dir)
{
	for (const struct vss_choice_files *x = c->files; x < f; x++)
		if (has_alternate(x) && (is_dir ? vss_fileset_takes_directory(&x->files, path)
						: vss_fileset_matches(&x->files, dir, vss_path_base(path))))
			return true;
	return false;
}

/* Is the directory in the archive from where it really lies? */
static bool
is_taken_directory(const struct vss_choice *c, const char *path)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (!c->files[i].files.alternate && vss_fileset_takes_directory(&c->files[i].files, path))
			return true;
	return vss_choice_is_plain(c, path, (struct vss_choice_place){ "", true });
}

unsigned
vss_choice_asks_alternate(struct vss_choice *c, struct vss_choice_files *f, const char *path, mode_t type)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	bool is_dir = S_ISDIR(type);

	if (vss_choice_is_never(c, path))
		return 0;
	if (!is_dir && vss_choice_writer_excludes(c, dir, vss_path_base(path))) {
		note_seen(c, path, dir);
		return 0;
	}
	unsigned verdict = set_asks(f, path, dir, type);
	if (!is_dir && verdict && vss_choice_is_listed(c, path, false))
		return 0;
	if (is_of_an_earlier_set(c, f, path, dir, is_dir) || (is_dir && is_taken_directory(c, path)))
		verdict &= ~(unsigned)VSS_TAKE;
	return verdict;
}

unsigned
vss_choice_asks_overlay(struct vss_choice *c, struct vss_choice_files *f, const char *path, mode_t type)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	unsigned verdict = vss_choice_is_never(c, path) ? 0 : set_asks(f, path, dir, type);

	/* the file is there for every set that names it, wherever it comes from */
	for (size_t i = 0; verdict && !S_ISDIR(type) && i < c->nfiles; i++)
		(void)set_asks(&c->files[i], path, dir, type);
	return verdict;
}
