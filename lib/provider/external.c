/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/external_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define BID_MAX 100

/* They were made by us, and what they can do is filled in as it becomes known. */
struct external *
external_of(const struct vss_provider_ops *ops)
{
	return (struct external *)(uintptr_t)ops;
}

/* --- The desk --- */

static enum vss_provider_hold
hold_of(const char *word)
{
	if (vss_str_eq(word, "wants"))
		return VSS_PROVIDER_HOLD_WANTS;
	return vss_str_eq(word, "may") ? VSS_PROVIDER_HOLD_MAY : VSS_PROVIDER_HOLD_NEVER;
}

/* `version` is for people; whatever is not said cannot be done. */
static void
note_skills(struct external *p)
{
	const struct external_talk *t = &p->desk;
	const char *version = vss_line_get(&t->answer, "provider-version");

	if (p->met)
		return;
	p->version = vss_escaped(version ? version : "1");
	p->ops.version = p->version;
	p->ops.atomic_set = external_flag(t, "atomic-set");
	p->ops.differential = external_flag(t, "differential");
	p->hold = hold_of(vss_line_get(&t->answer, "hold"));
	p->can_revert = external_flag(t, "revert");
	p->can_use = external_flag(t, "use");
	p->met = true;
}

/* Under the lock. */
static int
open_desk(struct external *p, struct vss_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (p->desk.open)
		return 0;
	(void)pthread_once(&once, external_end_with_us);
	external_talk_end(&p->desk);
	if (external_talk_start(p, &p->desk, err) != 0)
		return -1;
	note_skills(p);
	return 0;
}

static int
fail_with_name(const struct external *p, struct vss_err *err)
{
	return vss_wrap(err, "%s", p->label);
}

int
external_enter(struct external *p, struct external_question *q, struct vss_err *err)
{
	pthread_mutex_lock(&p->lock);
	if (open_desk(p, err) != 0) {
		vss_buf_free(&q->pairs);
		vss_buf_free(&q->lines);
		return fail_with_name(p, err);
	}
	return external_ask(&p->desk, q, err) == 0 ? 0 : fail_with_name(p, err);
}

void
external_leave(struct external *p)
{
	external_drop_answer(&p->desk);
	pthread_mutex_unlock(&p->lock);
}

int
external_meet(struct external *p, struct vss_err *err)
{
	pthread_mutex_lock(&p->lock);
	int r = p->met || open_desk(p, err) == 0 ? 0 : fail_with_name(p, err);
	pthread_mutex_unlock(&p->lock);
	return r;
}

int
vss_provider_meet(const struct vss_provider_ops *p, struct vss_err *err)
{
	return external_is(p) ? external_meet(external_of(p), err) : 0;
}

/* --- Choice --- */

/* The answer to `volume`: bid=0..100; -1 when it is none. */
static int
bid_of(const struct external_talk *t, struct vss_err *err)
{
	const char *text = vss_line_get(&t->answer, "bid");
	uint64_t n;

	if (!text || vss_parse_u64(text, &n) != 0 || n > BID_MAX)
		return vss_fail(
			err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "volume: bid= is not a number up to %d", BID_MAX);
	return (int)n;
}

static void
put_volume(struct vss_buf *lines, const struct vss_volume *v)
{
	vss_line_begin(lines, "volume");
	external_describe(lines, v);
	vss_line_end(lines);
}

/* S63: in principle.  Pseudo file systems and copies that are mounted are nobody's volumes. */
static int
bid(const struct vss_provider_ops *self, const struct vss_volume *v)
{
	struct external *p = external_of(self);
	struct external_question q = { .event = EXTERNAL_VOLUME };
	struct vss_err err = VSS_ERR_INIT;

	if (v->pseudo || v->shadow)
		return 0;
	put_volume(&q.lines, v);
	int score = external_enter(p, &q, &err);
	if (score == 0 && (score = bid_of(&p->desk, &err)) < 0)
		fail_with_name(p, &err);
	if (score < 0)
		p->trouble = err;
	external_leave(p);
	return score;
}

