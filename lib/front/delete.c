/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/copies.h"

#include "base/log.h"
#include "base/mem.h"
#include "copies/copies.h"
#include "front/front.h"
#include "front/json.h"
#include "os/interrupt.h"

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
		return vss_fail(err, VSS_USAGE, 0, "'%s': either IDs or one of --shadow, --set, --for, --all", d->ids->v[0]);
	return 0;
}

static bool
is_in_use(const struct vss_front_pick *p)
{
	return !vss_uuid_is_nil(&p->set->owner);
}

static void
leave_out_used(struct vss_front_found *f)
{
	size_t kept = 0;
	for (size_t i = 0; i < f->n; i++) {
		if (!is_in_use(&f->v[i]))
			f->v[kept++] = f->v[i];
		else
			vss_info("%s: a command that is running uses this shadow copy: passed over",
				f->v[i].set->shadows[f->v[i].index].device);
	}
	f->n = kept;
}

static int
choose(const struct vss_front_delete *d, const struct vss_set_list *sets, struct vss_front_found *out, struct vss_err *err)
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
		leave_out_used(out);
	if (d->oldest && out->n > 1)
		out->n = 1;
	return 0;
}

static void
tell_one(const struct vss_front_pick *p, struct vss_jw *w)
{
	const struct vss_shadow *s = &p->set->shadows[p->index];
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &s->id);
	vss_front_json_uuid(w, "set_id", &p->set->id);
	vss_jw_path(w, "volume", s->volume);
	vss_jw_end_object(w);
}

/* Picks of the same set that stood behind the one that went have moved up. */
static void
close_gap(struct vss_front_found *f, size_t gone)
{
	for (size_t i = gone + 1; i < f->n; i++)
		if (f->v[i].set == f->v[gone].set && f->v[i].index > f->v[gone].index)
			f->v[i].index--;
}

static void
say_one(const struct vss_front_pick *p, const struct vss_front_delete *d)
{
	const struct vss_shadow *s = &p->set->shadows[p->index];
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(s->volume);
	vss_uuid_braced(&s->id, id);
	if (d->dry_run)
		vss_out("Would delete shadow copy %s of %s\n", id, volume);
	else
		vss_info("deleting shadow copy %s of %s", id, s->volume);
}

static int
delete_all(const struct vss_front_delete *d, struct vss_front_found *f, struct vss_jw *w, size_t *deleted, struct vss_err *err)
{
	for (; *deleted < f->n; ++*deleted) {
		struct vss_front_pick p = f->v[*deleted];
		if (!w)
			say_one(&p, d);
		else
			tell_one(&p, w);
		if (d->dry_run)
			continue;
		if (vss_check_interrupt(err) || vss_copies_delete_shadow(p.set, p.index, err))
			return -1;
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
