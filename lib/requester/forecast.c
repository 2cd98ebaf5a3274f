/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/forecast_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "requester/freezes.h"
#include "requester/parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
component_clear(struct vss_forecast_component *c)
{
	free(c->path);
	free(c->brought_by);
	free(c->outside);
	free(c->on);
}

void
vss_forecast_free(struct vss_forecast *f)
{
	if (!f)
		return;
	vss_strv_free(&f->paths);
	for (size_t i = 0; i < f->nvolumes; i++) {
		free(f->volumes[i].volume);
		free(f->volumes[i].id);
		free(f->volumes[i].provider);
	}
	free(f->volumes);
	for (size_t i = 0; i < f->nwriters; i++) {
		for (size_t k = 0; k < f->writers[i].ncomponents; k++)
			component_clear(&f->writers[i].components[k]);
		free(f->writers[i].components);
		free(f->writers[i].name);
	}
	free(f->writers);
	free(f->base);
	free(f->archive_dir);
	free(f->storage_dir);
	free(f);
}

/* --- writers and components --- */

/* The volumes of a directory, and with `below` those of what is mounted in it. */
static void
note_volumes(struct vss_forecast_component *c, const struct vss_plan *p, const char *dir, bool below)
{
	const struct vss_plan_place *at = vss_plan_place_of(p, dir);

	if (at)
		c->on[at->of] = true;
	else if (!c->outside)
		c->outside = vss_strdup(dir);
	for (size_t i = 0; below && i < p->nplaces; i++)
		if (vss_path_is_below(p->places[i].volume->mount, dir))
			c->on[p->places[i].of] = true;
}

static enum vss_instant
instant_of(const struct vss_forecast *f, const struct vss_forecast_component *c)
{
	enum vss_instant together = VSS_INSTANT_ONE;
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < f->nvolumes; i++) {
		if (!c->on[i])
			continue;
		if (first == SIZE_MAX)
			first = i;
		else if (f->volumes[i].group != f->volumes[first].group && together == VSS_INSTANT_ONE)
			together = VSS_INSTANT_MANY;
		if (f->volumes[i].instant > together)
			together = f->volumes[i].instant;
	}
	return together;
}

/* Whatever it will say at freeze, and keep. */
static enum vss_grade
best_grade(const struct vss_forecast_component *c)
{
	enum vss_grade best = VSS_GRADE_NONE;

	for (int hold = VSS_HOLD_NONE; hold <= VSS_HOLD_EXPORT; hold++) {
		struct vss_grade_facts facts = {
			.instant = c->instant,
			.writer = true,
			.hold = (enum vss_hold)hold,
			.commits_stopped = true,
			.in_window = true,
			.confirmed = true,
		};
		/* of files that are in no copy only an export is more than the live tree */
		enum vss_grade g = c->outside && hold != VSS_HOLD_EXPORT ? VSS_GRADE_LIVE : vss_grade_of(&facts);
		if (g > best)
			best = g;
	}
	return best;
}

static void
add_component(const struct vss_forecast *f, struct vss_forecast_writer *w, const struct vss_plan *p, size_t index)
{
	const struct vss_choice_component *chosen = &p->choice.components[index];
	struct vss_forecast_component *c = &VSS_PUSH(w->components, w->ncomponents, w->ccomponents);

	*c = (struct vss_forecast_component){
		.path = vss_component_path(chosen->component),
		.on = vss_alloc(f->nvolumes * sizeof *c->on),
	};
	if (chosen->owner != index)
		c->brought_by = vss_component_path(p->choice.components[chosen->owner].component);
	for (size_t i = 0; i < p->choice.nfiles; i++) {
		const struct vss_choice_files *files = &p->choice.files[i];
		const struct vss_fileset *fs = &files->files;
		if (files->component == index && !files->overlay)
			note_volumes(c, p, fs->alternate ? fs->alternate : fs->path, fs->recursive);
	}
	c->instant = instant_of(f, c);
	c->best = best_grade(c);
}

