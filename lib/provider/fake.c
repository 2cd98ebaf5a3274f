/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/builtin_internal.h"
#include "provider/fake_internal.h"
#include "provider/revert_internal.h"
#include "provider/store_internal.h"
#include "provider/transport_internal.h"

#include "base/mem.h"
#include "base/stop.h"
#include "base/time.h"
#include "tree/copy.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Plain directories as volumes: no privilege, no snapshot.  What it copies it calls one instant
 * because it was told so; the tests that use it let nobody write at that moment.
 */

static char *
place_for(const struct vss_provider_set *ps, const struct vss_volume *v)
{
	(void)ps;
	return vss_strdup(v->mount);
}

static char *
place_of(const struct vss_volume *v, struct vss_err *err)
{
	(void)err;
	return place_for(NULL, v);
}

static int
open_root(const char *place, struct vss_err *err)
{
	int fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", place) : fd;
}

static bool
is_fake(const struct vss_volume *v)
{
	return strcmp(v->fstype, "fake") == 0;
}

static int
candidates(struct vss_strv *places, struct vss_err *err)
{
	struct vss_volume_list list = { 0 };

	if (vss_volumes(true, &list, err))
		return -1;
	for (size_t i = 0; i < list.n; i++)
		if (is_fake(list.v[i]))
			vss_strv_add(places, list.v[i]->mount);
	vss_volume_list_free(&list);
	return 0;
}

static const struct vss_store_kind kind = {
	.provider = "fake",
	.place_for = place_for,
	.open_root = open_root,
	.candidates = candidates,
	.drop = vss_remove_tree,
};

static int
bid(const struct vss_provider_ops *self, const struct vss_volume *v)
{
	(void)self;
	return is_fake(v) ? 100 : 0;
}

static int
check(const struct vss_provider_set *ps, const struct vss_volume *v, struct vss_err *err)
{
	(void)ps;
	return vss_fake_fault("check", err) ? vss_wrap(err, "%s", v->mount) : 0;
}

static int
begin_prepare(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.fake.begin-prepare");
	if (vss_fake_fault("begin_prepare", err) || vss_stores_begin(ps, &kind, err))
		return -1;
	vss_stop_point("provider.fake.prepared");
	return 0;
}

static int
pre_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	(void)ps;
	vss_stop_point("provider.fake.pre-commit");
	return vss_fake_fault("pre_commit", err);
}

struct copying {
	const struct vss_provider_set *ps;
	int to;
};

static int
stop_when_cancelled(void *ctx, struct vss_err *err)
{
	const struct copying *c = ctx;
	return atomic_load(&c->ps->cancelled) ? vss_fail(err, VSS_INTERRUPTED, 0, "the set has been given up") : 0;
}

/* A snapshot has what we may not read, and there too it cannot be read. */
static int
stand_in(void *ctx, const char *path, mode_t type, struct vss_err *err)
{
	const struct copying *c = ctx;

	(void)type;
	return err->code == VSS_DENIED ? vss_store_stand_in(c->to, path, err) : -1;
}

static int
copy_volume(struct vss_provider_set *ps, size_t i, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;
	struct copying c = { .ps = ps };
	struct vss_copy_options o = {
		.owner_if_can = true, .poll = stop_when_cancelled, .trouble = stand_in, .ctx = &c
	};
	struct vss_copy_report report = { 0 };

	if (mkdirat(s->dirfd[i], VSS_STORE_COPY, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "make the copy");
	VSS_AUTOCLOSE int from = open_root(ps->v[i].volume->mount, err);
	if (from < 0)
		return -1;
	VSS_AUTOCLOSE int to = openat(s->dirfd[i], VSS_STORE_COPY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open the copy");
	c.to = to;
	return vss_copy_tree(from, to, &o, &report, err);
}

static void
set_facts(struct vss_provider_volume *v, size_t i, enum vss_instant instant)
{
	v->domain = vss_strdup("fake");
	v->mark = instant == VSS_INSTANT_ONE ? 1 : i + 1;
	v->fuzzy = instant == VSS_INSTANT_FUZZY;
	v->attributes = VSS_ATTR_PLEX;
	v->committed_ns = vss_now_mono();
}

static enum vss_instant
delivered(void)
{
	if (vss_fake_asked("commit", "fuzzy"))
		return VSS_INSTANT_FUZZY;
	return vss_fake_asked("commit", "unequal") ? VSS_INSTANT_MANY : vss_fake_instant();
}

static int
commit(struct vss_provider_set *ps, struct vss_err *err)
{
	enum vss_instant instant = delivered();

	vss_stop_point("provider.fake.commit");
	if (vss_fake_fault("commit", err))
		return -1;
	for (size_t i = 0; i < ps->n; i++) {
		if (copy_volume(ps, i, err)) {
			if (err->code == VSS_NOSPACE)
				err->code = VSS_E_INSUFFICIENT_STORAGE;
			return vss_wrap(err, "%s", ps->v[i].volume->mount);
		}
		set_facts(&ps->v[i], i, vss_fake_is_fuzzy(ps, &ps->v[i]) ? VSS_INSTANT_FUZZY : instant);
		vss_stop_point("provider.fake.copied");
	}
	if (ps->must_be_one && instant != vss_fake_instant())
		return vss_fail(err, VSS_E_PROVIDER_VETO, 0, "fake provider: the copies are not one instant");
	vss_stop_point("provider.fake.committed");
	return 0;
}

static int
post_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	(void)ps;
	vss_stop_point("provider.fake.post-commit");
	return vss_fake_fault("post_commit", err);
}

static int
post_final_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	(void)ps;
	vss_stop_point("provider.fake.post-final-commit");
	return vss_fake_fault("post_final_commit", err);
}

