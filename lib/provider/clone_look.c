/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "base/time.h"
#include "tree/walk.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct look {
	const struct vss_provider_volume *volume;
	uint64_t bytes;
	const struct vss_clone_moment *since; /* NULL: measure */
	bool changed;
};

/* Is `path` the directory `dir` or below it?  Both relative; "" is the root. */
static bool
is_within(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	return n == 0 || (strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

static bool
is_chosen(const struct look *l, const char *path)
{
	const struct vss_provider_volume *v = l->volume;

	for (size_t i = 0; i < v->nonly; i++)
		if (is_within(path, v->only[i]))
			return true;
	return !v->only;
}

static bool
leads_to_chosen(const struct look *l, const char *path)
{
	for (size_t i = 0; i < l->volume->nonly; i++)
		if (is_within(l->volume->only[i], path))
			return true;
	return false;
}

static bool
is_lost(const struct look *l, const char *path)
{
	for (size_t i = 0; i < l->volume->nlost; i++)
		if (strcmp(l->volume->lost[i].path, path) == 0)
			return true;
	return false;
}

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct look *l = ctx;

	(void)err;
	if (!is_chosen(l, e->path))
		return leads_to_chosen(l, e->path) ? VSS_WALK_ON : VSS_WALK_SKIP;
	if (l->since)
		l->changed |= vss_clone_is_later(&e->st->st_ctim, l->since);
	else
		l->bytes +=
			(uint64_t)e->st->st_blocks * 512 / (S_ISDIR(e->st->st_mode) ? 1 : (uint64_t)e->st->st_nlink);
	return VSS_WALK_ON;
}

/* Gone between two looks at its directory, or not to be read: not the same any more, and no size. */
static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct look *l = ctx;

	(void)err;
	if (is_chosen(l, e->path) && !is_lost(l, e->path))
		l->changed = true;
	return VSS_WALK_ON;
}

static int
walk(int rootfd, struct look *l, struct vss_err *err)
{
	const struct vss_walk_ops ops = {
		.visit = visit, .trouble = trouble, .one_file_system = true, .skip_shadows = true
	};
	return vss_walk(rootfd, &ops, l, err);
}

int
vss_clone_measure(int rootfd, const struct vss_provider_volume *v, uint64_t *bytes, struct vss_err *err)
{
	struct look l = { .volume = v };
	int r = walk(rootfd, &l, err);

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

int
vss_clone_still(int rootfd, const struct vss_provider_volume *v, const struct vss_clone_moment *m, bool *still,
	struct vss_err *err)
{
	struct look l = { .volume = v, .since = m };
	int r = walk(rootfd, &l, err);

	*still = r == 0 && !l.changed;
	return r;
}
