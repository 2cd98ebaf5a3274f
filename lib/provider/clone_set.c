/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"
#include "provider/store_internal.h"

#include "base/num.h"
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The phases of a set of clones. */

static int
check_room(const struct vss_provider_set *ps, size_t at, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;
	uint64_t need = 0, left;
	char needed[32], have[32];

	for (size_t i = 0; i < ps->n; i++) {
		uint64_t bytes = 0;
		if (s->of[i] == at && vss_clone_need(&ps->v[i], s->v[at].fd, &bytes, err))
			return -1;
		need += bytes;
	}
	if (vss_free_bytes(s->v[at].fd, &left, err))
		return -1;
	if (need <= left)
		return 0;
	vss_format_size(needed, need);
	vss_format_size(have, left);
	return vss_fail(err, VSS_E_INSUFFICIENT_STORAGE, 0,
		"%s: the copy needs %s, there are %s: name a roomier place with --storage DIR", s->v[at].place, needed,
		have);
}

int
vss_clone_remember_storage(const struct vss_provider_set *ps, const struct vss_store *st, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->v[i].volume->mount, st->place) == 0)
			return 0;
	return vss_clone_remember(st->place, err);
}

/* A phase of one volume. */
typedef int volume_phase(struct vss_clone *c, struct vss_err *err);

static int
on_volume(struct vss_provider_set *ps, size_t i, volume_phase *phase, struct vss_err *err)
{
	if (phase(ps->v[i].own, err) == 0)
		return 0;
	if (err->code == VSS_NOSPACE)
		err->code = VSS_E_INSUFFICIENT_STORAGE;
	return vss_wrap(err, "%s", ps->v[i].volume->mount);
}

static int
approach_all(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;

	for (size_t i = 0; i < ps->n; i++) {
		struct vss_provider_volume *v = &ps->v[i];
		v->own = vss_clone_new(ps, v, s->dirfd[i], err);
		if (!v->own)
			return vss_wrap(err, "%s", v->volume->mount);
		if (on_volume(ps, i, vss_clone_approach, err))
			return -1;
	}
	return 0;
}

int
vss_clone_begin_prepare(struct vss_provider_set *ps, struct vss_err *err)
{
	bool fresh = false;

	vss_stop_point("provider.clone.begin-prepare");
	if (vss_stores_begin(ps, &vss_clone_store, err))
		return -1;
	const struct vss_stores *s = ps->own;
	for (size_t i = 0; i < s->n; i++) {
		if (vss_clone_remember_storage(ps, &s->v[i], err) || check_room(ps, i, err))
			return -1;
		fresh |= s->v[i].fresh;
	}
	/* Else the change that we made to a volume's root would be taken for one of somebody else. */
	if (fresh)
		vss_clone_let_tick();
	vss_stop_point("provider.clone.prepared");
	return approach_all(ps, err);
}

static int
close_up(struct vss_provider_set *ps, bool held, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].to_hold == held && on_volume(ps, i, vss_clone_close_up, err))
			return -1;
	return 0;
}

/* Those that are held come last: what changes on them from here on is for their last pass. */
int
vss_clone_pre_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.clone.pre-commit");
	return close_up(ps, false, err) ? -1 : close_up(ps, true, err);
}

int
vss_clone_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.clone.commit");
	for (size_t i = 0; i < ps->n; i++) {
		if (on_volume(ps, i, vss_clone_last, err))
			return -1;
		vss_stop_point("provider.clone.copied");
	}
	vss_stop_point("provider.clone.committed");
	return 0;
}

/* Nothing is held any more: what was kept apart goes into the copies. */
int
vss_clone_post_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;

	vss_stop_point("provider.clone.post-commit");
	for (size_t i = 0; i < ps->n; i++) {
		if (!ps->v[i].own) /* it was received, not copied */
			continue;
		if (on_volume(ps, i, vss_clone_finish, err))
			return -1;
		vss_clone_free(ps->v[i].own);
		ps->v[i].own = NULL;
		if (unlinkat(s->dirfd[i], VSS_CLONE_ASIDE, AT_REMOVEDIR))
			return vss_fail(
				err, VSS_SYSTEM, errno, "%s: the place beside the copy", ps->v[i].volume->mount);
	}
	return 0;
}

void
vss_clones_free(struct vss_provider_set *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		vss_clone_free(ps->v[i].own);
		ps->v[i].own = NULL;
	}
}

/* The document that follows must not be on disk before the copies are. */
int
vss_clone_post_final_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;

	vss_stop_point("provider.clone.post-final-commit");
	for (size_t i = 0; i < s->n; i++)
		if (syncfs(s->v[i].fd))
			return vss_fail(err, VSS_SYSTEM, errno, "%s: write the copy to disk", s->v[i].place);
	return 0;
}
