/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/components.h"
#include "os/dirs.h"

#include <stdlib.h>
#include <string.h>

/* A writer's own scratch directory is read, another's never, nor what else these tools keep. */
static int
refuse_foreign_scratch(const struct vss_writer *w, const struct vss_fileset *f, struct vss_err *err)
{
	if (!f->alternate || !w->scratch)
		return 0;
	VSS_AUTOFREE char *real = vss_choice_real_path(f->alternate);
	VSS_AUTOFREE char *state = vss_choice_real_path(vss_state_dir());
	VSS_AUTOFREE char *all = vss_path_dir(w->scratch);
	if (!vss_path_is_below(real, state) && !vss_path_is_below(real, all))
		return 0;
	return vss_fail(err, VSS_GRADE, 0, "%s: not in the scratch directory of this writer", f->alternate);
}

/* The volumes that a component's files are read from (B8). */
static int
add_volumes_of(struct vss_plan *p, const struct vss_writer *w, const struct vss_component *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->nfiles; i++) {
		const struct vss_fileset *f = &c->files[i];
		VSS_AUTOFREE char *scratch = vss_writer_within_scratch(w, f->alternate);
		if (scratch || !vss_choice_is_in_backup(&p->choice, w, f))
			continue;
		if (refuse_foreign_scratch(w, f, err) < 0)
			return vss_wrap(err, "component %s", c->name);
		VSS_AUTOFREE char *dir = vss_choice_real_path(f->alternate ? f->alternate : f->path);
		if (vss_plan_need(p, dir, f->recursive, err) < 0)
			return vss_wrap(err, "component %s", c->name);
	}
	return 0;
}

/* The explicit component that stands for an implicit one: its topmost explicit ancestor (D12). */
static size_t
owner_of(const struct vss_metadata *m, const unsigned char *how, const size_t *index, size_t i)
{
	for (size_t j = 0; how[i] == VSS_SELECT_IMPLICIT && j < m->ncomponents; j++)
		if (how[j] == VSS_SELECT_EXPLICIT && vss_component_is_ancestor(&m->components[j], &m->components[i]))
			return index[j];
	return SIZE_MAX;
}

static int
take(const struct vss_parts *ps, struct vss_part *part, struct vss_session *s, struct vss_err *err)
{
	const struct vss_metadata *m = part->writer->metadata;
	VSS_AUTOFREE size_t *index = vss_alloc(m->ncomponents * sizeof *index);

	for (int pass = VSS_SELECT_EXPLICIT; pass <= VSS_SELECT_IMPLICIT; pass++)
		for (size_t i = 0; i < m->ncomponents; i++) {
			const struct vss_component *c = &m->components[i];
			if (part->how[i] != pass)
				continue;
			if (pass == VSS_SELECT_EXPLICIT &&
				vss_session_add_component(s, part->writer, c, part->named, err) < 0)
				return -1;
			if (!ps->wishes->fixed_volumes && add_volumes_of(ps->plan, part->writer, c, err) < 0)
				return -1;
			index[i] = vss_choice_add_component(
				&ps->plan->choice, part->writer, c, owner_of(m, part->how, index, i));
		}
	vss_choice_add_excludes(&ps->plan->choice, m);
	return 0;
}

/* A writer that owns nothing speaks for files that are not worth keeping, where plain paths would take them. */
static void
spare(const struct vss_parts *ps, const struct vss_writer *w)
{
	struct vss_choice *c = &ps->plan->choice;
	const struct vss_metadata *m = w->metadata;

	for (size_t i = 0; !ps->wishes->fixed_volumes && i < m->nexcludes; i++) {
		const struct vss_fileset *f = &m->excludes[i];
		VSS_AUTOFREE char *dir = vss_choice_real_path(f->path);
		if (!vss_plan_reaches(ps->plan, dir) || !vss_choice_add_spared(c, w, f))
			continue;
		vss_info("%s/%s%s: left out, says writer \"%s\"; --exclude-writer %s takes it", dir, f->spec,
			f->recursive ? " and all below" : "", m->name, w->registration);
	}
}

/* A writer that could not say what it owns: nobody knows whether its files are in the set. */
static int
failed_to_identify(const struct vss_parts *ps, const struct vss_part *part, struct vss_err *err)
{
	const struct vss_writer *w = part->writer;
	const char *why = w->message ? w->message : "it does not answer";

	if (part->named)
		return vss_fail(err, VSS_GRADE, 0, "writer \"%s\": identify: %s", w->registration, why);
	if (!ps->wishes->skip_failed_writers)
		return vss_fail(err, VSS_GRADE, 0, "writer \"%s\": identify: %s; leave it out with %s%s",
			w->registration, why, vss_plan_leave_out(ps->plan),
			ps->plan->leave_out ? "" : " or --skip-failed-writers");
	vss_complain("writer \"%s\" is left out: identify: %s", w->registration, why);
	ps->plan->left_out++;
	return 0;
}

