/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
free_stores(struct vss_provider_set *ps)
{
	struct vss_stores *s = ps->own;
	if (!s)
		return;
	for (size_t i = 0; i < ps->n; i++)
		if (s->dirfd[i] >= 0)
			close(s->dirfd[i]);
	for (size_t i = 0; i < s->n; i++)
		vss_store_close(&s->v[i]);
	free(s->v);
	free(s->of);
	free(s->dirfd);
	free(s);
	ps->own = NULL;
}

/* The claimed storage at `place`, claiming it now if this is the first volume there; its index or -1. */
static ssize_t
claim(struct vss_stores *s, const char *place, const struct vss_store_kind *kind, struct vss_err *err)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].place, place) == 0)
			return (ssize_t)i;
	struct vss_store fresh = {
		.place = vss_strdup(place), .rootfd = kind->open_root(place, err), .fd = -1, .lockfd = -1
	};
	if (fresh.rootfd < 0 || vss_store_claim(&fresh, kind->provider, err)) {
		vss_store_close(&fresh);
		return -1;
	}
	VSS_PUSH(s->v, s->n, s->cap) = fresh;
	return (ssize_t)s->n - 1;
}

static int
write_marks(const struct vss_provider_set *ps, const struct vss_stores *s, struct vss_err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		struct vss_making m = { .set = ps->set_id, .owner = ps->owner };
		for (size_t j = 0; j < ps->n; j++)
			if (s->of[j] == i)
				VSS_PUSH(m.shadows, m.n, m.cap) = ps->v[j].shadow_id;
		int r = vss_making_write(s->v[i].fd, &m, err);
		vss_making_clear(&m);
		if (r)
			return vss_wrap(err, "%s", s->v[i].place);
	}
	return 0;
}

static int
make_directory(const struct vss_provider_volume *v, const struct vss_store *st, struct vss_err *err)
{
	char name[VSS_UUID_TEXT];

	vss_uuid_text(&v->shadow_id, name);
	if (mkdirat(st->fd, name, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "%s: make a directory for the copy", st->place);
	int fd = openat(st->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: open the directory of the copy", st->place);
	return fd;
}

static struct vss_stores *
new_stores(size_t n)
{
	struct vss_stores *s = vss_alloc(sizeof *s);
	s->of = vss_alloc(n * sizeof *s->of);
	s->dirfd = vss_alloc(n * sizeof *s->dirfd);
	for (size_t i = 0; i < n; i++)
		s->dirfd[i] = -1;
	return s;
}

static int
as_insufficient(struct vss_err *err)
{
	if (err->code == VSS_NOSPACE)
		err->code = VSS_E_INSUFFICIENT_STORAGE;
	return -1;
}

int
vss_stores_begin(struct vss_provider_set *ps, const struct vss_store_kind *kind, struct vss_err *err)
{
	struct vss_stores *s = ps->own = new_stores(ps->n);

	for (size_t i = 0; i < ps->n; i++) {
		struct vss_provider_volume *v = &ps->v[i];
		VSS_AUTOFREE char *place = kind->place_for(ps, v->volume);
		ssize_t at = claim(s, place, kind, err);
		if (at < 0) {
			vss_wrap(err, "%s", v->volume->mount);
			return as_insufficient(err);
		}
		s->of[i] = (size_t)at;
		v->place = vss_take(&place);
	}
	/* The marks come before anything that they speak of. */
	if (write_marks(ps, s, err))
		return as_insufficient(err);
	for (size_t i = 0; i < ps->n; i++) {
		s->dirfd[i] = make_directory(&ps->v[i], &s->v[s->of[i]], err);
		if (s->dirfd[i] < 0)
			return as_insufficient(err);
	}
	return 0;
}

/* Remove the copy and the directory of volume i, as far as they are there. */
static int
drop_volume(const struct vss_provider_set *ps, size_t i, const struct vss_store_kind *kind, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;
	char name[VSS_UUID_TEXT];

	if (s->dirfd[i] < 0)
		return 0;
	if (kind->drop(s->dirfd[i], VSS_STORE_COPY, err))
		return vss_wrap(err, "%s: remove the half-made copy", ps->v[i].volume->mount);
	vss_uuid_text(&ps->v[i].shadow_id, name);
	if (unlinkat(s->v[s->of[i]].fd, name, AT_REMOVEDIR) && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: remove the half-made copy", ps->v[i].volume->mount);
	return 0;
}

/* The marks stay until every copy is gone, so that whoever reaps can finish what fails here. */
static int
leave_store(
	const struct vss_provider_set *ps, struct vss_store *st, const struct vss_store_kind *kind, struct vss_err *err)
{
	if (vss_making_remove(st->fd, &ps->set_id, err))
		return vss_wrap(err, "%s", st->place);
	close(st->lockfd);
	st->lockfd = -1;
	return vss_store_tidy(st->rootfd, st->place, kind, err);
}

int
vss_stores_abort(struct vss_provider_set *ps, const struct vss_store_kind *kind, struct vss_err *err)
{
	struct vss_stores *s = ps->own;
	int r = 0;

	if (!s)
		return 0;
	for (size_t i = 0; i < ps->n; i++)
		if (drop_volume(ps, i, kind, err))
			r = -1;
	for (size_t i = 0; r == 0 && i < s->n; i++)
		if ((kind->settle && kind->settle(s->v[i].fd, err)) || leave_store(ps, &s->v[i], kind, err))
			r = -1;
	free_stores(ps);
	return r;
}

void
vss_stores_done(struct vss_provider_set *ps)
{
	struct vss_stores *s = ps->own;
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; s && i < s->n; i++)
		if (vss_making_remove(s->v[i].fd, &ps->set_id, &err))
			vss_warn("%s: %s", s->v[i].place, err.text);
	free_stores(ps);
}

int
vss_stores_places_of(struct vss_provider_set *ps, struct vss_provider_places *out, struct vss_err *err)
{
	const struct vss_stores *s = ps->own;

	for (size_t i = 0; s && i < s->n; i++) {
		int fd = fcntl(s->v[i].fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s", s->v[i].place);
		VSS_PUSH(out->v, out->n, out->cap) =
			(struct vss_provider_place){ .dirfd = fd, .label = vss_strdup(s->v[i].place) };
	}
	return 0;
}

int
vss_store_stand_in(int copyfd, const char *path, struct vss_err *err)
{
	const char *base;
	VSS_AUTOCLOSE int parent = vss_open_parent(copyfd, path, false, &base, err);

	if (parent < 0)
		return -1;
	if (mknodat(parent, base, S_IFREG, 0) && errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "stand-in");
	return 0;
}
