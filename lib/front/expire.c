/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/expire.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

int
vss_front_keep_rules(const struct vss_front_keep *k, struct vss_retention *out, struct vss_err *err)
{
	const struct {
		const char *option;
		uint64_t said;
		uint64_t *to;
	} rules[] = {
		{ "--keep-last", k->last, &out->n[VSS_KEEP_LAST] },
		{ "--keep-hourly", k->hourly, &out->n[VSS_KEEP_HOURLY] },
		{ "--keep-daily", k->daily, &out->n[VSS_KEEP_DAILY] },
		{ "--keep-weekly", k->weekly, &out->n[VSS_KEEP_WEEKLY] },
		{ "--keep-monthly", k->monthly, &out->n[VSS_KEEP_MONTHLY] },
		{ "--keep-yearly", k->yearly, &out->n[VSS_KEEP_YEARLY] },
		{ "--keep-within", k->within, &out->within_s },
	};

	*out = (struct vss_retention){ 0 };
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		/* In a script 0 is an empty variable rather than a wish to lose everything. */
		if (rules[i].said == 0)
			return vss_fail(err, VSS_USAGE, 0, "%s: 0 would keep nothing: leave it out", rules[i].option);
		if (rules[i].said != VSS_FRONT_KEEP_UNSET)
			*rules[i].to = rules[i].said;
	}
	return !vss_retention_is_empty(out);
}

void
vss_front_kept_free(struct vss_front_kept *k)
{
	vss_front_found_free(&k->found);
	free(k->why);
	k->why = NULL;
}

static const struct vss_shadow *
shadow_of(const struct vss_front_pick *p)
{
	return &p->set->shadows[p->index];
}

static bool
is_left_alone(const struct vss_front_pick *p, const char *tag)
{
	const struct vss_shadow *s = shadow_of(p);

	if (!vss_str_eq(p->set->tag ? p->set->tag : "", tag ? tag : ""))
		return true;
	if (p->set->hold)
		vss_info("%s: this shadow copy is held: passed over", s->device);
	else if (s->exposed)
		vss_info("%s: this shadow copy is exposed at %s: passed over", s->device, s->exposed);
	else if (s->missing || s->lost) /* kept, it would stand for one that can be read */
		vss_info("%s: this shadow copy is %s: passed over", s->device, s->missing ? "missing" : "lost");
	return p->set->hold || s->exposed || s->missing || s->lost;
}

static void
leave_alone(struct vss_front_found *f, const char *tag)
{
	size_t left = 0;

	for (size_t i = 0; i < f->n; i++)
		if (!is_left_alone(&f->v[i], tag))
			f->v[left++] = f->v[i];
	f->n = left;
}

/* Of the copies from `first` on, those of its volume, the newest first; their number. */
static size_t
same_volume(const struct vss_front_found *f, size_t first, size_t *at, int64_t *made)
{
	const char *volume = shadow_of(&f->v[first])->volume_id;
	size_t n = 0;

	for (size_t i = f->n; i > first; i--) { /* what is found has the oldest first */
		if (!vss_str_caseeq(shadow_of(&f->v[i - 1])->volume_id, volume))
			continue;
		at[n] = i - 1;
		made[n++] = f->v[i - 1].set->created_ns;
	}
	return n;
}

static bool
is_first_of_volume(const struct vss_front_found *f, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (vss_str_caseeq(shadow_of(&f->v[k])->volume_id, shadow_of(&f->v[i])->volume_id))
			return false;
	return true;
}

void
vss_front_expire(
	const struct vss_retention *rules, const char *tag, struct vss_front_found *found, struct vss_front_kept *kept)
{
	leave_alone(found, tag);
	VSS_AUTOFREE size_t *at = vss_alloc(found->n * sizeof *at);
	VSS_AUTOFREE int64_t *made = vss_alloc(found->n * sizeof *made);
	VSS_AUTOFREE unsigned *some = vss_alloc(found->n * sizeof *some);
	VSS_AUTOFREE unsigned *why = vss_alloc(found->n * sizeof *why);
	size_t going = 0;

	for (size_t i = 0; i < found->n; i++) {
		if (!is_first_of_volume(found, i))
			continue;
		size_t n = same_volume(found, i, at, made);
		vss_retention_apply(rules, made, n, some);
		for (size_t k = 0; k < n; k++)
			why[at[k]] = some[k];
	}
	kept->why = vss_alloc(found->n * sizeof *kept->why);
	for (size_t i = 0; i < found->n; i++) {
		struct vss_front_pick p = found->v[i];
		if (!why[i]) {
			found->v[going++] = p;
			continue;
		}
		kept->why[kept->found.n] = why[i];
		VSS_PUSH(kept->found.v, kept->found.n, kept->found.cap) = p;
	}
	found->n = going;
}
