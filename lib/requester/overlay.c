/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/overlay.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/interrupt.h"
#include "tree/beneath.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct vss_overlay {
	struct vss_choice *choice;
	struct vss_links *seen; /* directories of scratch whose path is in the archive already */
	/* The directory that was looked into last: walks ask for one entry of it after the other. */
	char *where; /* absolute, in scratch; NULL: none */
	int fd;	     /* -1: it is not there */
};

static const struct vss_writer *
writer_of(const struct vss_choice *c, const struct vss_choice_files *f)
{
	return c->components[f->component].writer;
}

/* One that was left out has not finished what it put there. */
static bool
is_layer(const struct vss_choice *c, const struct vss_choice_files *f)
{
	return f->overlay && writer_of(c, f)->taking_part;
}

struct vss_overlay *
vss_overlay_new(struct vss_choice *c, int spool_dirfd)
{
	bool any = false;

	for (size_t i = 0; i < c->nfiles; i++)
		any |= is_layer(c, &c->files[i]);
	if (!any)
		return NULL;
	struct vss_overlay *o = vss_alloc(sizeof *o);
	*o = (struct vss_overlay){ .choice = c, .seen = vss_links_new(spool_dirfd), .fd = -1 };
	return o;
}

static void
forget(struct vss_overlay *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	free(o->where);
	o->where = NULL;
}

void
vss_overlay_free(struct vss_overlay *o)
{
	if (!o)
		return;
	forget(o);
	vss_links_free(o->seen);
	free(o);
}

/* --- looking --- */

