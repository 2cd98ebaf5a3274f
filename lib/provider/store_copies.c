/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/lock.h"
#include "tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
vss_store_copy_path(const struct vss_uuid *shadow)
{
	char id[VSS_UUID_TEXT];
	vss_uuid_text(shadow, id);
	return vss_strf(VSS_SHADOW_STORAGE "/%s/" VSS_STORE_COPY, id);
}

/* A place that cannot be looked at must not hide the others: it is named and left out. */
static void
leave_out(const char *place, const struct vss_err *err)
{
	if (err->code != VSS_ABSENT)
		vss_warn("%s: its shadow copies cannot be seen: %s", place, err->text);
}

int
vss_store_places(const struct vss_store_kind *kind, struct vss_provider_places *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv places = VSS_STRV_INIT;

	if (kind->candidates(&places, err))
		return -1;
	vss_strv_sort(&places);
	for (size_t i = 0; i < places.n; i++) {
		struct vss_err why = VSS_ERR_INIT;
		if (i && strcmp(places.v[i], places.v[i - 1]) == 0)
			continue;
		VSS_AUTOCLOSE int root = kind->open_root(places.v[i], &why);
		int fd = root < 0 ? -1 : vss_store_find(root, kind->provider, &why);
		if (fd < 0)
			leave_out(places.v[i], &why);
		else
			VSS_PUSH(out->v, out->n, out->cap) = (struct vss_provider_place){ fd, vss_strdup(places.v[i]) };
	}
	return 0;
}

/* The directory SHADOW in the storage `fd`; -1 with VSS_ABSENT. */
static int
open_shadow(int fd, const struct vss_uuid *shadow, struct vss_err *err)
{
	char name[VSS_UUID_TEXT];
	vss_uuid_text(shadow, name);
	int dir = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "shadow copy %s", name);
	return dir;
}

static int
drop_copy(int fd, const struct vss_uuid *shadow, const struct vss_store_kind *kind, struct vss_err *err)
{
	char name[VSS_UUID_TEXT];
	VSS_AUTOCLOSE int dir = open_shadow(fd, shadow, err);

	vss_uuid_text(shadow, name);
	if (dir < 0)
		return err->code == VSS_ABSENT ? 0 : -1;
	if (kind->drop(dir, VSS_STORE_COPY, err))
		return vss_wrap(err, "shadow copy %s", name);
	if (unlinkat(fd, name, AT_REMOVEDIR) && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "shadow copy %s: remove its directory", name);
	return 0;
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

int
vss_store_remove_copy(const struct vss_shadow *s, const struct vss_store_kind *kind, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(s->place, err);
	if (root < 0)
		return -1;
	VSS_AUTOCLOSE int fd = vss_store_find(root, kind->provider, err);
	if (fd < 0)
		return err->code == VSS_ABSENT ? 0 : vss_wrap(err, "%s", s->place);
	if (drop_copy(fd, &s->id, kind, err) || (kind->settle && kind->settle(fd, err)))
		return -1;
	return vss_store_tidy(root, s->place, kind, err);
}

int
vss_store_tidy_place(const char *place, const struct vss_store_kind *kind, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(place, err);
	if (root < 0)
		return err->code == VSS_ABSENT ? 0 : -1;
	return vss_store_tidy(root, place, kind, err);
}

int
vss_store_copy_exists(const struct vss_shadow *s, const struct vss_store_kind *kind, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(s->place, err);
	if (root < 0)
		return -1;
	VSS_AUTOCLOSE int fd = vss_store_find(root, kind->provider, err);
	VSS_AUTOCLOSE int dir = fd < 0 ? -1 : open_shadow(fd, &s->id, err);
	if (dir < 0)
		return err->code == VSS_ABSENT ? 0 : -1;
	struct stat st;
	if (fstatat(dir, VSS_STORE_COPY, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return S_ISDIR(st.st_mode);
	return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", s->device);
}

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

/* Note the mark `name` if its owner is dead.  What cannot be read is left alone: a newer version may understand it. */
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
close_scene(const struct scene *sc)
{
	if (sc->lock >= 0)
		close(sc->lock);
	if (sc->fd >= 0)
		close(sc->fd);
	if (sc->root >= 0)
		close(sc->root);
}

static void
free_scenes(struct scenes *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (size_t j = 0; j < s->v[i].n; j++)
			vss_making_clear(&s->v[i].dead[j]);
		free(s->v[i].dead);
		free(s->v[i].place);
		close_scene(&s->v[i]);
	}
	free(s->v);
}

static void
gather(const struct vss_strv *places, const struct vss_store_kind *kind, struct scenes *out)
{
	for (size_t i = 0; i < places->n; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct scene sc = { .root = -1, .lock = -1 };
		if (i && strcmp(places->v[i], places->v[i - 1]) == 0)
			continue;
		sc.fd = open_place(places->v[i], kind, &sc.root, &err);
		/* Somebody makes a set there: his owner may be one that only he can see, in another container. */
		sc.lock = sc.fd < 0 ? -1 : vss_store_lock(sc.fd, 0, &err);
		if (sc.lock < 0) {
			close_scene(&sc);
			if (err.code != VSS_BUSY)
				leave_out(places->v[i], &err);
			continue;
		}
		sc.place = vss_strdup(places->v[i]);
		if (look_for_marks(&sc, &err))
			leave_out(sc.place, &err);
		VSS_PUSH(out->v, out->n, out->cap) = sc;
	}
}

/* A set is finished when its document lies wherever it still has a mark: then the run died while it removed the marks. */
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
		if (drop_copy(sc->fd, &m->shadows[i], kind, err))
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
		int r = finished[i] ? vss_making_remove(sc->fd, &sc->dead[i].set, err) : reap_mark(sc, &sc->dead[i], kind, err);
		if (r)
			return vss_wrap(err, "%s", sc->place);
		if (!finished[i])
			*removed += (unsigned)sc->dead[i].n;
	}
	close(sc->lock);
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
