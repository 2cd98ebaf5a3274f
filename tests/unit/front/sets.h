/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TESTS_FRONT_SETS_H
#define VSS_TESTS_FRONT_SETS_H

#include "base/mem.h"
#include "model/set.h"

#include <assert.h>

/* Made-up sets with IDs that tests can name. */
static inline struct vss_uuid
uuid(const char *text)
{
	struct vss_uuid u;
	int failed = vss_uuid_parse(text, &u);
	assert(!failed);
	return u;
}

static inline struct vss_set *
new_set(struct vss_set_list *l, const char *id)
{
	struct vss_set *s = vss_set_new();
	s->id = uuid(id);
	s->created_ns = (int64_t)1800000000 * 1000000000 + (int64_t)l->n;
	s->host = vss_strdup("host");
	VSS_PUSH(l->v, l->n, l->cap) = s;
	return s;
}

static inline struct vss_shadow *
new_shadow(struct vss_set *set, const char *id, const char *volume, const char *volume_id)
{
	struct vss_shadow *s = vss_set_add_shadow(set);
	s->id = uuid(id);
	s->volume = vss_strdup(volume);
	s->volume_id = vss_strdup(volume_id);
	s->provider = vss_strdup("btrfs");
	s->device = vss_strf("/run/vss/shadows/%s", id);
	s->grade = VSS_GRADE_CRASH;
	set->count++;
	return s;
}

#endif
