/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What reaping knows of one storage. */
struct scene {
	char *place;
	int root, fd, lock;
	struct vss_making *dead;
	size_t n, cap;
};

static bool
has_document(int fd, const struct vss_uuid *set)
{
	char name[VSS_UUID_TEXT + 8];
	vss_store_set_name(set, ".xml", name);
	return faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * Note the mark `name` if its owner is dead.  What cannot be read is left alone: a newer version
 * may understand it.
 */
static void
note_mark(struct scene *sc, const char *name)
{
	char text[VSS_UUID_TEXT];
	struct vss_uuid set;
	struct vss_making m;
	struct vss_err err = VSS_ERR_INIT;
	size_t n = strlen(name);

	if (n != VSS_UUID_TEXT - 1 + strlen(".making") || !vss_str_ends(name, ".making"))
		return;
	memcpy(text, name, VSS_UUID_TEXT - 1);
	text[VSS_UUID_TEXT - 1] = '\0';
	if (vss_uuid_parse(text, &set))
		return;
	if (vss_making_read(sc->fd, &set, &m, &err)) {
		if (err.code != VSS_ABSENT)
			vss_warn("%s: %s", sc->place, err.text);
		return;
	}
	if (vss_owner_is_alive(&m.owner))
		vss_making_clear(&m);
	else
		VSS_PUSH(sc->dead, sc->n, sc->cap) = m;
}

static int
look_for_marks(struct scene *sc, struct vss_err *err)
{
	VSS_AUTOCLOSE int again = openat(sc->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	if (!d)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: read the storage", sc->place);
	vss_take_fd(&again);
	for (struct dirent *e; (e = readdir(d));)
		note_mark(sc, e->d_name);
	closedir(d);
	return 0;
}

struct scenes {
	struct scene *v;
	size_t n, cap;
};

static void
close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void
free_scene(struct scene *sc)
{
	for (size_t i = 0; i < sc->n; i++)
		vss_making_clear(&sc->dead[i]);
	free(sc->dead);
	free(sc->place);
	close_if_open(sc->lock);
	close_if_open(sc->fd);
	close_if_open(sc->root);
}

static void
free_scenes(struct scenes *s)
{
	for (size_t i = 0; i < s->n; i++)
		free_scene(&s->v[i]);
	free(s->v);
}

/* Where a set is being made nothing is reaped: its owner may be one that only his container can see. */
static int
lock_scene(struct scene *sc, struct vss_err *err)
{
	if (sc->n == 0)
		return 0;
	sc->lock = vss_store_lock(sc->fd, 0, err);
	return sc->lock < 0 ? -1 : 0;
}

static int
open_place(const char *place, const struct vss_store_kind *kind, int *root, struct vss_err *err)
{
	*root = kind->open_root(place, err);
	if (*root < 0)
		return -1;
	int fd = vss_store_find(*root, kind->provider, err);
	return fd < 0 ? vss_wrap(err, "%s", place) : fd;
}

static void
gather(const struct vss_strv *places, const struct vss_store_kind *kind, struct scenes *out)
{
	for (size_t i = 0; i < places->n; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct scene sc = { .root = -1, .fd = -1, .lock = -1 };
		if (i && strcmp(places->v[i], places->v[i - 1]) == 0)
			continue;
		sc.fd = open_place(places->v[i], kind, &sc.root, &err);
		sc.place = vss_strdup(places->v[i]);
		if (sc.fd >= 0 && look_for_marks(&sc, &err) == 0 && lock_scene(&sc, &err) == 0) {
			VSS_PUSH(out->v, out->n, out->cap) = sc;
			continue;
		}
		if (err.code != VSS_BUSY)
			vss_store_leave_out(places->v[i], &err);
		free_scene(&sc);
	}
}

/*
 * A set is finished when its document lies wherever it still has a mark: then the run died while it
 * removed the marks.
 */
static bool
is_finished(const struct scenes *s, const struct vss_uuid *set)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j < s->v[i].n; j++)
			if (vss_uuid_eq(&s->v[i].dead[j].set, set) && !has_document(s->v[i].fd, set))
				return false;
	return true;
}

static int
reap_mark(const struct scene *sc, const struct vss_making *m, const struct vss_store_kind *kind, struct vss_err *err)
{
	char name[VSS_UUID_TEXT + 8];

	for (size_t i = 0; i < m->n; i++)
		if (vss_store_drop_copy(sc->fd, &m->shadows[i], kind, err))
			return -1;
	if (kind->settle && kind->settle(sc->fd, err))
		return -1;
	vss_store_set_name(&m->set, ".xml", name);
	if (unlinkat(sc->fd, name, 0) && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "remove %s", name);
	return vss_making_remove(sc->fd, &m->set, err);
}

/* Finished sets keep their copies and lose their mark. */
static int
reap_store(struct scene *sc, const bool *finished, const struct vss_store_kind *kind, unsigned *removed,
	struct vss_err *err)
{
	for (size_t i = 0; i < sc->n; i++) {
		int r = finished[i] ? vss_making_remove(sc->fd, &sc->dead[i].set, err)
				    : reap_mark(sc, &sc->dead[i], kind, err);
		if (r)
			return vss_wrap(err, "%s", sc->place);
		if (!finished[i])
			*removed += (unsigned)sc->dead[i].n;
	}
	close_if_open(sc->lock);
	sc->lock = -1;
	return vss_store_tidy(sc->root, sc->place, kind, err);
}

int
vss_store_reap(const struct vss_store_kind *kind, unsigned *removed, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv places = VSS_STRV_INIT;
	struct scenes s = { 0 };
	int r = 0;

	if (kind->candidates(&places, err))
		return -1;
	vss_strv_sort(&places);
	gather(&places, kind, &s);
	/* All verdicts before the first removal: reaping takes away the documents that they rest on. */
	bool **finished = vss_alloc(s.n * sizeof *finished);
	for (size_t i = 0; i < s.n; i++) {
		finished[i] = vss_alloc(s.v[i].n * sizeof **finished);
		for (size_t j = 0; j < s.v[i].n; j++)
			finished[i][j] = is_finished(&s, &s.v[i].dead[j].set);
	}
	for (size_t i = 0; i < s.n; i++) {
		if (reap_store(&s.v[i], finished[i], kind, removed, err))
			r = -1;
		free(finished[i]);
	}
	free(finished);
	free_scenes(&s);
	return r;
}
