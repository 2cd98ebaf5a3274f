/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"
#include "provider/btrfs_revert_internal.h"
#include "provider/builtin_internal.h"
#include "provider/transport_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a volume of a set in the making carries. */
struct own {
	int source; /* the root of its subvolume */
};

static int
bid(const struct vss_provider_ops *self, const struct vss_volume *v)
{
	(void)self;
	return strcmp(v->fstype, "btrfs") == 0 && v->fs_uuid && !v->read_only ? 100 : 0;
}

/* One file system has one transaction at a time; two have nothing in common. */
static enum vss_instant
promise(const struct vss_provider_set *ps)
{
	for (size_t i = 1; i < ps->n; i++)
		if (!vss_str_eq(ps->v[i].volume->fs_uuid, ps->v[0].volume->fs_uuid))
			return VSS_INSTANT_MANY;
	return VSS_INSTANT_ONE;
}

static int
check(const struct vss_provider_set *ps, const struct vss_volume *v, struct vss_err *err)
{
	(void)ps;
	if (geteuid() != 0)
		return vss_fail(err, VSS_DENIED, 0, "%s: only root may take btrfs snapshots", v->mount);
	return 0;
}

static bool
is_wanted_whole(const struct vss_provider_volume *v)
{
	for (size_t i = 0; i < v->nonly; i++)
		if (!*v->only[i])
			return true;
	return !v->only;
}

static int
open_sources(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;

	for (size_t i = 0; i < ps->n; i++) {
		int fd = vss_btrfs_open_source(s->v[s->of[i]].rootfd, ps->v[i].volume, err);
		if (fd < 0)
			return -1;
		struct own *own = vss_alloc(sizeof *own);
		own->source = fd;
		ps->v[i].own = own;
		/* Whoever wants certain paths only sees for himself what is missing from them. */
		if (is_wanted_whole(&ps->v[i]) && vss_btrfs_name_nested(ps, ps->v[i].volume, fd, err))
			return -1;
	}
	return 0;
}

static void
close_sources(struct vss_provider_set *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		struct own *own = ps->v[i].own;
		if (own)
			close(own->source);
		free(own);
		ps->v[i].own = NULL;
	}
}

/* The members of the set that lie in storage `at`, in `out` of ps->n; their number. */
static size_t
members_of(const struct vss_provider_set *ps, size_t at, struct vss_btrfs_member *out)
{
	const struct vss_stores *s = ps->own;
	size_t n = 0;

	for (size_t i = 0; i < ps->n; i++) {
		const struct own *own = ps->v[i].own;
		if (s->of[i] == at)
			out[n++] = (struct vss_btrfs_member){
				.v = &ps->v[i],
				.source = own->source,
				.dirfd = s->dirfd[i],
				.writable = ps->writable,
			};
	}
	return n;
}

static int
prepare_group(const struct vss_store *st, const struct vss_btrfs_member *m, size_t n, struct vss_err *err)
{
	uint64_t left;
	uint32_t nodesize;
	char have[32], need[32];

	if (vss_btrfs_metadata(st->fd, &left, &nodesize, err))
		return -1;
	if (left < vss_btrfs_try_cost(n, nodesize)) {
		vss_format_size(have, left);
		vss_format_size(need, vss_btrfs_try_cost(n, nodesize));
		return vss_fail(err, VSS_E_INSUFFICIENT_STORAGE, 0,
			"%s: the file system is full: %s left for metadata, %s needed; delete shadow copies or files",
			m[0].v->volume->mount, have, need);
	}
	return n > 1 ? vss_btrfs_furnish(st->fd, m[0].dirfd, err) : 0;
}

static int
begin_prepare(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.btrfs.begin-prepare");
	if (vss_stores_begin(ps, &vss_btrfs_kind, err) || open_sources(ps, err))
		return -1;
	const struct vss_stores *s = ps->own;
	VSS_AUTOFREE struct vss_btrfs_member *m = vss_alloc(ps->n * sizeof *m);
	for (size_t i = 0; i < s->n; i++) {
		size_t n = members_of(ps, i, m);
		if (prepare_group(&s->v[i], m, n, err))
			return -1;
	}
	vss_stop_point("provider.btrfs.prepared");
	return 0;
}

static void
set_facts(const struct vss_btrfs_member *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct vss_provider_volume *v = m[i].v;
		v->domain = vss_strf("btrfs:%s", v->volume->fs_uuid);
		v->mark = v->proof_value = m[i].otransid;
		v->proof_key = vss_strdup("generation");
		v->attributes = VSS_ATTR_DIFFERENTIAL;
		v->committed_ns = m[i].committed_ns;
	}
}

