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
check(const struct vss_front_delete *d, struct vss_err *err)
{
	const struct vss_front_wish *w = &d->wish;
	bool option = w->shadow || w->set || w->volume || d->all;
	if (d->oldest && !w->volume)
		return vss_fail(err, VSS_USAGE, 0, "--oldest needs --for VOLUME");
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
json_one(struct vss_jw *w, const struct gone *g)
{
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &g->id);
	vss_front_json_uuid(w, "set_id", &g->set);
	vss_jw_path(w, "volume", g->volume);
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

static int
delete_one(const struct vss_front_delete *d, const struct vss_front_pick *p, struct vss_jw *w, struct vss_err *err)
{
	const struct vss_shadow *s = &p->set->shadows[p->index];
	struct gone g = { s->id, p->set->id, vss_strdup(s->volume) };
	int rc = 0;
	if (!d->dry_run && (vss_check_interrupt(err) || vss_copies_delete_shadow(p->set, p->index, err)))
		rc = -1;
	else if (w)
		json_one(w, &g);
	else
		text_one(&g, d->dry_run);
	free(g.volume);
	return rc;
}

static int
delete_all(const struct vss_front_delete *d, struct vss_front_found *f, struct vss_jw *w, size_t *deleted,
	struct vss_err *err)
{
	for (; *deleted < f->n; ++*deleted) {
		struct vss_front_pick p = f->v[*deleted];
		if (delete_one(d, &p, w, err))
			return -1;
		if (!d->dry_run)
			close_gap(f, *deleted);
	}
	return 0;
}

static int
delete_found(const struct vss_front_delete *d, struct vss_front_found *f, struct vss_err *err)
{
	struct vss_jw *w = d->json ? vss_out_json() : NULL;
	size_t deleted = 0;
	if (w)
		vss_jw_begin_array(w);
	int rc = delete_all(d, f, w, &deleted, err);
	if (w) {
		vss_jw_end_array(w);
		vss_out_json_end(w);
	} else if (rc == 0 && !d->dry_run && !d->quiet) {
		vss_out("Successfully deleted %zu shadow cop%s.\n", deleted, deleted == 1 ? "y" : "ies");
	}
	if (rc && deleted && err->code != VSS_INTERRUPTED) {
		vss_say("%s", err->text);
		return vss_fail(err, VSS_PARTIAL, 0, "%zu of %zu shadow copies were deleted", deleted, f->n);
	}
	return rc;
}

int
vss_front_delete_shadows(const struct vss_front_delete *d, struct vss_err *err)
{
	struct vss_set_list sets = { 0 };
	struct vss_front_found found = { 0 };
	if (check(d, err))
		return -1;
	if (!d->dry_run)
		vss_copies_reap();
	int rc = vss_copies_list(&sets, err);
	if (rc == 0)
		rc = choose(d, &sets, &found, err);
	if (rc == 0 && !found.n && !d->json && !d->quiet)
		vss_front_none();
	else if (rc == 0)
		rc = delete_found(d, &found, err);
	vss_front_found_free(&found);
	vss_set_list_free(&sets);
	return rc;
}
