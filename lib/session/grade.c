/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "model/logical.h"

#include <stdlib.h>

struct vss_instant_facts
session_facts(const struct vss_session *s, size_t volume)
{
	const struct vss_provider_volume *pv = making_at(s->making, volume);

	return (struct vss_instant_facts){
		.domain = pv->domain,
		.mark = pv->mark,
		.fuzzy = pv->fuzzy,
		.held = pv->held,
		.stopped = s->stopped,
		.still = pv->still,
	};
}

/* What the volumes that `in` accepts are together. */
static enum vss_instant
instant_of(const struct vss_session *s, bool (*in)(const void *ctx, size_t volume), const void *ctx)
{
	VSS_AUTOFREE struct vss_instant_facts *f = vss_alloc(s->nvolumes * sizeof *f);
	unsigned n = 0;

	for (size_t i = 0; i < s->nvolumes; i++)
		if (in(ctx, i))
			f[n++] = session_facts(s, i);
	return vss_instant_of(f, n);
}

static bool
is_any(const void *ctx, size_t volume)
{
	(void)ctx;
	(void)volume;
	return true;
}

static bool
is_on(const void *ctx, size_t volume)
{
	const struct session_span *span = ctx;
	return span->on[volume];
}

/* --- Components --- */

/* Was every copy that it lies on taken between its freeze and its thaw? */
static bool
in_window(const struct vss_session *s, const struct vss_writer *w, const struct session_span *span)
{
	for (size_t i = 0; i < s->nvolumes; i++) {
		int64_t at = making_at(s->making, i)->committed_ns;
		if (span->on[i] && (!w->frozen_ns || !w->thawed_ns || at < w->frozen_ns || at > w->thawed_ns))
			return false;
	}
	return true;
}

static enum vss_grade
grade_component(const struct vss_session *s, const struct session_part *p, const struct vss_bcd_component *c,
	const struct session_span *span)
{
	const struct vss_writer *w = p->writer;
	struct vss_grade_facts f = {
		.instant = instant_of(s, is_on, span),
		.writer = true,
		.writer_failed = session_writer_failed(w) || c->failure != VSS_OK,
		.hold = w->hold,
		.commits_stopped = w->commits_stopped,
		.in_window = in_window(s, w, span),
		.confirmed = w->confirmed,
	};
	enum vss_grade g = vss_grade_of(&f);

	/* Files that are in no copy can only be read from the live tree; an export does not need them. */
	if (span->outside && !(w->hold == VSS_HOLD_EXPORT && g == VSS_GRADE_APPLICATION))
		return VSS_GRADE_LIVE;
	return g;
}

static enum vss_grade
lower(enum vss_grade a, enum vss_grade b)
{
	return a == VSS_GRADE_NONE || (b != VSS_GRADE_NONE && b < a) ? b : a;
}

static void
grade_part(struct vss_session *s, const struct session_part *p)
{
	const struct vss_bcd_writer *bw = session_bcd_writer(s, p->writer);

	for (size_t k = 0; bw && !p->left_out && k < p->nspans; k++)
		bw->components[k].grade = grade_component(s, p, &bw->components[k], &p->spans[k]);
}

/* --- Volumes --- */

struct plain {
	const struct vss_session *s;
	size_t self;
};

static bool
is_sharp_company(const void *ctx, size_t volume)
{
	const struct plain *p = ctx;
	return volume == p->self || (p->s->volumes[volume].plain && !making_at(p->s->making, volume)->fuzzy);
}

/*
 * Plain paths of one set belong together: a volume is graded with the others that hold some.  A fuzzy neighbour
 * spoils the common instant, no more.
 */
static enum vss_grade
grade_volume(const struct vss_session *s, size_t volume)
{
	struct plain p = { s, volume };
	struct vss_grade_facts f = { .instant = instant_of(s, is_sharp_company, &p) };
	bool alone = !s->volumes[volume].plain;

	if (alone) {
		struct vss_instant_facts own = session_facts(s, volume);
		f.instant = vss_instant_of(&own, 1);
	}
	for (size_t i = 0; !alone && f.instant == VSS_INSTANT_ONE && i < s->nvolumes; i++)
		if (!is_sharp_company(&p, i) && s->volumes[i].plain)
			f.instant = VSS_INSTANT_MANY;
	return vss_grade_of(&f);
}

/* --- The set --- */

static enum vss_grade
lowest_of_part(const struct vss_session *s, const struct session_part *p)
{
	const struct vss_bcd_writer *bw = session_bcd_writer(s, p->writer);
	enum vss_grade lowest = VSS_GRADE_NONE;

	for (size_t k = 0; bw && !p->left_out && k < p->nspans; k++)
		lowest = lower(lowest, bw->components[k].grade);
	return lowest;
}