static int
commit_group(struct vss_provider_set *ps, const struct vss_store *st, struct vss_btrfs_member *m, size_t n,
	struct vss_err *err)
{
	uint64_t left;
	uint32_t nodesize;

	if (vss_btrfs_metadata(st->fd, &left, &nodesize, err))
		return -1;
	unsigned tries = vss_btrfs_tries(n, left, nodesize);
	int r = vss_btrfs_commit(m, n, st->fd, tries, &ps->cancelled, err);
	if (r < 0)
		return -1;
	if (r == 0 && ps->must_be_one)
		return vss_fail(err, VSS_E_PROVIDER_VETO, 0,
			"%zu volumes did not come into one btrfs transaction in %u %s: too much is being written, or "
			"metadata is short",
			n, tries, tries == 1 ? "try" : "tries");
	set_facts(m, n);
	return 0;
}

static int
commit(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;
	VSS_AUTOFREE struct vss_btrfs_member *m = vss_alloc(ps->n * sizeof *m);

	vss_stop_point("provider.btrfs.commit");
	for (size_t i = 0; i < s->n; i++) {
		size_t n = members_of(ps, i, m);
		if (commit_group(ps, &s->v[i], m, n, err))
			return -1;
	}
	vss_stop_point("provider.btrfs.committed");
	return 0;
}

/* Copies that no writer recovers in were read-only from their first moment; the leaders go. */
static int
post_final_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;

	vss_stop_point("provider.btrfs.post-final-commit");
	for (size_t i = 0; i < ps->n; i++) {
		if (ps->writable && vss_btrfs_seal(s->dirfd[i], &ps->v[i].shadow_id, err))
			return vss_wrap(err, "%s", ps->v[i].volume->mount);
		if (vss_btrfs_drop_leader(s->dirfd[i], err))
			return vss_wrap(err, "%s", ps->v[i].volume->mount);
	}
	close_sources(ps);
	return 0;
}

static int
abort_set(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.btrfs.abort");
	close_sources(ps);
	return vss_stores_abort(ps, &vss_btrfs_kind, err);
}

static void
done(struct vss_provider_set *ps)
{
	vss_stop_point("provider.btrfs.done");
	close_sources(ps);
	vss_stores_done(ps);
}

static int
places(const struct vss_provider_ops *self, struct vss_provider_places *out, struct vss_err *err)
{
	(void)self;
	return vss_store_places(&vss_btrfs_kind, out, err);
}

static int
remove_copy(const struct vss_shadow *s, struct vss_err *err)
{
	vss_stop_point("provider.btrfs.remove");
	return vss_store_remove_copy(s, &vss_btrfs_kind, err);
}

static int
exists(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_store_copy_exists(s, &vss_btrfs_kind, err);
}

static char *
place_of(const struct vss_volume *v, struct vss_err *err)
{
	(void)err;
	return vss_btrfs_kind.place_for(NULL, v);
}

static int
tidy(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_store_tidy_place(s->place, &vss_btrfs_kind, err);
}

static int
reap(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err)
{
	(void)self;
	vss_btrfs_drop_receivers();
	return vss_store_reap(&vss_btrfs_kind, removed, err);
}

const struct vss_provider_ops vss_provider_btrfs = {
	.name = "btrfs",
	.title = "vss-tools btrfs provider",
	.id = "7f4b8c52-1f0e-4a5d-9a37-5a0b6c1f6a02",
	.version = "1.0",
	.type = VSS_PROV_SOFTWARE,
	.records_reverts = true,
	.atomic_set = true,
	.writable = true,
	.keeps_identity = true,
	.differential = true,
	.self_made = true,
	.bid = bid,
	.promise = promise,
	.check = check,
	.begin_prepare = begin_prepare,
	.commit = commit,
	.post_final_commit = post_final_commit,
	.abort = abort_set,
	.done = done,
	.places_of = vss_stores_places_of,
	.places = places,
	.surface = vss_btrfs_surface,
	.unsurface = vss_btrfs_unsurface,
	.expose = vss_expose_mount,
	.unexpose = vss_expose_unmount,
	.remove = remove_copy,
	.exists = exists,
	.tidy = tidy,
	.reap = reap,
	.revert = vss_btrfs_revert,
	.detach = vss_btrfs_detach,
	.send = vss_btrfs_send,
	.receive = vss_btrfs_receive,
	.place_of = place_of,
	.use = vss_btrfs_use,
};
