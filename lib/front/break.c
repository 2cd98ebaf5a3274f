/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/break.h"

#include "base/mem.h"
#include "copies/break.h"
#include "copies/copies.h"
#include "front/front.h"
#include "front/json.h"
#include "front/select.h"

#include <stdlib.h>

/* What is said of a copy that is none any more. */
struct broken {
	struct vss_uuid id, set;
	char *volume, *where;
};

static void
tell_json(struct vss_jw *w, const struct broken *b)
{
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &b->id);
	vss_front_json_uuid(w, "set_id", &b->set);
	vss_jw_path(w, "volume", b->volume);
	vss_jw_path(w, "where", b->where);
	vss_jw_end_object(w);
}

static void
tell_text(const struct broken *b, bool dry_run)
{
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(b->volume);
	VSS_AUTOFREE char *where = vss_out_name(b->where);

	vss_uuid_braced(&b->id, id);
	vss_out(dry_run ? "Would make shadow copy %s of %s the volume %s.\n"
			: "Shadow copy %s of %s is the volume %s now.\n",
		id, volume, where);
}

static int
break_one(const struct vss_front_break *b, const struct vss_front_pick *p, struct vss_jw *w, struct vss_err *err)
{
	const struct vss_shadow *s = &p->set->shadows[p->index];
	VSS_AUTOFREE char *name = b->name ? vss_strdup(b->name) : vss_copies_break_name(p->set, p->index);
	struct broken g = { s->id, p->set->id, vss_strdup(s->volume), NULL };
	int rc = b->dry_run ? vss_copies_check_break(p->set, p->index, name, err)
			    : vss_copies_break(p->set, p->index, name, b->writable, &g.where, err);

	if (rc < 0) {
		char id[VSS_UUID_BRACED];
		vss_uuid_braced(&g.id, id);
		vss_wrap(err, "shadow copy %s", id);
	} else {
		if (!g.where)
			g.where = vss_take(&name);
		if (w)
			tell_json(w, &g);
		else if (b->dry_run || !b->quiet)
			tell_text(&g, b->dry_run);
	}
	free(g.volume);
	free(g.where);
	return rc;
}

/* Picks of one set: what stands behind the one that went moves up. */
static int
break_all(const struct vss_front_break *b, struct vss_front_found *f, struct vss_jw *w, struct vss_err *err)
{
	for (size_t i = 0; i < f->n; i++) {
		if (break_one(b, &f->v[i], w, err) < 0) {
			if (i == 0 || b->dry_run)
				return -1;
			vss_say("%s", err->text);
			return vss_fail(err, VSS_PARTIAL, 0, "%zu of %zu shadow copies became volumes", i, f->n);
		}
		for (size_t k = i + 1; !b->dry_run && k < f->n; k++)
			f->v[k].index -= f->v[k].index > f->v[i].index;
	}
	return 0;
}

static int
break_found(const struct vss_front_break *b, struct vss_front_found *f, struct vss_err *err)
{
	struct vss_jw *w = NULL;

	if (b->name && f->n > 1)
		return vss_fail(err, VSS_USAGE, 0, "--name: '%s' cannot be the name of %zu volumes", b->name, f->n);
	if (b->json) {
		w = vss_out_json();
		vss_jw_begin_array(w);
	}
	int rc = break_all(b, f, w, err);
	if (w) {
		vss_jw_end_array(w);
		vss_out_json_end(w);
	}
	return rc;
}

int
vss_front_break_shadow(const struct vss_front_break *b, struct vss_err *err)
{
	struct vss_set_list sets = { 0 };
	struct vss_front_found found = { 0 };

	if (!b->dry_run)
		vss_copies_reap();
	int rc = vss_copies_list(&sets, err);
	if (rc == 0)
		rc = vss_front_find_word(&sets, b->id, &found, err);
	if (rc == 0)
		rc = break_found(b, &found, err);
	vss_front_found_free(&found);
	vss_set_list_free(&sets);
	return rc;
}