/* Of writers and of the set, from those of components and volumes. */
static void
sum_up(struct vss_session *s)
{
	enum vss_grade lowest = VSS_GRADE_NONE, any = VSS_GRADE_NONE;

	for (size_t i = 0; i < s->nparts; i++) {
		s->set->writers[i].grade = lowest_of_part(s, &s->parts[i]);
		lowest = lower(lowest, s->set->writers[i].grade);
	}
	for (size_t i = 0; i < s->nvolumes; i++) {
		enum vss_grade g = s->set->shadows[i].grade;
		any = lower(any, g);
		if (s->volumes[i].plain)
			lowest = lower(lowest, g);
	}
	s->set->grade = lowest == VSS_GRADE_NONE ? any : lowest;
}

/*
 * From the earliest commit to the latest; of a volume that was held, or did not change, any moment would do.  How far apart
 * the files of a fuzzy copy are nobody has measured.
 */
static int64_t
skew_of(const struct vss_session *s)
{
	int64_t first = INT64_MAX, last = INT64_MIN;

	if (s->set->instant != VSS_INSTANT_MANY)
		return s->set->instant == VSS_INSTANT_ONE ? 0 : -1;
	for (size_t i = 0; i < s->nvolumes; i++) {
		const struct vss_instant_facts f = session_facts(s, i);
		int64_t at = making_at(s->making, i)->committed_ns;
		if (vss_instant_is_any(&f))
			continue;
		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	return last - first;
}

void
session_grade(struct vss_session *s)
{
	for (size_t i = 0; i < s->nparts; i++)
		grade_part(s, &s->parts[i]);
	for (size_t i = 0; i < s->nvolumes; i++)
		s->set->shadows[i].grade = s->bcd->volumes[i].grade = grade_volume(s, i);
	sum_up(s);
	s->set->instant = instant_of(s, is_any, NULL);
	s->set->skew_ns = skew_of(s);
}

void
session_take_grade(struct vss_session *s, struct vss_bcd_component *c)
{
	c->grade = VSS_GRADE_NONE;
	if (!s->existing) /* its set was graded when it was made */
		sum_up(s);
}

/* --- The bar --- */

/* The engine's own protocol was begun and has not come to its end: what it promised does not hold. */
static bool
is_unconfirmed(const struct vss_writer *w)
{
	return (w->hold == VSS_HOLD_BRACKET || w->hold == VSS_HOLD_EXPORT) && !w->confirmed;
}

static int
below_bar(const struct vss_session *s, const struct session_part *p, const struct vss_bcd_component *c,
	struct vss_err *err)
{
	VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
	const char *outside = p->spans[c - session_bcd_writer(s, p->writer)->components].outside;

	if (session_writer_failed(p->writer))
		return session_blame(p->writer, VSS_EVENT_POST_SNAPSHOT, VSS_GRADE, err);
	if (c->failure != VSS_OK)
		return vss_fail(err, VSS_GRADE, 0, "writer \"%s\": component %s: %s (%s)",
			session_writer_name(p->writer), full, c->failure_message ? c->failure_message : "failed",
			vss_code_name(c->failure));
	if (is_unconfirmed(p->writer))
		return vss_fail(err, VSS_GRADE, 0,
			"writer \"%s\": component %s: post-snapshot did not confirm hold=%s: its copy is only %s, %s "
			"is wanted",
			session_writer_name(p->writer), full, vss_hold_word(p->writer->hold), vss_grade_word(c->grade),
			vss_grade_word(s->o.min_component_grade));
	if (c->grade == VSS_GRADE_LIVE && outside)
		return vss_fail(err, VSS_GRADE, 0,
			"writer \"%s\": component %s: %s lies on no volume of the set: add its volume",
			session_writer_name(p->writer), full, outside);
	return vss_fail(err, VSS_GRADE, 0,
		"writer \"%s\": component %s: its copy is only %s, %s is wanted: accept it with --min-grade %s",
		session_writer_name(p->writer), full, vss_grade_word(c->grade),
		vss_grade_word(s->o.min_component_grade), vss_grade_word(c->grade));
}

static int
check_part(const struct vss_session *s, const struct session_part *p, struct vss_err *err)
{
	const struct vss_bcd_writer *bw = session_bcd_writer(s, p->writer);

	for (size_t k = 0; bw && !p->left_out && k < p->nspans; k++)
		if (bw->components[k].grade < s->o.min_component_grade)
			return below_bar(s, p, &bw->components[k], err);
	return 0;
}

int
session_check_promises(const struct vss_session *s, struct vss_err *err)
{
	return vss_topology_check(&s->topology, s->o.min_path_grade, err);
}

static int
check_volume(const struct vss_session *s, size_t i, struct vss_err *err)
{
	const struct vss_shadow *sh = &s->set->shadows[i];

	if (!s->volumes[i].plain || sh->grade >= s->o.min_path_grade)
		return 0;
	return vss_topology_refuse(sh->volume, sh->grade, s->o.min_path_grade, err);
}

int
session_check_bars(const struct vss_session *s, struct vss_err *err)
{
	for (size_t i = 0; i < s->nparts; i++)
		if (check_part(s, &s->parts[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->set->nshadows; i++)
		if (check_volume(s, i, err) < 0)
			return -1;
	return 0;
}