int
vss_external_trouble(const struct vss_provider_ops *ops, struct vss_err *err)
{
	struct external *p = external_of(ops);

	pthread_mutex_lock(&p->lock);
	*err = p->trouble;
	pthread_mutex_unlock(&p->lock);
	return -1;
}

static enum vss_provider_hold
hold(const struct vss_provider_set *ps, const struct vss_provider_volume *v)
{
	(void)v;
	return external_of(ps->provider)->hold;
}

/* What the volumes of `ps`, and `more` unless NULL, will be: 1 one instant, 0 not, -1. */
static int
ask_plan(const struct vss_provider_set *ps, const struct vss_volume *more, struct vss_err *err)
{
	struct external *p = external_of(ps->provider);
	struct external_question q = { .event = EXTERNAL_PLAN };

	if (!p->ops.atomic_set)
		return 0;
	for (size_t i = 0; i < ps->n; i++)
		put_volume(&q.lines, ps->v[i].volume);
	if (more)
		put_volume(&q.lines, more);
	int r = external_enter(p, &q, err);
	bool one = r == 0 && vss_str_eq(vss_line_get(&p->desk.answer, "instant"), "one");
	external_leave(p);
	return r == 0 ? one : -1;
}

/* S69: nothing is begun that cannot be delivered. */
static int
check(const struct vss_provider_set *ps, const struct vss_volume *v, struct vss_err *err)
{
	struct external *p = external_of(ps->provider);
	struct external_question q = { .event = EXTERNAL_CHECK };

	if (ps->writable || ps->transportable)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: copies by %s cannot be %s", v->mount, p->label,
			ps->writable ? "written to" : "transported");
	put_volume(&q.lines, v);
	int r = external_enter(p, &q, err);
	external_leave(p);
	/* A promise cannot fail: what it will ask has to be answered here. */
	if (r == 0 && ps->n > 0 && ask_plan(ps, v, err) < 0)
		r = -1;
	return r == 0 ? 0 : vss_wrap(err, "%s", v->mount);
}

static bool
are_held(const struct vss_provider_set *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		if (!ps->v[i].to_hold)
			return false;
	return true;
}

/* Held all together they are one instant whatever it does; a single one is one by the contract. */
static bool
is_one_anyway(const struct vss_provider_set *ps)
{
	return ps->n < 2 || are_held(ps) || ps->cgroups;
}

static enum vss_instant
promise(const struct vss_provider_set *ps)
{
	struct vss_err err = VSS_ERR_INIT;

	if (external_of(ps->provider)->hold == VSS_PROVIDER_HOLD_WANTS && !are_held(ps))
		return VSS_INSTANT_FUZZY;
	if (is_one_anyway(ps))
		return VSS_INSTANT_ONE;
	int one = ask_plan(ps, NULL, &err);
	if (one < 0)
		vss_warn("%s", err.text);
	return one == 1 ? VSS_INSTANT_ONE : VSS_INSTANT_MANY;
}

static int
places(const struct vss_provider_ops *self, struct vss_provider_places *out, struct vss_err *err)
{
	const struct external *p = external_of(self);
	int fd = external_open_place(p, false, err);

	if (fd < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	external_place(p, fd, out);
	return 0;
}

const struct vss_provider_ops vss_external_ops = {
	.version = "1",
	.type = VSS_PROV_SOFTWARE,
	.self_made = true,
	.bid = bid,
	.hold = hold,
	.promise = promise,
	.check = check,
	.begin_prepare = external_begin,
	.pre_commit = external_pre_commit,
	.commit = external_commit,
	.post_commit = external_post_commit,
	.post_final_commit = external_final_commit,
	.abort = external_abort,
	.done = external_done,
	.places_of = external_places_of,
	.places = places,
	.surface = external_surface,
	.unsurface = external_unsurface,
	.expose = external_expose,
	.unexpose = external_unexpose,
	.remove = external_remove,
	.tidy = external_tidy,
	.exists = external_exists,
	.reap = external_reap,
	.use = external_use,
	.revert = external_revert,
};

bool
external_is(const struct vss_provider_ops *ops)
{
	return ops->bid == bid;
}
