/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/copies.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "copies/copies.h"
#include "front/delete_tell.h"
#include "os/dirs.h"
#include "os/interrupt.h"

#include <stdlib.h>

static int
check(const struct vss_front_delete *d, bool rules, struct vss_err *err)
{
	const struct vss_front_wish *w = &d->wish;
	bool option = w->shadow || w->set || w->volume || d->all || d->path || d->share;
	bool words = d->ids && d->ids->n;
	if (d->oldest && !w->volume)
		return vss_fail(err, VSS_USAGE, 0, "--oldest needs --for VOLUME");
	if (rules && !w->volume && !d->all)
		return vss_fail(err, VSS_USAGE, 0, "rules of what to keep need --for VOLUME, or --all");
	if (rules && d->oldest)
		return vss_fail(err, VSS_USAGE, 0, "--oldest and rules of what to keep exclude each other");
	if (d->tag && !rules)
		return vss_fail(err, VSS_USAGE, 0, "--tag needs a rule of what to keep");
	if (!option && !words)
		return vss_fail(err, VSS_USAGE, 0, "say which: an ID, --shadow, --set, --for or --all");
	if (option && words)
		return vss_fail(
			err, VSS_USAGE, 0, "'%s': either IDs or one of --shadow, --set, --for, --all", d->ids->v[0]);
	return 0;
}

/* The set of the caller is in use by nobody else. */
static bool
is_own(const struct vss_front_delete *d, const struct vss_set *set)
{
	return d->own && vss_uuid_eq(d->own, &set->id);
}

/* Why it is not meant by those who say --for or --all; NULL: it is. */
static const char *
spared_because(const struct vss_front_delete *d, const struct vss_front_pick *p)
{
	const struct vss_shadow *s = &p->set->shadows[p->index];

	if (!vss_uuid_is_nil(&p->set->owner) && !is_own(d, p->set))
		return "a command that is running uses this shadow copy";
	/* A trial's `all` are its own: it must not take away what the machine keeps. */
	if (d->all && !vss_path_is_below(s->device, vss_run_dir()))
		return "this shadow copy was made with another VSS_RUN_DIR";
	return NULL;
}

static bool
is_of_kind(const struct vss_front_delete *d, const struct vss_front_pick *p)
{
	return (p->set->shadows[p->index].attributes & d->only) == d->only;
}

/* Who says --for or --all may believe that nothing is left. */
static void
tell_other_kind(const struct vss_front_delete *d, const struct vss_front_pick *p)
{
	char id[VSS_UUID_BRACED], wanted[256];
	const struct vss_shadow *s = &p->set->shadows[p->index];

	vss_uuid_braced(&s->id, id);
	vss_attributes_label(d->only, wanted, sizeof wanted);
	if (!d->quiet)
		vss_warn("shadow copy %s of %s stays: it is not '%s' (delete-shadow deletes all kinds)", id, s->volume,
			wanted);
}

static int
leave_out_spared(const struct vss_front_delete *d, struct vss_front_found *f, struct vss_err *err)
{
	size_t kept = 0, others = 0;
	for (size_t i = 0; i < f->n; i++) {
		const char *why = spared_because(d, &f->v[i]);
		if (why) {
			vss_info("%s: %s: passed over", f->v[i].set->shadows[f->v[i].index].device, why);
		} else if (is_of_kind(d, &f->v[i])) {
			f->v[kept++] = f->v[i];
		} else {
			tell_other_kind(d, &f->v[i]);
			others++;
		}
	}
	f->n = kept;
	if (kept || !others)
		return 0;
	return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0,
		"shadow copies were found, but none that this command may delete: delete-shadow deletes all kinds");
}

static int
check_kind(const struct vss_front_delete *d, const struct vss_front_found *f, struct vss_err *err)
{
	char id[VSS_UUID_BRACED], wanted[256];

	for (size_t i = 0; i < f->n; i++) {
		if (is_of_kind(d, &f->v[i]))
			continue;
		vss_uuid_braced(&f->v[i].set->shadows[f->v[i].index].id, id);
		vss_attributes_label(d->only, wanted, sizeof wanted);
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0,
			"shadow copy %s: it is not '%s': %s deletes all kinds", id, wanted,
			d->shape == VSS_SHAPE_DISKSHADOW ? "DELETE SHADOWS" : "delete-shadow");
	}
	return 0;
}

static int
choose_words(
	const struct vss_strv *words, const struct vss_set_list *sets, struct vss_front_found *out, struct vss_err *err)
{
	for (size_t i = 0; i < words->n; i++)
		if (vss_front_find_word(sets, words->v[i], out, err))
			return -1;
	return 0;
}

static int
choose_wish(const struct vss_front_delete *d, const struct vss_set_list *sets, struct vss_front_found *out,
	struct vss_err *err)
{
	if (vss_front_find(sets, &d->wish, out, err))
		return -1;
	if ((d->wish.shadow || d->wish.set) && !out->n && d->shape != VSS_SHAPE_VSSADMIN)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: no such shadow copy",
			d->wish.shadow ? d->wish.shadow : d->wish.set);
	if ((d->wish.volume || d->all) && !d->wish.shadow && leave_out_spared(d, out, err) < 0)
		return -1;
	if (d->oldest && out->n > 1)
		out->n = 1;
	return 0;
}

