/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/decided.h"

#include "base/log.h"
#include "base/mem.h"
#include "model/logical.h"
#include "os/interrupt.h"
#include "requester/at_boot.h"
#include "tree/room.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What was seen of the files of one component set. */
struct sheet {
	bool asked;	/* it is to be decided now */
	bool forgiving; /* a service that is going to be stopped has its files open */
	struct vss_restore_facts facts;
	size_t staying; /* files that the user does not send elsewhere */
	size_t moved;
	char *there, *obstacle; /* the first that is there, and the first that is in the way whatever the method */
	char *moved_obstacle;	/* the same where the user sends it */
	struct vss_strv replaced, alternates; /* see vss_look_at_room_in_turn */
};
struct look {
	struct vss_restore_image *deciding, *of; /* whose components; whose members */
	struct sheet *sheets;			 /* by component of `deciding` */
};

static bool
is_same_component(const struct vss_returning *a, const struct vss_returning *b)
{
	return vss_uuid_eq(&a->writer->writer_id, &b->writer->writer_id) &&
	       vss_str_eq(a->writer->instance_name, b->writer->instance_name) &&
	       vss_str_eq(a->component->name, b->component->name) &&
	       vss_logical_same(a->component->logical_path, b->component->logical_path);
}

/* The place that an image before it will have decided, or NULL. */
static struct vss_place *
place_before(const struct vss_restore_image *i, const struct vss_returning *r)
{
	for (size_t at = 0; at < i->at; at++) {
		const struct vss_comeback *c = &i->first[at].comeback;
		for (size_t k = 0; k < c->n; k++)
			if (c->v[k].chosen && is_same_component(&c->v[k], r))
				return c->places[k];
	}
	return NULL;
}

void
vss_decide_follow(struct vss_restore_image *i)
{
	struct vss_comeback *c = &i->comeback;

	for (size_t k = 0; k < c->n; k++) {
		struct vss_place *before = place_before(i, &c->v[k]);
		if (before)
			c->places[k] = before;
		else
			c->own[k].pending = c->v[k].chosen && c->v[k].present;
	}
}

/* --- the facts --- */

static void
note_obstacle(char **slot, const char *path, const struct vss_room *room)
{
	VSS_AUTOFREE char *shown = vss_escaped(path);

	if (*slot)
		return;
	const char *why = room->why ? room->why : room->busy ? "it is open for writing" : "it is there";
	*slot = vss_strf("/%s: %s", shown, why);
}

static void
look_at_original(struct sheet *s, int rootfd, const struct vss_member *m)
{
	struct vss_room room = vss_look_at_room_in_turn(&s->replaced, rootfd, m->path, m->mode);
	bool cannot = room.why || (room.busy && !s->forgiving);

	if (room.there)
		s->facts.none_there = false;
	if (cannot)
		s->facts.replaceable = false;
	if (room.there)
		note_obstacle(&s->there, m->path, &room);
	if (cannot)
		note_obstacle(&s->obstacle, m->path, &room);
}

static void
look_at_alternate(struct sheet *s, int rootfd, const struct vss_member *m, const struct vss_wanted_files *f)
{
	VSS_AUTOFREE char *full = vss_strf("/%s", m->path);
	VSS_AUTOFREE char *to = f->alternate ? vss_path_moved(full, f->files.path, f->alternate) : NULL;

	if (!to) {
		s->facts.mapped = false;
		return;
	}
	struct vss_room room = vss_look_at_room_in_turn(&s->alternates, rootfd, to + 1, m->mode);
	if (room.there)
		s->facts.mapped_none_there = false;
	if (room.why || room.busy)
		s->facts.mapped_writable = false;
}

static void
look_at_moved(struct sheet *s, int rootfd, const struct vss_member *m, const struct vss_wanted_files *f,
	bool only_where_nothing_is)
{
	VSS_AUTOFREE char *full = vss_strf("/%s", m->path);
	VSS_AUTOFREE char *to = vss_path_moved(full, f->files.path, f->moved);
	struct vss_room room = vss_look_at_room(rootfd, to + 1, m->mode);

	s->moved++;
	if (room.why || room.busy || (room.there && only_where_nothing_is))
		note_obstacle(&s->moved_obstacle, to + 1, &room);
}