void
vss_forecast_describe(struct vss_forecast *f, const struct vss_plan *p)
{
	const struct vss_writer *last = NULL;
	struct vss_forecast_writer *w = NULL;

	for (size_t i = 0; i < p->choice.npaths; i++)
		vss_strv_add(&f->paths, p->choice.paths[i].path);
	for (size_t i = 0; i < p->choice.ncomponents; i++) {
		const struct vss_writer *of = p->choice.components[i].writer;
		if (of != last || !w) { /* the components of one writer stand together */
			w = &VSS_PUSH(f->writers, f->nwriters, f->cwriters);
			*w = (struct vss_forecast_writer){
				.id = of->metadata->writer_id,
				.name = vss_strdup(of->metadata->name),
			};
		}
		add_component(f, w, p, i);
		last = of;
	}
}

/* --- how long --- */

static bool
take_longest(struct vss_forecast *f, size_t n, uint64_t us)
{
	if (us > f->freeze_us)
		f->freeze_us = us;
	if (!f->nfreezes || n < f->nfreezes)
		f->nfreezes = n;
	return n > 0;
}

static bool
freeze_of_writers(struct vss_forecast *f, const struct vss_freezes *known)
{
	bool all = true;

	for (size_t i = 0; i < f->nwriters; i++) {
		struct vss_forecast_writer *w = &f->writers[i];
		char id[VSS_UUID_TEXT];
		vss_uuid_text(&w->id, id);
		w->nfreezes = vss_freezes_median(known, id, &w->freeze_us);
		all = take_longest(f, w->nfreezes, w->freeze_us) && all;
	}
	return all;
}

static bool
freeze_of_providers(struct vss_forecast *f, const struct vss_freezes *known)
{
	bool all = true;

	for (size_t i = 0; i < f->nvolumes; i++) {
		VSS_AUTOFREE char *key = vss_strf("provider:%s", f->volumes[i].provider);
		uint64_t us = 0;
		size_t n = vss_freezes_median(known, key, &us);
		all = take_longest(f, n, us) && all;
	}
	return all;
}

void
vss_forecast_freeze(struct vss_forecast *f)
{
	struct vss_freezes known;

	vss_freezes_read(&known);
	if (!(f->nwriters ? freeze_of_writers(f, &known) : freeze_of_providers(f, &known)))
		f->freeze_us = f->nfreezes = 0;
	vss_freezes_free(&known);
}

/* --- how much --- */

static uint64_t
free_in(const char *dir)
{
	VSS_AUTOCLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct vss_err ignored = VSS_ERR_INIT;
	uint64_t bytes = 0;

	if (fd < 0 || vss_free_bytes(fd, &bytes, &ignored) < 0)
		return 0;
	return bytes;
}

/* Headers, manifest, index and documents with all that a file can have about it; nothing is known of how it compresses. */
static uint64_t
archive_most(const struct vss_forecast *f)
{
	enum { OF_FILE = 3072, OF_ARCHIVE = 1 << 20 };

	return f->bytes + f->bytes / 64 + f->files * OF_FILE + OF_ARCHIVE;
}

/* Without --storage copied files lie on their own volume: that is one place when there is one such volume. */
static const char *
own_storage(const struct vss_forecast *f)
{
	const char *own = NULL;

	for (size_t i = 0; i < f->nvolumes; i++) {
		if (f->volumes[i].in_storage && own)
			return NULL;
		if (f->volumes[i].in_storage)
			own = f->volumes[i].volume;
	}
	return own;
}

void
vss_forecast_room(struct vss_forecast *f, const char *archive_dir, const char *storage)
{
	uint64_t used = 0;

	if (!storage)
		storage = own_storage(f);
	if (f->counted == VSS_COUNTED_WHOLE)
		f->archive_most = archive_most(f);
	if (archive_dir) {
		f->archive_dir = vss_strdup(archive_dir);
		f->archive_free = free_in(archive_dir);
	}
	for (size_t i = 0; i < f->nvolumes; i++) {
		if (!f->volumes[i].in_storage || !storage)
			continue;
		used += f->volumes[i].used_bytes;
		if (f->storage_dir)
			continue;
		f->storage_dir = vss_strdup(storage);
		f->storage_free = free_in(storage);
	}
	f->storage_most = f->counted == VSS_COUNTED_WHOLE && f->bytes < used ? f->bytes : used;
}