static int
choose(const struct vss_front_delete *d, const struct vss_set_list *sets, struct vss_front_found *out,
	struct vss_err *err)
{
	int rc;

	if (d->ids && d->ids->n)
		rc = choose_words(d->ids, sets, out, err);
	else if (d->path || d->share)
		rc = vss_front_find_exposed(sets, d->path, d->share, out, err);
	else
		rc = choose_wish(d, sets, out, err);
	return rc < 0 ? -1 : check_kind(d, out, err);
}

/* Picks of the same set that stood behind the one that went have moved up. */
static void
close_gap(struct vss_front_found *f, size_t gone)
{
	for (size_t i = gone + 1; i < f->n; i++)
		if (f->v[i].set == f->v[gone].set && f->v[i].index > f->v[gone].index)
			f->v[i].index--;
}

struct deleting {
	const struct vss_front_delete *d;
	struct vss_front_found found;
	struct vss_front_kept kept;
	bool rules;
	struct vss_jw *w;
};

static int
remove_one(const struct vss_front_delete *d, const struct vss_front_pick *p, struct vss_err *err)
{
	if (d->dry_run)
		return 0;
	if (vss_check_interrupt(err))
		return -1;
	return is_own(d, p->set) ? vss_copies_delete_own(p->set, p->index, err)
				 : vss_copies_delete_shadow(p->set, p->index, err);
}

static int
delete_one(const struct deleting *all, const struct vss_front_pick *p, struct vss_err *err)
{
	static const struct vss_strv nothing;
	const struct vss_shadow *s = &p->set->shadows[p->index];
	VSS_AUTOFREE char *volume = vss_strdup(s->volume);
	const struct vss_front_gone g = { s->id, p->set->id, volume };

	if (!all->w)
		vss_front_deleting(all->d, &g);
	if (remove_one(all->d, p, err))
		return -1;
	if (all->w)
		vss_front_gone_json(all->w, &g, all->rules ? &nothing : NULL);
	else
		vss_front_deleted(all->d, &g);
	return 0;
}

static int
delete_each(struct deleting *all, size_t *deleted, struct vss_err *err)
{
	for (; *deleted < all->found.n; ++*deleted) {
		struct vss_front_pick p = all->found.v[*deleted];
		if (delete_one(all, &p, err))
			return -1;
		if (!all->d->dry_run)
			close_gap(&all->found, *deleted);
	}
	return 0;
}

static void
tell_kept(const struct deleting *all)
{
	for (size_t i = 0; i < all->kept.found.n; i++) {
		VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
		const struct vss_front_pick *p = &all->kept.found.v[i];
		struct vss_shadow *s = &p->set->shadows[p->index];
		const struct vss_front_gone g = { s->id, p->set->id, s->volume };
		vss_retention_words(all->kept.why[i], &words);
		if (all->w)
			vss_front_gone_json(all->w, &g, &words);
		else
			vss_front_kept_text(all->d, &g, &words);
	}
}

static int
delete_found(struct deleting *all, struct vss_err *err)
{
	const struct vss_front_delete *d = all->d;
	size_t deleted = 0;
	all->w = d->json ? vss_out_json() : NULL;
	if (all->w)
		vss_jw_begin_array(all->w);
	tell_kept(all);
	int rc = delete_each(all, &deleted, err);
	if (all->w) {
		vss_jw_end_array(all->w);
		vss_out_json_end(all->w);
	} else if (rc == 0) {
		vss_front_deleted_all(d, deleted);
	}
	if (rc && deleted && err->code != VSS_INTERRUPTED) {
		vss_say("%s", err->text);
		return vss_fail(err, VSS_PARTIAL, 0, "%zu of %zu shadow copies were deleted", deleted, all->found.n);
	}
	return rc;
}

static bool
is_confirmed(const struct deleting *all)
{
	const struct vss_front_delete *d = all->d;
	return d->dry_run || !d->confirm || !all->found.n || d->confirm(d->ctx, all->found.n);
}

int
vss_front_delete_shadows(const struct vss_front_delete *d, struct vss_err *err)
{
	struct vss_retention rules;
	struct vss_set_list sets = { 0 };
	struct deleting all = { .d = d };
	int said = vss_front_keep_rules(&d->keep, &rules, err);
	if (said < 0 || check(d, said, err))
		return -1;
	all.rules = said;
	if (!d->dry_run)
		vss_copies_reap();
	int rc = vss_copies_list(&sets, err);
	if (rc == 0)
		rc = choose(d, &sets, &all.found, err);
	if (rc == 0 && all.rules)
		vss_front_expire(&rules, d->tag, &all.found, &all.kept);
	if (rc == 0 && !all.found.n && !all.kept.found.n && !d->json)
		vss_front_deleted_none(d);
	else if (rc == 0 && is_confirmed(&all))
		rc = delete_found(&all, err);
	vss_front_kept_free(&all.kept);
	vss_front_found_free(&all.found);
	vss_set_list_free(&sets);
	return rc;
}