static int
look_at_member(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	const struct look *l = ctx;
	const struct vss_comeback *deciding = &l->deciding->comeback;

	if (vss_check_interrupt(err) < 0)
		return -1;
	if (m->partial || !vss_wanted_takes(&l->of->wanted, m->path, m->mode))
		return 0; /* R41: ranges go over what is there, or comes before them */
	const struct vss_wanted_files *f = vss_wanted_files_of(&l->of->wanted, m->path, m->mode);
	if (!f || f->component == SIZE_MAX || f->ranges)
		return 0;
	const struct vss_place *place = l->of->comeback.places[f->component];
	if (place < deciding->own || place >= deciding->own + deciding->n)
		return 0;
	size_t k = (size_t)(place - deciding->own);
	struct sheet *s = &l->sheets[k];
	if (!s->asked)
		return 0;
	if (f->moved) {
		look_at_moved(
			s, l->deciding->rootfd, m, f, deciding->v[k].metadata->method == VSS_RME_RESTORE_IF_NOT_THERE);
		return 0;
	}
	s->staying++;
	look_at_original(s, l->deciding->rootfd, m);
	look_at_alternate(s, l->deciding->rootfd, m, f);
	VSS_AUTOFREE char *full = vss_strf("/%s", m->path);
	if (S_ISREG(m->mode) && !vss_is_directed(deciding->live[k], full))
		s->facts.directed = false;
	return 0;
}

/* --- the decision --- */

static void
refuse(struct vss_place *p, const struct vss_returning *r, const char *why, const char *obstacle)
{
	VSS_AUTOFREE char *full = vss_logical_full(r->component->logical_path, r->component->name, '/');

	p->decision = (struct vss_restore_decision){ .place = VSS_PLACE_REFUSED, .why = why };
	free(p->refusal);
	p->refusal = vss_strf("writer \"%s\": component %s: restore method %s: %s%s%s%s; nothing was changed",
		r->writer->name, full, vss_restore_method_name(r->metadata->method), why, obstacle ? " (" : "",
		obstacle ? obstacle : "", obstacle ? ")" : "");
}

/* The user's own place is no matter of the method but for what it may replace, and for its service (R34). */
static void
decide_moved(struct vss_place *p, const struct vss_returning *r, const struct sheet *s)
{
	p->decision = (struct vss_restore_decision){
		.place = VSS_PLACE_ORIGINAL,
		.create_only = r->metadata->method == VSS_RME_RESTORE_IF_NOT_THERE,
		.stop_service = vss_method_stops_first(r->metadata->method),
		.restart_service = r->metadata->method == VSS_RME_RESTORE_STOP_START,
	};
	if (s->moved_obstacle)
		refuse(p, r, "the place that --to names is not free", s->moved_obstacle);
}

static void
decide_one(const struct vss_comeback *c, size_t k, const struct sheet *s)
{
	const struct vss_returning *r = &c->v[k];
	const struct vss_bcd_component *live = c->live[k];
	struct vss_place *p = &c->own[k];
	struct vss_err why = VSS_ERR_INIT;

	if (s->moved && !s->staying) {
		decide_moved(p, r, s);
		return;
	}
	p->decision = vss_decide_restore(r->metadata->method, live->target, &s->facts);
	const char *obstacle = r->metadata->method == VSS_RME_RESTORE_IF_NOT_THERE && s->there ? s->there : s->obstacle;
	if (p->decision.place == VSS_PLACE_REFUSED)
		refuse(p, r, p->decision.why, p->decision.writer_error ? NULL : obstacle);
	else if (s->moved_obstacle)
		refuse(p, r, "the place that --to names is not free", s->moved_obstacle);
	else if (p->decision.place == VSS_PLACE_DIRECTED && vss_directed_check(live, &why) < 0)
		refuse(p, r, "its writer directs its files to where they cannot go", why.text);
}

static int
begin_stage(struct vss_place *p, const struct vss_returning *r, struct vss_err *err)
{
	VSS_AUTOFREE char *full = vss_logical_full(r->component->logical_path, r->component->name, '/');
	VSS_AUTOFREE char *what = vss_strf("writer \"%s\": component %s", r->writer->name, full);

	p->stage = vss_at_boot_new(what, err);
	return p->stage ? 0 : -1;
}

