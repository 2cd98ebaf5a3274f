/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/plan.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "os/dirs.h"

#include <stdlib.h>
#include <string.h>

/* One writer's components against the plan: what is wished for, and which volumes they need. */
struct touch {
	struct vss_plan *plan;
	const struct vss_plan_wishes *wishes;
	struct vss_writer *writer;
	bool named;
};

static bool
is_in_set(const struct vss_plan *p, const char *dir)
{
	struct vss_err ignored;
	struct vss_volume *v = vss_volume_near(dir, &ignored);
	bool in = false;

	for (size_t i = 0; v && !in && i < p->nvolumes; i++)
		in = strcmp(p->volumes[i].volume->id, v->id) == 0;
	vss_volume_free(v);
	return in;
}

/* Does a plain path name something of the set's directory: a directory in it, or a file? */
static bool
is_named_in(const struct vss_choice *c, const struct vss_fileset *f, const char *dir)
{
	struct vss_fileset real = *f;

	real.path = vss_strdup(dir);
	bool found = false;
	for (size_t i = 0; i < c->npaths && !found; i++) {
		VSS_AUTOFREE char *above = vss_path_dir(c->paths[i].path);
		found = (f->recursive && vss_path_is_below(c->paths[i].path, dir)) ||
			vss_fileset_matches(&real, above, vss_path_base(c->paths[i].path));
	}
	free(real.path);
	return found;
}

static bool
set_touched(const struct touch *t, const struct vss_fileset *f)
{
	VSS_AUTOFREE char *dir = vss_choice_real_path(f->path);

	if (t->wishes->fixed_volumes)
		return is_in_set(t->plan, dir);
	return vss_plan_reaches(t->plan, dir) || is_named_in(&t->plan->choice, f, dir);
}

/* create-shadow: a component that needs a volume outside the set cannot take part (diskshadow's rule). */
static bool
fits_volumes(const struct touch *t, const struct vss_component *c)
{
	if (!t->wishes->fixed_volumes)
		return true;
	for (size_t i = 0; i < c->nfiles; i++)
		if (!set_touched(t, &c->files[i])) {
			vss_warn("component %s of writer \"%s\" is left out: it needs the volume of %s, which is not "
				 "in the set",
				c->name, t->writer->metadata->name, c->files[i].path);
			return false;
		}
	return true;
}

static bool
is_touched(const struct touch *t, const struct vss_component *c)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (set_touched(t, &c->files[i]))
			return fits_volumes(t, c);
	return false;
}

/* A component of which nothing is for this type of backup is no part of it. */
static bool
is_in_backup(const struct touch *t, const struct vss_component *c)
{
	bool in = !c->nfiles;

	for (size_t i = 0; i < c->nfiles && !in; i++)
		in = vss_choice_is_in_backup(&t->plan->choice, t->writer, &c->files[i]);
	return in;
}

/* The nearest component that can be wished for when `i` is wanted: itself, or the selectable one above it. */
static size_t
wishable(const struct vss_metadata *m, size_t i)
{
	if (m->components[i].selectable)
		return i;
	for (size_t j = 0; j < m->ncomponents; j++)
		if (m->components[j].selectable && vss_component_is_ancestor(&m->components[j], &m->components[i]))
			return j;
	return i; /* compulsory */
}

static bool
wish(const struct touch *t, bool *wanted)
{
	const struct vss_metadata *m = t->writer->metadata;
	bool any = false;

	for (size_t i = 0; i < m->ncomponents; i++) {
		const struct vss_component *c = &m->components[i];
		if (!is_in_backup(t, c) || !(t->named ? fits_volumes(t, c) : is_touched(t, c)))
			continue;
		wanted[wishable(m, i)] = true;
		any = true;
	}
	return any;
}

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
take(struct touch *t, struct vss_session *s, const unsigned char *how, struct vss_err *err)
{
	const struct vss_metadata *m = t->writer->metadata;
	VSS_AUTOFREE size_t *index = vss_alloc(m->ncomponents * sizeof *index);

	for (int pass = VSS_SELECT_EXPLICIT; pass <= VSS_SELECT_IMPLICIT; pass++)
		for (size_t i = 0; i < m->ncomponents; i++) {
			const struct vss_component *c = &m->components[i];
			if (how[i] != pass)
				continue;
			if (pass == VSS_SELECT_EXPLICIT &&
				vss_session_add_component(s, t->writer, c, t->named, err) < 0)
				return -1;
			if (!t->wishes->fixed_volumes && add_volumes_of(t->plan, t->writer, c, err) < 0)
				return -1;
			index[i] = vss_choice_add_component(&t->plan->choice, t->writer, c, owner_of(m, how, index, i));
		}
	vss_choice_add_excludes(&t->plan->choice, m);
	return 0;
}