/* What is wished of it, before anybody looks at what that brings with it. */
static int
wish(const struct vss_parts *ps, struct vss_part *part, struct vss_err *err)
{
	if (part->out)
		return 0;
	if (!part->writer->metadata)
		return failed_to_identify(ps, part, err);
	if (!vss_part_components(part)) {
		spare(ps, part->writer);
		return 0;
	}
	return vss_part_wish(ps, part, err);
}

static bool
has_part(const struct vss_part *part)
{
	for (size_t i = 0; i < vss_part_components(part); i++)
		if (part->how[i] != VSS_SELECT_OUT)
			return true;
	return false;
}

/* Q8: the writer acts as for a full backup, and so do we. */
static void
tell_of_full(const struct vss_choice *c, const struct vss_metadata *m)
{
	if (vss_metadata_backup_type(m, c->type) != c->type)
		vss_warn("writer \"%s\": makes no %s backups, all that it has is backed up", m->name,
			vss_backup_type_word(c->type));
}

/* B62: a writer that takes part has excludes of its own. */
static void
bind_list(const struct vss_choice *c, struct vss_exclude_list *l)
{
	for (size_t i = 0; i < c->ncomponents && !l->writer; i++)
		if (vss_writer_is_meant(c->components[i].writer, l->name))
			l->writer = c->components[i].writer;
	if (l->writer)
		vss_info("%s: not in force while writer \"%s\" takes part", l->file, l->writer->metadata->name);
}

int
vss_plan_read_lists(struct vss_plan *p, struct vss_err *err)
{
	struct vss_exclude_lists *lists = &p->choice.lists;

	if (vss_exclude_read(lists, err) < 0)
		return -1;
	for (size_t i = 0; i < lists->n; i++)
		bind_list(&p->choice, &lists->v[i]);
	return 0;
}

/* One that owns nothing, and was not left out, takes part by what it excludes. */
static void
switch_lists_off(const struct vss_parts *ps)
{
	struct vss_exclude_lists *lists = &ps->plan->choice.lists;

	for (size_t i = 0; i < ps->n; i++) {
		const struct vss_part *part = &ps->v[i];
		if (part->out || !part->writer->metadata || vss_part_components(part))
			continue;
		for (size_t k = 0; k < lists->n; k++)
			lists->v[k].off |= vss_writer_is_meant(part->writer, lists->v[k].name);
	}
}

static int
read_lists(const struct vss_parts *ps, struct vss_err *err)
{
	if (ps->wishes->fixed_volumes) /* a shadow copy holds everything */
		return 0;
	if (vss_plan_read_lists(ps->plan, err) < 0)
		return -1;
	switch_lists_off(ps);
	return 0;
}

static int
choose(struct vss_parts *ps, struct vss_session *s, struct vss_err *err)
{
	if (vss_parts_name(ps, vss_session_writers(s), err) < 0)
		return -1;
	for (size_t i = 0; i < ps->n; i++)
		if (wish(ps, &ps->v[i], err) < 0)
			return -1;
	if (vss_parts_force(ps, err) < 0 || vss_parts_verify(ps, vss_session_writers(s), err) < 0)
		return -1;
	if (ps->wishes->lists_left)
		vss_parts_list_left(ps);
	for (size_t i = 0; i < ps->n; i++) {
		struct vss_part *part = &ps->v[i];
		if (!has_part(part))
			continue;
		tell_of_full(&ps->plan->choice, part->writer->metadata);
		if (take(ps, part, s, err) < 0)
			return vss_wrap(err, "writer \"%s\"", part->writer->metadata->name);
	}
	return read_lists(ps, err) < 0 ? -1 : vss_plan_check_recovery(ps->plan, ps->wishes->provider, err);
}

int
vss_plan_choose_writers(struct vss_plan *p, struct vss_session *s, const struct vss_plan_wishes *w, struct vss_err *err)
{
	struct vss_parts ps;

	vss_parts_init(&ps, p, w, vss_session_writers(s));
	int rc = choose(&ps, s, err);
	vss_parts_clear(&ps);
	return rc;
}
