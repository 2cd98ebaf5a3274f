/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "base/time.h"
#include "tree/only.h"
#include "tree/walk.h"

#include <errno.h>
#include <sys/stat.h>

struct look {
	struct vss_strv chosen;
	uint64_t bytes;
};

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct look *l = ctx;
	enum vss_only_match match = vss_only_match(&l->chosen, e->path);

	(void)err;
	if (match == VSS_ONLY_OUTSIDE)
		return VSS_WALK_SKIP;
	if (match == VSS_ONLY_INSIDE)
		l->bytes +=
			(uint64_t)e->st->st_blocks * 512 / (S_ISDIR(e->st->st_mode) ? 1 : (uint64_t)e->st->st_nlink);
	return VSS_WALK_ON;
}

/* Gone between two looks at its directory, or not to be read: it has no size. */
static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	(void)ctx;
	(void)e;
	(void)err;
	return VSS_WALK_ON;
}

int
vss_clone_measure(int rootfd, const struct vss_provider_volume *v, uint64_t *bytes, struct vss_err *err)
{
	static const struct vss_walk_ops ops = {
		.visit = visit, .trouble = trouble, .one_file_system = true, .skip_shadows = true
	};
	struct look l = { .bytes = 0 };

	vss_only_init(&l.chosen, v->only, v->nonly);
	int r = vss_walk(rootfd, &ops, &l, err);
	vss_strv_free(&l.chosen);
	*bytes = l.bytes;
	return r;
}

void
vss_clone_now(struct vss_clone_moment *m)
{
	struct timespec tick;

	clock_getres(CLOCK_REALTIME_COARSE, &tick);
	clock_gettime(CLOCK_REALTIME_COARSE, &m->at);
	m->tick_ns = tick.tv_sec * VSS_S + tick.tv_nsec;
}

bool
vss_clone_is_later(const struct timespec *changed, const struct vss_clone_moment *m)
{
	/* vfat counts in steps of two seconds, old ext4 and many others in seconds. */
	if (changed->tv_nsec == 0)
		return changed->tv_sec >= m->at.tv_sec - 2;
	int64_t since = m->at.tv_sec * VSS_S + m->at.tv_nsec - 2 * m->tick_ns;
	return changed->tv_sec * VSS_S + changed->tv_nsec >= since;
}

void
vss_clone_let_tick(void)
{
	struct vss_clone_moment m;

	vss_clone_now(&m);
	int64_t until = vss_now_mono() + 4 * m.tick_ns;
	struct timespec t = { .tv_sec = until / VSS_S, .tv_nsec = until % VSS_S };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}
