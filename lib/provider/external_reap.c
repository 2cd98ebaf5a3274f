/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/external_internal.h"
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

/* The marks of runs that are dead.  What cannot be read is left alone: a newer version may understand it. */
struct dead {
	struct vss_making *v;
	size_t n, cap;
};

static void
note_mark(struct dead *d, const struct external *p, int dirfd, const char *name)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_making m;
	struct vss_uuid set;

	if (!vss_str_ends(name, ".making"))
		return;
	VSS_AUTOFREE char *id = vss_strndup(name, strlen(name) - strlen(".making"));
	if (vss_uuid_parse(id, &set) != 0)
		return;
	if (vss_making_read(dirfd, &set, &m, &err) != 0) {
		if (err.code != VSS_ABSENT)
			vss_warn("%s: %s", p->label, err.text);
		return;
	}
	if (vss_owner_is_alive(&m.owner))
		vss_making_clear(&m);
	else
		VSS_PUSH(d->v, d->n, d->cap) = m;
}

static int
look_for_marks(struct dead *d, const struct external *p, int dirfd, struct vss_err *err)
{
	VSS_AUTOCLOSE int again = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);

	if (!dir)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: read its directory", p->label);
	vss_take_fd(&again);
	for (const struct dirent *e; (e = readdir(dir));)
		note_mark(d, p, dirfd, e->d_name);
	closedir(dir);
	return 0;
}

static bool
has_document(int dirfd, const struct vss_uuid *set)
{
	char name[VSS_UUID_TEXT + 8];

	vss_store_set_name(set, ".xml", name);
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
ask_abort(struct external *p, const struct vss_making *m, struct vss_err *err)
{
	struct external_question q = { .event = EXTERNAL_ABORT };
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&m->set, id);
	vss_line_add_pair(&q.pairs, "set", id);
	for (size_t i = 0; i < m->n; i++) {
		vss_uuid_text(&m->shadows[i], id);
		vss_line_begin(&q.lines, "copy");
		vss_line_add(&q.lines, id);
		vss_line_end(&q.lines);
	}
	int r = external_enter(p, &q, err);
	external_leave(p);
	return r;
}

static bool
is_of(const struct vss_line *copy, const struct vss_making *m)
{
	struct vss_uuid id;

	if (vss_uuid_parse(vss_line_word(copy, 1), &id) != 0)
		return false;
	for (size_t i = 0; i < m->n; i++)
		if (vss_uuid_eq(&m->shadows[i], &id))
			return true;
	return false;
}

/* What it has is asked again, because the mark is the last that knows of these copies. */
static int
expect_gone(struct external *p, const struct vss_making *m, struct vss_err *err)
{
	struct external_question q = { .event = EXTERNAL_LIST };
	int r = external_enter(p, &q, err);

	for (size_t i = 0; r == 0 && i < p->desk.nsaid; i++)
		if (is_of(&p->desk.said[i], m))
			r = vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0,
				"%s: copy %s of a set that was given up is still there", p->label,
				vss_line_word(&p->desk.said[i], 1));
	external_leave(p);
	return r;
}

/* A finished set keeps its copies and loses its mark: the run died between the two. */
static int
reap_mark(struct external *p, int dirfd, const struct vss_making *m, unsigned *removed, struct vss_err *err)
{
	if (has_document(dirfd, &m->set))
		return vss_making_remove(dirfd, &m->set, err);
	if (ask_abort(p, m, err) != 0 || expect_gone(p, m, err) != 0)
		return -1;
	*removed += (unsigned)m->n;
	return vss_making_remove(dirfd, &m->set, err);
}

int
external_reap(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err)
{
	struct external *p = external_of(self);
	VSS_AUTOCLOSE int dirfd = external_open_place(p, false, err);
	struct dead d = { 0 };

	if (dirfd < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	int r = look_for_marks(&d, p, dirfd, err);
	for (size_t i = 0; i < d.n; i++) {
		if (reap_mark(p, dirfd, &d.v[i], removed, err) != 0)
			r = -1;
		vss_making_clear(&d.v[i]);
	}
	free(d.v);
	return r;
}