/* `inner` of a scratch directory; links in it lead nowhere. -1 with VSS_ABSENT: not there. */
static int
open_scratch(const char *scratch, const char *inner, struct vss_err *err)
{
	int fd = open(scratch, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", scratch);
	if (!*inner)
		return fd;
	int below = vss_open_beneath(fd, inner, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, err);
	close(fd);
	return below;
}

/* What a directory cannot be come by through is no directory of the layer. */
static bool
is_not_there(const struct vss_err *why)
{
	return why->code == VSS_ABSENT || why->sys == ENOTDIR || why->sys == ELOOP ||
	       (why->code == VSS_DENIED && !why->sys);
}

static int
look_into(struct vss_overlay *o, const char *scratch, const char *inner, struct vss_err *err)
{
	VSS_AUTOFREE char *where = vss_path_join(scratch, inner);
	struct vss_err why = VSS_ERR_INIT;

	if (o->where && strcmp(o->where, where) == 0)
		return 0;
	forget(o);
	o->fd = open_scratch(scratch, inner, &why);
	if (o->fd < 0 && !is_not_there(&why)) {
		*err = why;
		return -1;
	}
	o->where = vss_take(&where);
	return 0;
}

/* What the layer has at `path`: 1 and *st; 0: nothing that can be archived; -1. */
static int
look(struct vss_overlay *o, const struct vss_choice_files *f, const char *path, struct stat *st, struct vss_err *err)
{
	const char *rest = vss_path_below(path, f->files.path);
	VSS_AUTOFREE char *inner = vss_path_join(f->overlay, rest);
	const char *name = inner + strspn(inner, "/"), *base = *name ? vss_path_base(name) : ".";
	VSS_AUTOFREE char *dir = vss_strndup(name, base > name ? (size_t)(base - name - 1) : 0);

	if (look_into(o, writer_of(o->choice, f)->scratch, dir, err) < 0)
		return -1;
	if (o->fd < 0)
		return 0;
	if (fstatat(o->fd, base, st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s/%s", o->where, base);
	return !S_ISSOCK(st->st_mode);
}

/* 1: the layer has something of its file set at `path`, and *st. */
static int
has(struct vss_overlay *o, const struct vss_choice_files *f, const char *path, struct stat *st, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	bool as_file = vss_fileset_matches(&f->files, dir, vss_path_base(path));
	bool as_dir = vss_fileset_takes_directory(&f->files, path);

	if (!is_layer(o->choice, f) || (!as_file && !as_dir))
		return 0;
	int rc = look(o, f, path, st, err);
	return rc == 1 ? (S_ISDIR(st->st_mode) ? as_dir : as_file) : rc;
}

/* Does one of the file sets before `end` have something that takes the place of an entry of this type? */
static int
is_covered(
	struct vss_overlay *o, const struct vss_choice_files *end, const char *path, mode_t type, struct vss_err *err)
{
	struct stat st;

	for (const struct vss_choice_files *f = o->choice->files; f < end; f++) {
		int rc = has(o, f, path, &st, err);
		if (rc < 0)
			return -1;
		if (rc == 1 && !(S_ISDIR(st.st_mode) && S_ISDIR(type)))
			return 1;
	}
	return 0;
}

int
vss_overlay_hides(struct vss_overlay *o, const char *path, mode_t type, struct vss_err *err)
{
	return o ? is_covered(o, o->choice->files + o->choice->nfiles, path, type, err) : 0;
}

int
vss_overlay_saw(struct vss_overlay *o, const char *path, struct vss_err *err)
{
	struct stat st;

	for (size_t i = 0; o && i < o->choice->nfiles; i++) {
		int rc = has(o, &o->choice->files[i], path, &st, err);
		if (rc < 0 ||
			(rc == 1 && S_ISDIR(st.st_mode) && vss_links_add(o->seen, st.st_dev, st.st_ino, NULL, err) < 0))
			return -1;
	}
	return 0;
}

/* --- taking --- */

struct layer {
	struct vss_taking *taking;
	struct vss_choice_files *files;
};

/* Is it what is seen at `path`, and not hidden by something that is mounted in between? */
static bool
is_in_sight(const struct vss_plan_place *at, const char *path)
{
	struct vss_err ignored = VSS_ERR_INIT;
	struct vss_volume *v = vss_volume_near(path, &ignored);
	bool same = v && strcmp(v->mount, at->volume->mount) == 0;

	vss_volume_free(v);
	return same;
}

/* The directory as the copy has it, which no walk has taken: 1 when it is in the archive now, 0, -1. */
static int
take_from_copy(struct vss_taking *t, const char *path, struct vss_err *err)
{
	const struct vss_plan *plan = t->take->plan;
	const struct vss_plan_place *at = vss_plan_place_of(plan, path);
	VSS_AUTOFREE char *inner = at && is_in_sight(at, path) ? vss_plan_inner(plan, at, path) : NULL;
	struct vss_err ignored = VSS_ERR_INIT;
	const char *base;
	struct stat st;

	if (!inner)
		return 0;
	VSS_AUTOCLOSE int copy = vss_take_open_copy(t->take, at, err);
	if (copy < 0)
		return -1;
	VSS_AUTOCLOSE int above = vss_take_open_above(copy, inner, &base, &ignored);
	if (above < 0 || fstatat(above, base, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return vss_take_file(t, &(struct vss_take_entry){ above, base, path, &st, NULL }, err) < 0 ? -1 : 1;
}

/* Directories come from the copy if it has them: what is laid over it changes the files only. */
static int
take_directory(struct vss_taking *t, const struct vss_take_entry *e, struct vss_err *err)
{
	int seen = vss_links_has(t->overlay->seen, e->st->st_dev, e->st->st_ino, err);
	int rc = seen ? seen : take_from_copy(t, e->path, err);

	if (rc == 0)
		rc = vss_take_file(t, e, err);
	if (rc < 0 || seen)
		return rc < 0 ? -1 : 0;
	return vss_overlay_saw(t->overlay, e->path, err);
}

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *w, struct vss_err *err)
{
	const struct layer *l = ctx;
	struct vss_taking *t = l->taking;
	VSS_AUTOFREE char *path = vss_path_join(l->files->files.path, w->path);
	struct vss_take_entry e = { w->dirfd, w->name, path, w->st, NULL };

	if (vss_check_interrupt(err) < 0)
		return VSS_WALK_STOP;
	unsigned verdict = vss_choice_asks_overlay(&t->take->plan->choice, l->files, path, w->st->st_mode);
	if (!verdict)
		return VSS_WALK_SKIP;
	int covered = is_covered(t->overlay, l->files, path, w->st->st_mode, err);
	if (covered)
		return covered < 0 ? VSS_WALK_STOP : VSS_WALK_SKIP;
	if (verdict & VSS_TAKE) {
		int rc = S_ISDIR(w->st->st_mode) ? take_directory(t, &e, err) : vss_take_file(t, &e, err);
		if (rc < 0)
			return VSS_WALK_STOP;
	}
	return verdict & VSS_DESCEND ? VSS_WALK_ON : VSS_WALK_SKIP;
}

static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *w, struct vss_err *err)
{
	const struct layer *l = ctx;
	VSS_AUTOFREE char *path = vss_path_join(l->files->files.path, w->path);

	vss_take_failed(l->taking->take, path, w->st ? w->st->st_mode : 0, err->text);
	return VSS_WALK_ON;
}

static int
take_layer(struct vss_taking *t, struct vss_choice_files *f, struct vss_err *err)
{
	static const struct vss_walk_ops ops = { .visit = visit, .trouble = trouble, .one_file_system = true };
	struct layer l = { t, f };
	struct vss_err why = VSS_ERR_INIT;
	VSS_AUTOCLOSE int fd = open_scratch(writer_of(t->overlay->choice, f)->scratch, f->overlay, &why);

	if (fd >= 0)
		return vss_walk(fd, &ops, &l, err);
	if (why.code != VSS_ABSENT)
		vss_take_failed(t->take, f->files.path, S_IFDIR, why.text);
	return 0;
}

int
vss_overlay_take(struct vss_taking *t, struct vss_err *err)
{
	struct vss_overlay *o = t->overlay;

	for (size_t i = 0; o && i < o->choice->nfiles; i++)
		if (is_layer(o->choice, &o->choice->files[i]) && take_layer(t, &o->choice->files[i], err) < 0)
			return -1;
	return 0;
}
