/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/increment.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one explicit component said of its files. */
struct heard {
	struct vss_increment *increment;
	struct vss_choice_component *of;
	size_t index; /* of the component */
	size_t faults;
};

static void
fail(struct heard *h, const char *text)
{
	VSS_AUTOFREE char *shown = vss_escaped(text);

	vss_complain("writer \"%s\": component %s: %s", h->of->writer->metadata->name, h->of->component->name, shown);
	h->of->failed = true;
	h->faults++;
}

static void
bad(void *ctx, const char *text)
{
	fail(ctx, text);
}

/* --- paths as the archive has them --- */

/* The same with the links in its paths resolved (Q21), as those of the file sets are. */
static struct vss_bcd_component *
resolved(const struct vss_bcd_component *c)
{
	struct vss_bcd_component *r = vss_memdup(c, sizeof *c);

	r->partials = vss_memdup(c->partials, c->npartials * sizeof *c->partials);
	for (size_t i = 0; i < c->npartials; i++)
		r->partials[i].path = vss_choice_real_path(c->partials[i].path);
	r->differenced = vss_memdup(c->differenced, c->ndifferenced * sizeof *c->differenced);
	for (size_t i = 0; i < c->ndifferenced; i++)
		r->differenced[i].path = vss_choice_real_path(c->differenced[i].path);
	return r;
}

static void
resolved_free(struct vss_bcd_component *r)
{
	for (size_t i = 0; r && i < r->npartials; i++)
		free(r->partials[i].path);
	for (size_t i = 0; r && i < r->ndifferenced; i++)
		free(r->differenced[i].path);
	if (r) {
		free(r->partials);
		free(r->differenced);
	}
	free(r);
}

void
vss_increment_clear(struct vss_increment *i)
{
	for (size_t k = 0; k < i->nparts; k++)
		if (i->plan->choice.components[k].owner == k)
			resolved_free(i->parts[k].stored);
	free(i->parts);
	vss_strv_free(&i->first);
	vss_base_close(&i->base);
	if (i->spool_dirfd >= 0)
		close(i->spool_dirfd);
	*i = (struct vss_increment)VSS_INCREMENT_NONE;
}

/* --- files that no file set has --- */

static bool
is_in_set(const struct vss_plan *p, const char *dir)
{
	struct vss_err ignored = VSS_ERR_INIT;
	struct vss_volume *v = vss_volume_near(dir, &ignored);
	const struct vss_plan_place *at = v ? vss_plan_place_at(p, v->mount) : NULL;

	vss_volume_free(v);
	return at;
}

/* Does one of the sets that stand for the component have them: all of them, or this one file? */
static bool
is_known(const struct heard *h, const struct vss_fileset *f, bool file)
{
	const struct vss_choice *c = &h->increment->plan->choice;

	for (size_t i = 0; i < c->nfiles; i++) {
		const struct vss_fileset *set = &c->files[i].files;
		if (c->components[c->files[i].component].owner != h->index)
			continue;
		if (file ? vss_fileset_matches(set, f->path, f->spec)
			 : strcmp(set->path, f->path) == 0 && strcmp(set->spec, f->spec) == 0 &&
					set->recursive == f->recursive)
			return true;
	}
	return false;
}

/* They are read like a file set of the component, if they lie where the copies are (B46, B54). */
static void
add(struct heard *h, const struct vss_fileset *f, bool file)
{
	struct vss_choice *c = &h->increment->plan->choice;

	if (is_known(h, f, file))
		return;
	if (is_in_set(h->increment->plan, f->path)) {
		VSS_PUSH(c->files, c->nfiles, c->cfiles) = (struct vss_choice_files){
			.component = h->index,
			.files = { .path = vss_strdup(f->path),
				.spec = vss_strdup(f->spec),
				.recursive = f->recursive,
				.mask = VSS_FSBT_DEFAULT },
		};
		return;
	}
	VSS_AUTOFREE char *text = vss_strf("%s/%s: lies on a volume that is not copied", f->path, f->spec);
	fail(h, text);
}

static void
add_unknown(struct heard *h, const struct vss_bcd_component *said)
{
	for (size_t i = 0; i < said->ndifferenced; i++) {
		const struct vss_bcd_differenced *d = &said->differenced[i];
		add(h, &(struct vss_fileset){ .path = d->path, .spec = d->spec, .recursive = d->recursive }, false);
	}
	for (size_t i = 0; i < said->npartials; i++) {
		const struct vss_bcd_partial *p = &said->partials[i];
		if (!strpbrk(p->name, "*?"))
			add(h, &(struct vss_fileset){ .path = p->path, .spec = p->name }, true);
	}
}

/* --- all components --- */

static const struct vss_bcd_component *
record_of(const struct vss_increment *i, const struct vss_choice_component *c)
{
	const struct vss_metadata *m = c->writer->metadata;
	const struct vss_bcd_writer *w =
		vss_bcd_find_writer(vss_session_bcd(i->session), &m->writer_id, &m->instance_id);

	return w ? vss_bcd_find_component(w, c->component->logical_path, c->component->name) : NULL;
}

/* Of a component that the base has not, there is nothing to go on from. */
static enum vss_backup_type
type_for(const struct vss_increment *i, const struct vss_choice_component *c)
{
	const struct vss_metadata *m = c->writer->metadata;
	enum vss_backup_type type = vss_metadata_backup_type(m, i->type);

	if (type != i->type ||
		vss_base_component(&i->base, &m->writer_id, c->component->logical_path, c->component->name))
		return type;
	vss_warn("writer \"%s\": component %s is not in %s, all of it is backed up", m->name, c->component->name,
		i->base.path);
	return VSS_BT_FULL;
}

static size_t
listen_to(struct vss_increment *i, size_t k)
{
	struct vss_choice_component *c = &i->plan->choice.components[k];
	struct heard h = { .increment = i, .of = c, .index = k };
	const struct vss_bcd_component *stored = record_of(i, c);
	struct vss_increment_part *part = &i->parts[k];

	part->type = type_for(i, c);
	if (!stored || part->type != i->type)
		return 0;
	(void)vss_increment_check(c->writer->metadata, c->component, stored, bad, &h);
	part->stored = resolved(stored);
	add_unknown(&h, part->stored);
	return h.faults;
}

size_t
vss_increment_listen(struct vss_increment *i)
{
	struct vss_choice *c = &i->plan->choice;
	size_t faults = 0;

	i->nparts = c->ncomponents;
	i->nsets = c->nfiles;
	i->parts = vss_alloc(i->nparts * sizeof *i->parts);
	for (size_t k = 0; k < i->nparts; k++)
		if (c->components[k].owner == k)
			faults += listen_to(i, k);
	for (size_t k = 0; k < i->nparts; k++) /* what an explicit one said holds for those that it stands for (C20) */
		i->parts[k] = i->parts[c->components[k].owner];
	for (size_t k = 0; k < c->nfiles; k++) /* what is not for this type need not be there */
		if (!vss_fileset_is_in_backup(&c->files[k].files, i->parts[c->files[k].component].type))
			c->files[k].matched = true;
	return faults;
}