static int
abort_set(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.fake.abort");
	return vss_stores_abort(ps, &kind, err);
}

static void
done(struct vss_provider_set *ps)
{
	vss_stop_point("provider.fake.done");
	vss_stores_done(ps);
}

static int
places(const struct vss_provider_ops *self, struct vss_provider_places *out, struct vss_err *err)
{
	(void)self;
	return vss_store_places(&kind, out, err);
}

static int
surface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	VSS_AUTOFREE char *sub = vss_store_copy_path(&s->id);
	VSS_AUTOFREE char *target = vss_strf("%s/%s", s->place, sub);

	return vss_fake_fault("surface", err) ? -1 : vss_surface_link(target, device, err);
}

static int
unsurface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	(void)s;
	return vss_surface_unlink(device, err);
}

/* Without privilege there is no mount: a link takes the place of the empty directory. */
static int
expose(const struct vss_shadow *s, const char *device, const char *path, struct vss_err *err)
{
	(void)s;
	return vss_fake_fault("expose", err) ? -1 : vss_expose_link(device, path, err);
}

static int
unexpose(const struct vss_shadow *s, const char *path, struct vss_err *err)
{
	return vss_expose_unlink(s->device, path, err);
}

static int
remove_copy(const struct vss_shadow *s, struct vss_err *err)
{
	vss_stop_point("provider.fake.remove");
	return vss_fake_fault("remove", err) ? -1 : vss_store_remove_copy(s, &kind, err);
}

static int
exists(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_store_copy_exists(s, &kind, err);
}

static int
tidy(const struct vss_shadow *s, struct vss_err *err)
{
	return vss_store_tidy_place(s->place, &kind, err);
}

static int
use(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err)
{
	return vss_store_use(copies, n, &kind, out, err);
}

static int
reap(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err)
{
	(void)self;
	return vss_store_reap(&kind, removed, err);
}

/* All fake volumes lie on one device: who uses them is told apart by the paths. */
static int
revert(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err)
{
	return vss_fake_fault("revert", err) ? -1 : vss_store_revert(s, &kind, true, how, err);
}

static int
detach(const struct vss_shadow *s, const char *name, bool writable, char **where, struct vss_err *err)
{
	if (!writable)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "a directory cannot be read-only: break it writable");
	return vss_fake_fault("detach", err) ? -1 : vss_store_detach(s, &kind, name, where, err);
}

static int
send_copy(const struct vss_shadow *s, int fd, struct vss_err *err)
{
	return vss_store_send(s, &kind, fd, err);
}

static int
receive(struct vss_provider_set *ps, size_t i, int fd, struct vss_err *err)
{
	return vss_store_receive(ps, &kind, i, fd, err);
}

const struct vss_provider_ops vss_provider_fake = {
	.name = "fake",
	.title = "vss-tools fake provider (plain directories, for trials)",
	.id = "7f4b8c52-1f0e-4a5d-9a37-5a0b6c1f6a01",
	.version = "1.0",
	.type = VSS_PROV_SOFTWARE,
	.records_reverts = true,
	.atomic_set = true,
	.writable = true,
	.self_made = true,
	.bid = bid,
	.hold = vss_fake_hold,
	.promise = vss_fake_promise,
	.check = check,
	.begin_prepare = begin_prepare,
	.pre_commit = pre_commit,
	.commit = commit,
	.post_commit = post_commit,
	.post_final_commit = post_final_commit,
	.abort = abort_set,
	.done = done,
	.places_of = vss_stores_places_of,
	.places = places,
	.surface = surface,
	.unsurface = unsurface,
	.expose = expose,
	.unexpose = unexpose,
	.remove = remove_copy,
	.exists = exists,
	.tidy = tidy,
	.reap = reap,
	.revert = revert,
	.detach = detach,
	.send = send_copy,
	.receive = receive,
	.place_of = place_of,
	.use = use,
};
