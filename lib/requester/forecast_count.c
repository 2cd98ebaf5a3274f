/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/forecast_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "os/interrupt.h"
#include "requester/take.h"

struct counting {
	const struct vss_forecast_counting *how;
	int64_t end; /* monotonic */
	bool ended;
};

static int
progress(void *ctx, uint64_t files, uint64_t bytes, uint64_t total_files, uint64_t total_bytes, struct vss_err *err)
{
	struct counting *c = ctx;

	if (vss_check_interrupt(err) < 0)
		return -1;
	c->ended = vss_now_mono() > c->end;
	if (c->ended)
		return vss_fail(err, VSS_TIMEOUT, 0, "counting was ended");
	return c->how->progress ? c->how->progress(c->how->ctx, files, bytes, total_files, total_bytes, err) : 0;
}

/* The volumes as if they were copies of themselves, so that what walks through copies can count them. */
static struct vss_set *
live_set(const struct vss_forecast *f, const struct vss_plan *p)
{
	struct vss_set *set = vss_set_new();

	for (size_t i = 0; i < p->nvolumes; i++) {
		struct vss_shadow *s = vss_set_add_shadow(set);
		s->volume = vss_strdup(p->volumes[i].volume->mount);
		s->volume_id = vss_strdup(p->volumes[i].volume->id);
		s->provider = vss_strdup(f->volumes[i].provider);
		s->device = vss_strdup(s->volume);
	}
	return set;
}

int
vss_forecast_count(
	struct vss_forecast *f, struct vss_plan *p, const struct vss_forecast_counting *how, struct vss_err *err)
{
	struct counting c = { .how = how, .end = vss_now_mono() + VSS_FORECAST_COUNT_S * VSS_S };
	struct vss_set *live = how->set ? NULL : live_set(f, p);
	struct vss_session *s = vss_session_new_for_set(how->set ? how->set : live, vss_bcd_new());
	struct vss_take t = { .plan = p, .session = s, .spool_dirfd = -1, .progress = progress, .ctx = &c };
	int rc = vss_take_all(&t, err);

	vss_session_free(s);
	vss_set_free(live);
	if (rc < 0 && !c.ended)
		return -1;
	if (c.ended)
		(void)vss_forgive(err);
	f->files = t.files;
	f->bytes = t.bytes;
	f->counted = c.ended ? VSS_COUNTED_PART : VSS_COUNTED_WHOLE;
	return 0;
}