/* All are decided before one is refused: a dry run tells of each. */
static int
decide_all(struct vss_comeback *c, const struct sheet *sheets, enum vss_decide_when when, struct vss_err *err)
{
	const char *refusal = NULL;

	for (size_t k = 0; k < c->n; k++) {
		if (!sheets[k].asked)
			continue;
		decide_one(c, k, &sheets[k]);
		c->own[k].pending = false;
		if (!refusal)
			refusal = c->own[k].refusal;
	}
	if (refusal)
		return vss_fail(err, VSS_GRADE, 0, "%s", refusal);
	for (size_t k = 0; k < c->n; k++)
		if (sheets[k].asked && when != VSS_DECIDE_DRY && c->own[k].decision.place == VSS_PLACE_AT_BOOT &&
			begin_stage(&c->own[k], &c->v[k], err) < 0)
			return -1;
	return 0;
}

static bool
is_asked(const struct vss_restore_image *i, size_t k, enum vss_decide_when when)
{
	const struct vss_returning *r = &i->comeback.v[k];

	if (!r->chosen || !r->present || i->comeback.places[k] != &i->comeback.own[k])
		return false;
	bool early = !r->hears && !vss_method_stops_first(r->metadata->method);
	return when == VSS_DECIDE_DRY || early == (when == VSS_DECIDE_EARLY);
}

/* Directories on the way to places that nothing goes to are not made. */
static void
mark_elsewhere(struct vss_restore_image *i)
{
	for (size_t at = i->at; at < i->chain->n; at++)
		for (size_t k = 0; k < i->first[at].wanted.nfiles; k++) {
			struct vss_wanted_files *f = &i->first[at].wanted.files[k];
			if (f->component != SIZE_MAX)
				f->elsewhere = f->moved || i->first[at].comeback.places[f->component]->decision.place !=
								   VSS_PLACE_ORIGINAL;
		}
}

/* Files that a later archive of the chain has belong to the set as well. */
static int
gather_facts(struct vss_restore_image *i, struct sheet *sheets, struct vss_err *err)
{
	for (size_t at = i->at; at < i->chain->n; at++) {
		struct look l = { i, &i->first[at], sheets };
		if (i->first[at].placing.reader &&
			vss_archive_each(i->first[at].placing.reader, look_at_member, &l, err) < 0)
			return -1;
	}
	return 0;
}

int
vss_decide_places(struct vss_restore_image *i, enum vss_decide_when when, struct vss_err *err)
{
	struct vss_comeback *c = &i->comeback;
	VSS_AUTOFREE struct sheet *sheets = vss_alloc((c->n + 1) * sizeof *sheets);
	bool any = false;

	for (size_t k = 0; k < c->n; k++) {
		sheets[k].asked = is_asked(i, k, when);
		sheets[k].forgiving = when == VSS_DECIDE_DRY && vss_method_stops_first(c->v[k].metadata->method) &&
				      vss_services_run(&c->around);
		sheets[k].facts = (struct vss_restore_facts){ true, true, true, true, true, true, true };
		any = any || sheets[k].asked;
	}
	int rc = any ? gather_facts(i, sheets, err) : 0;
	if (rc == 0)
		rc = decide_all(c, sheets, when, err);
	if (rc == 0)
		mark_elsewhere(i);
	for (size_t k = 0; k < c->n; k++) {
		free(sheets[k].there);
		free(sheets[k].obstacle);
		free(sheets[k].moved_obstacle);
		vss_strv_free(&sheets[k].replaced);
		vss_strv_free(&sheets[k].alternates);
	}
	return rc;
}

static int
seal(struct vss_place *p, const struct vss_returning *r, struct vss_err *err)
{
	if (vss_at_boot_seal(p->stage, err) < 0)
		return -1;
	vss_at_boot_free(p->stage);
	p->stage = NULL;
	VSS_AUTOFREE char *full = vss_logical_full(r->component->logical_path, r->component->name, '/');
	vss_warn("writer \"%s\": component %s: its files are moved to their places when the machine starts next",
		r->writer->name, full);
	return 0;
}

int
vss_decide_seal(struct vss_restore_image *last, struct vss_err *err)
{
	for (size_t at = 0; at <= last->at; at++) {
		struct vss_comeback *c = &last->first[at].comeback;
		for (size_t k = 0; k < c->n; k++)
			if (c->own[k].stage && !c->own[k].spoilt && seal(&c->own[k], &c->v[k], err) < 0)
				return -1;
	}
	return 0;
}

void
vss_place_clear(struct vss_place *p)
{
	free(p->refusal);
	vss_at_boot_free(p->stage);
	*p = (struct vss_place){ 0 };
}