/* A writer that owns nothing speaks for files that are not worth keeping, where plain paths would take them. */
static void
spare(const struct touch *t)
{
	struct vss_choice *c = &t->plan->choice;
	const struct vss_metadata *m = t->writer->metadata;

	for (size_t i = 0; !t->wishes->fixed_volumes && i < m->nexcludes; i++) {
		const struct vss_fileset *f = &m->excludes[i];
		VSS_AUTOFREE char *dir = vss_choice_real_path(f->path);
		if (!vss_plan_reaches(t->plan, dir) || !vss_choice_add_spared(c, t->writer, f))
			continue;
		vss_info("%s/%s%s: left out, says writer \"%s\"; --exclude-writer %s takes it", dir, f->spec,
			f->recursive ? " and all below" : "", m->name, t->writer->registration);
	}
}

static bool
is_meant(const struct vss_writer *w, const char *word)
{
	struct vss_uuid id;

	if (vss_str_caseeq(word, w->registration))
		return true;
	if (!w->metadata)
		return false;
	return vss_str_caseeq(word, w->metadata->name) ||
	       (vss_uuid_parse(word, &id) == 0 &&
		       (vss_uuid_eq(&id, &w->metadata->writer_id) || vss_uuid_eq(&id, &w->metadata->instance_id)));
}

static bool
is_listed(const struct vss_writer *w, const struct vss_strv *names)
{
	for (size_t i = 0; names && i < names->n; i++)
		if (is_meant(w, names->v[i]))
			return true;
	return false;
}

static int
check_name(struct vss_writers *ws, const char *name, struct vss_err *err)
{
	for (size_t i = 0; ws && i < vss_writers_all(ws); i++) {
		const struct vss_writer *w = vss_writers_at(ws, i);
		if (!is_meant(w, name))
			continue;
		if (!w->absent)
			return 0;
		return vss_fail(
			err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": not on this machine: %s", name, w->absent);
	}
	return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0,
		"writer \"%s\": there is none of that name, see list-writers --all", name);
}

static int
check_names(struct vss_writers *ws, const struct vss_strv *names, struct vss_err *err)
{
	for (size_t i = 0; names && i < names->n; i++)
		if (check_name(ws, names->v[i], err) < 0)
			return -1;
	return 0;
}

/* A writer that could not say what it owns: nobody knows whether its files are in the set. */
static int
failed_to_identify(struct vss_plan *p, const struct vss_writer *w, bool named, bool skip, struct vss_err *err)
{
	const char *why = w->message ? w->message : "it does not answer";

	if (named)
		return vss_fail(err, VSS_GRADE, 0, "writer \"%s\": identify: %s", w->registration, why);
	if (!skip)
		return vss_fail(err, VSS_GRADE, 0,
			"writer \"%s\": identify: %s; leave it out with --exclude-writer or --skip-failed-writers",
			w->registration, why);
	vss_complain("writer \"%s\" is left out: identify: %s", w->registration, why);
	p->left_out++;
	return 0;
}

/* Q8: the writer acts as for a full backup, and so do we. */
static void
tell_of_full(const struct touch *t)
{
	const struct vss_metadata *m = t->writer->metadata;
	enum vss_backup_type wanted = t->plan->choice.type;

	if (vss_metadata_backup_type(m, wanted) != wanted)
		vss_warn("writer \"%s\": makes no %s backups, all that it has is backed up", m->name,
			vss_backup_type_word(wanted));
}

/* A writer that was named must not be missing without a word. */
static int
nothing_of(const struct touch *t, struct vss_err *err)
{
	const char *name = t->writer->metadata->name;

	if (t->plan->choice.type == VSS_BT_LOG)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": has no log files to back up", name);
	if (t->wishes->fixed_volumes)
		return vss_fail(err, VSS_GRADE, 0,
			"writer \"%s\": none of its components lies on these volumes as a whole: name the others too",
			name);
	return 0;
}

int
vss_plan_choose_writers(struct vss_plan *p, struct vss_session *s, const struct vss_plan_wishes *w, struct vss_err *err)
{
	struct vss_writers *ws = vss_session_writers(s);

	if (check_names(ws, w->writers, err) < 0)
		return -1;
	for (size_t i = 0; ws && i < vss_writers_count(ws); i++) {
		struct touch t = { p, w, vss_writers_at(ws, i), false };
		t.named = is_listed(t.writer, w->writers);
		if (is_listed(t.writer, w->exclude_writers))
			continue;
		if (!t.writer->metadata) {
			if (failed_to_identify(p, t.writer, t.named, w->skip_failed_writers, err) < 0)
				return -1;
			continue;
		}
		size_t n = t.writer->metadata->ncomponents;
		if (n == 0) {
			spare(&t);
			continue;
		}
		VSS_AUTOFREE bool *wanted = vss_alloc(n * sizeof *wanted);
		VSS_AUTOFREE unsigned char *how = vss_alloc(n);
		if (!wish(&t, wanted)) {
			if (t.named && nothing_of(&t, err) < 0)
				return -1;
			continue;
		}
		tell_of_full(&t);
		if (vss_select_for_backup(t.writer->metadata, wanted, how, err) < 0 || take(&t, s, how, err) < 0)
			return vss_wrap(err, "writer \"%s\"", t.writer->metadata->name);
	}
	return 0;
}
