/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/copies.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "copies/copies.h"
#include "front/front.h"
#include "front/json.h"
#include "os/dirs.h"
#include "os/interrupt.h"

#include <stdlib.h>

static int
check(const struct vss_front_delete *d, bool rules, struct vss_err *err)
{
	const struct vss_front_wish *w = &d->wish;
	bool option = w->shadow || w->set || w->volume || d->all;
	if (d->oldest && !w->volume)
		return vss_fail(err, VSS_USAGE, 0, "--oldest needs --for VOLUME");
	if (rules && !w->volume && !d->all)
		return vss_fail(err, VSS_USAGE, 0, "rules of what to keep need --for VOLUME, or --all");
	if (rules && d->oldest)
		return vss_fail(err, VSS_USAGE, 0, "--oldest and rules of what to keep exclude each other");
	if (d->tag && !rules)
		return vss_fail(err, VSS_USAGE, 0, "--tag needs a rule of what to keep");
	if (!option && !d->ids->n)
		return vss_fail(err, VSS_USAGE, 0, "say which: an ID, --shadow, --set, --for or --all");
	if (option && d->ids->n)
		return vss_fail(
			err, VSS_USAGE, 0, "'%s': either IDs or one of --shadow, --set, --for, --all", d->ids->v[0]);
	return 0;
}

/* Why it is not meant by those who say --for or --all; NULL: it is. */
static const char *
spared_because(const struct vss_front_pick *p, bool all)
{
	if (!vss_uuid_is_nil(&p->set->owner))
		return "a command that is running uses this shadow copy";
	/* A trial's `all` are its own: it must not take away what the machine keeps. */
	if (all && !vss_path_is_below(p->set->shadows[p->index].device, vss_run_dir()))
		return "this shadow copy was made with another VSS_RUN_DIR";
	return NULL;
}

static void
leave_out_spared(struct vss_front_found *f, bool all)
{
	size_t kept = 0;
	for (size_t i = 0; i < f->n; i++) {
		const char *why = spared_because(&f->v[i], all);
		if (!why)
			f->v[kept++] = f->v[i];
		else
			vss_info("%s: %s: passed over", f->v[i].set->shadows[f->v[i].index].device, why);
	}
	f->n = kept;
}

static int
choose(const struct vss_front_delete *d, const struct vss_set_list *sets, struct vss_front_found *out,
	struct vss_err *err)
{
	for (size_t i = 0; i < d->ids->n; i++)
		if (vss_front_find_word(sets, d->ids->v[i], out, err))
			return -1;
	if (d->ids->n)
		return 0;
	if (vss_front_find(sets, &d->wish, out, err))
		return -1;
	if ((d->wish.shadow || d->wish.set) && !out->n)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: no such shadow copy",
			d->wish.shadow ? d->wish.shadow : d->wish.set);
	if (d->wish.volume || d->all)
		leave_out_spared(out, d->all);
	if (d->oldest && out->n > 1)
		out->n = 1;
	return 0;
}

/* What is said of a copy that need not be there any more. */
struct gone {
	struct vss_uuid id, set;
	char *volume;
};

static void
json_kept_by(struct vss_jw *w, const struct vss_strv *words)
{
	vss_jw_key(w, "kept_by");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < words->n; i++)
		vss_jw_string(w, words->v[i]);
	vss_jw_end_array(w);
}

/* kept_by NULL: no rules were said. */
static void
json_one(struct vss_jw *w, const struct gone *g, const struct vss_strv *kept_by)
{
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &g->id);
	vss_front_json_uuid(w, "set_id", &g->set);
	vss_jw_path(w, "volume", g->volume);
	if (kept_by)
		json_kept_by(w, kept_by);
	vss_jw_end_object(w);
}

static void
text_one(const struct gone *g, bool dry_run)
{
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(g->volume);
	vss_uuid_braced(&g->id, id);
	if (dry_run)
		vss_out("Would delete shadow copy %s of %s\n", id, volume);
	else
		vss_info("deleted shadow copy %s of %s", id, g->volume);
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
delete_one(const struct deleting *all, const struct vss_front_pick *p, struct vss_err *err)
{
	static const struct vss_strv nothing;
	const struct vss_shadow *s = &p->set->shadows[p->index];
	struct gone g = { s->id, p->set->id, vss_strdup(s->volume) };
	int rc = 0;
	if (!all->d->dry_run && (vss_check_interrupt(err) || vss_copies_delete_shadow(p->set, p->index, err)))
		rc = -1;
	else if (all->w)
		json_one(all->w, &g, all->rules ? &nothing : NULL);
	else
		text_one(&g, all->d->dry_run);
	free(g.volume);
	return rc;
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
text_kept(const struct gone *g, const struct vss_strv *words, bool dry_run)
{
	VSS_AUTOBUF struct vss_buf list = VSS_BUF_INIT;
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(g->volume);
	vss_uuid_braced(&g->id, id);
	for (size_t i = 0; i < words->n; i++)
		vss_buf_fmt(&list, "%s%s", i ? ", " : "", words->v[i]);
	if (dry_run)
		vss_out("Would keep shadow copy %s of %s (%s)\n", id, volume, list.data);
	else
		vss_info("kept shadow copy %s of %s (%s)", id, g->volume, list.data);
}

static void
tell_kept(const struct deleting *all)
{
	for (size_t i = 0; i < all->kept.found.n; i++) {
		VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
		const struct vss_front_pick *p = &all->kept.found.v[i];
		struct vss_shadow *s = &p->set->shadows[p->index];
		const struct gone g = { s->id, p->set->id, s->volume };
		vss_retention_words(all->kept.why[i], &words);
		if (all->w)
			json_one(all->w, &g, &words);
		else
			text_kept(&g, &words, all->d->dry_run);
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
	} else if (rc == 0 && !d->dry_run && !d->quiet) {
		vss_out("Successfully deleted %zu shadow cop%s.\n", deleted, deleted == 1 ? "y" : "ies");
	}
	if (rc && deleted && err->code != VSS_INTERRUPTED) {
		vss_say("%s", err->text);
		return vss_fail(err, VSS_PARTIAL, 0, "%zu of %zu shadow copies were deleted", deleted, all->found.n);
	}
	return rc;
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
	if (rc == 0 && !all.found.n && !all.kept.found.n && !d->json && !d->quiet)
		vss_front_none();
	else if (rc == 0)
		rc = delete_found(&all, err);
	vss_front_kept_free(&all.kept);
	vss_front_found_free(&all.found);
	vss_set_list_free(&sets);
	return rc;
}
