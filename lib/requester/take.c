/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/take.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "os/interrupt.h"
#include "requester/overlay.h"
#include "requester/take_file.h"
#include "requester/take_kept.h"
#include "requester/take_left.h"
#include "tree/beneath.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BTRFS_EMPTY_SUBVOL_INO 2 /* what a nested subvolume is in a snapshot of the outer one */

/* One walk: by which copy it reads, and under which names that is archived. */
struct root {
	struct vss_taking *taking;
	const struct vss_plan_place *place;
	const char *source;		    /* of the originals: where the walk begins */
	const char *path;		    /* what that is archived as; another one below an alternate path only */
	struct vss_choice_files *alternate; /* the file set that is read there, or NULL */
	const char *volume;		    /* as of struct vss_take_entry */
};

static int take_root(struct vss_taking *t, const char *source, const char *path, struct vss_choice_files *alternate,
	struct vss_err *err);

static bool
is_lost_subvolume(const struct root *r, const struct vss_walk_entry *e)
{
	return e->depth > 0 && S_ISDIR(e->st->st_mode) && e->st->st_ino == BTRFS_EMPTY_SUBVOL_INO &&
	       strcmp(r->place->volume->fstype, "btrfs") == 0;
}

static unsigned
ask(const struct root *r, const char *path, mode_t type)
{
	struct vss_choice *c = &r->taking->take->plan->choice;

	if (r->alternate)
		return vss_choice_asks_alternate(c, r->alternate, path, type);
	return vss_choice_asks(c, path, type, (struct vss_choice_place){ r->place->volume->mount, r->place->plain });
}

/* The same for an entry that was come to: it may itself say that plain paths leave it out. */
static unsigned
ask_entry(const struct root *r, const struct vss_take_entry *e)
{
	struct vss_choice *c = &r->taking->take->plan->choice;
	struct vss_choice_place at = { r->place->volume->mount, r->place->plain };
	unsigned verdict = ask(r, e->path, e->st->st_mode);

	if (!(verdict & VSS_TAKE) || r->alternate || !(c->leave_caches || c->leave_nodump))
		return verdict;
	if (!vss_choice_is_plain(c, e->path, at) || vss_choice_is_left(c, e->path) ||
		!vss_take_left(r->taking->take->plan, e))
		return verdict;
	return ask(r, e->path, e->st->st_mode);
}

/* --- what could not be copied --- */

/* An original path as the session knows it; the caller frees it.  NULL: it sees nothing there. */
static char *
known_path(const struct root *r, const char *source)
{
	const struct vss_plan *p = r->taking->take->plan;
	VSS_AUTOFREE char *inner = vss_plan_inner(p, r->place, source);

	return inner ? vss_path_join(p->volumes[r->place->of].volume->mount, inner) : NULL;
}

static const struct vss_session_lost *
lost_at(const struct root *r, const char *source, const struct stat *st)
{
	if (!S_ISDIR(st->st_mode) && st->st_size > 0)
		return NULL; /* no stand-in */
	VSS_AUTOFREE char *known = known_path(r, source);
	return known ? vss_session_lost(r->taking->take->session, known) : NULL;
}

/* The directory above this one in which nothing could be copied. */
static const struct vss_session_lost *
lost_above(const struct root *r)
{
	const struct vss_session_lost *lost = NULL;
	char *at = known_path(r, r->source);

	while (!lost && at && strcmp(at, "/") != 0) {
		char *up = vss_path_dir(at);
		free(at);
		at = up;
		lost = vss_session_lost(r->taking->take->session, at);
	}
	free(at);
	return lost;
}

/*
 * Only stands in for what could not be copied?  Then it is named if it is wanted; of unknown type it may have
 * been a directory.
 */
static bool
is_stand_in(const struct root *r, const char *source, const char *path, const struct stat *st, unsigned verdict)
{
	const struct vss_session_lost *lost = lost_at(r, source, st);

	if (lost && (verdict || (!lost->type && ask(r, path, S_IFDIR))))
		vss_take_failed(r->taking->take, path, lost->type, lost->why);
	return lost;
}

/* --- walks --- */

/* What lies over a directory must know that it is in the archive. */
static int
take_entry(struct vss_taking *t, const struct vss_take_entry *e, struct vss_err *err)
{
	int rc = vss_take_file(t, e, err);

	if (rc == 0 && S_ISDIR(e->st->st_mode))
		rc = vss_overlay_saw(t->overlay, e->path, err);
	return rc;
}

/*
 * A place that something else is mounted on: read from that one's copy if it is planned (Z23); what lies
 * beneath is hidden.
 */
static enum vss_walk_verdict
visit_mount_point(struct root *r, const struct vss_walk_entry *e, const char *source, const char *path,
	unsigned verdict, struct vss_err *err)
{
	const struct vss_plan_place *at = vss_plan_place_at(r->taking->take->plan, source);
	int rc = 0;

	if (at && at->enter)
		rc = take_root(r->taking, source, path, r->alternate, err);
	else if ((verdict & VSS_TAKE) &&
		 !vss_strv_has_sorted(&r->taking->roots, source)) /* else it comes with a walk of its own */
		rc = take_entry(r->taking, &(struct vss_take_entry){ e->dirfd, e->name, path, e->st, NULL }, err);
	return rc < 0 ? VSS_WALK_STOP : VSS_WALK_SKIP;
}

/* A real /.vss: archives keep their own documents under this name. */
static bool
is_of_archives(const struct vss_take *t, const char *path)
{
	if (strcmp(path, "/.vss") != 0)
		return false;
	if (t->archive)
		vss_warn("%s: left out, archives keep their own documents under this name", path);
	return true;
}

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct root *r = ctx;
	struct vss_take *t = r->taking->take;
	VSS_AUTOFREE char *source = vss_path_join(r->source, e->path);
	VSS_AUTOFREE char *path = vss_path_join(r->path, e->path);
	bool dir = S_ISDIR(e->st->st_mode);

	if (vss_check_interrupt(err) < 0)
		return VSS_WALK_STOP;
	bool mounted = dir && e->depth > 0 && vss_plan_is_mounted(t->plan, source);
	unsigned verdict = mounted ? ask(r, path, e->st->st_mode)
				   : ask_entry(r, &(struct vss_take_entry){ e->dirfd, e->name, path, e->st, NULL });
	int hidden = vss_overlay_hides(r->taking->overlay, path, e->st->st_mode, err);
	if (hidden)
		return hidden < 0 ? VSS_WALK_STOP : VSS_WALK_SKIP;
	if ((!mounted && is_stand_in(r, source, path, e->st, verdict)) || !verdict || is_of_archives(t, path))
		return VSS_WALK_SKIP;
	if (mounted)
		return visit_mount_point(r, e, source, path, verdict, err);
	if (is_lost_subvolume(r, e)) {
		vss_take_failed(t, path, S_IFDIR,
			"a nested subvolume, which no copy of the outer one holds: mount it by itself and name the "
			"mount point");
		return VSS_WALK_SKIP;
	}
	if (verdict & VSS_TAKE) {
		int rc = take_entry(
			r->taking, &(struct vss_take_entry){ e->dirfd, e->name, path, e->st, r->volume }, err);
		if (rc < 0)
			return VSS_WALK_STOP;
		if (rc == 1 && dir)
			return VSS_WALK_SKIP;
	}
	return dir && !(verdict & VSS_DESCEND) ? VSS_WALK_SKIP : VSS_WALK_ON;
}

static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	const struct root *r = ctx;
	VSS_AUTOFREE char *path = vss_path_join(r->path, e->path);

	vss_take_failed(r->taking->take, path, e->st ? e->st->st_mode : 0, err->text);
	return VSS_WALK_ON;
}

static const struct vss_walk_ops walk_ops = {
	.visit = visit,
	.trouble = trouble,
	.one_file_system = true,
	.skip_shadows = true,
};

int
vss_take_open_copy(const struct vss_take *t, const struct vss_plan_place *at, struct vss_err *err)
{
	const char *mount = t->plan->volumes[at->of].volume->mount;
	VSS_AUTOFREE char *device = vss_session_copy_path(t->session, mount);
	VSS_AUTOFREE char *inside =
		device ? vss_strf("%s/.", device) : NULL; /* the device path itself may be a link of ours */

	if (!inside)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: not in the set", mount);
	int fd = open(inside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		vss_fail(err, VSS_SYSTEM, errno, "%s: open the shadow copy", mount);
	return fd;
}

int
vss_take_open_above(int copy, const char *inner, const char **base, struct vss_err *err)
{
	if (*inner)
		return vss_open_parent(copy, inner, false, base, err);
	*base = ".";
	return fcntl(copy, F_DUPFD_CLOEXEC, 3);
}

/*
 * It cannot be reached: a path that went away after it was named.  File sets may name a directory that is not
 * there (C33 looks at the rest).
 */
static int
unreachable(const struct root *r, const struct vss_err *why)
{
	const struct vss_choice *c = &r->taking->take->plan->choice;
	struct vss_choice_place at = { r->place->volume->mount, r->place->plain };
	const struct vss_session_lost *lost = lost_above(r);

	if (lost) {
		VSS_AUTOFREE char *shown = vss_escaped(lost->path);
		VSS_AUTOFREE char *text = vss_strf("lies in %s, which could not be copied: %s", shown, lost->why);
		vss_take_failed(r->taking->take, r->path, 0, text);
	} else if (why->code != VSS_ABSENT || (!r->alternate && vss_choice_is_plain(c, r->path, at))) {
		vss_take_failed(r->taking->take, r->path, 0, why->text);
	}
	return 0;
}

/* The entry `base` of `dirfd`, a directory or a single file. */
static int
take_below(struct root *r, int dirfd, const char *base, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	struct stat st;

	if (fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		vss_fail(&why, VSS_SYSTEM, errno, "look at it in the shadow copy");
		return unreachable(r, &why);
	}
	unsigned verdict = ask(r, r->path, st.st_mode);
	int hidden = vss_overlay_hides(r->taking->overlay, r->path, st.st_mode, err);
	if (hidden || is_stand_in(r, r->source, r->path, &st, verdict))
		return hidden < 0 ? -1 : 0;
	if (!S_ISDIR(st.st_mode)) {
		struct vss_take_entry e = { dirfd, base, r->path, &st, r->volume };
		return verdict & VSS_TAKE && vss_take_file(r->taking, &e, err) < 0 ? -1 : 0;
	}
	VSS_AUTOCLOSE int fd = openat(dirfd, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		vss_fail(&why, VSS_SYSTEM, errno, "open it in the shadow copy");
		return unreachable(r, &why);
	}
	return vss_walk(fd, &walk_ops, r, err);
}

/* What is read from an alternate path is another file than the one that has been at its own. */
static const char *
known_volume(const struct vss_take *t, const struct vss_plan_place *at, const struct vss_choice_files *alternate)
{
	if (!at || alternate || !vss_session_keeps_identity(t->session, t->plan->volumes[at->of].volume->mount))
		return NULL;
	return at->volume->id;
}

static int
take_root(struct vss_taking *t, const char *source, const char *path, struct vss_choice_files *alternate,
	struct vss_err *err)
{
	const struct vss_plan *plan = t->take->plan;
	struct vss_plan_place *at = vss_plan_place_of(plan, source);
	struct root r = { t, at, source, path, alternate, known_volume(t->take, at, alternate) };
	struct vss_err why = VSS_ERR_INIT;
	const char *base;

	if (at && strcmp(at->volume->mount, source) == 0)
		at->walked = true;
	VSS_AUTOFREE char *inner = at ? vss_plan_inner(plan, at, source) : NULL;
	if (!inner)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: its volume is not in the set", source);
	VSS_AUTOCLOSE int copy = vss_take_open_copy(t->take, at, err);
	if (copy < 0)
		return -1;
	VSS_AUTOCLOSE int above = vss_take_open_above(copy, inner, &base, &why);
	return above < 0 ? unreachable(&r, &why) : take_below(&r, above, base, err);
}

static int
take_roots(struct vss_taking *t, struct vss_err *err)
{
	vss_plan_roots(t->take->plan, &t->roots);
	for (size_t i = 0; i < t->roots.n; i++)
		if (take_root(t, t->roots.v[i], t->roots.v[i], NULL, err) < 0)
			return -1;
	return 0;
}

/* Mounts that no walk came by: below a directory that is left out, or that the outer copy does not have. */
static int
take_places(struct vss_taking *t, struct vss_err *err)
{
	const struct vss_plan *plan = t->take->plan;

	for (size_t i = 0; i < plan->nplaces; i++) {
		const struct vss_plan_place *at = &plan->places[i];
		if (at->enter && !at->walked && take_root(t, at->volume->mount, at->volume->mount, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static int
take_alternates(struct vss_taking *t, struct vss_err *err)
{
	const struct vss_choice *c = &t->take->plan->choice;

	for (size_t i = 0; i < c->nfiles; i++) {
		const struct vss_fileset *f = &c->files[i].files;
		if (f->alternate && !c->files[i].overlay && take_root(t, f->alternate, f->path, &c->files[i], err) < 0)
			return -1;
	}
	return 0;
}

int
vss_take_all(struct vss_take *take, struct vss_err *err)
{
	struct vss_taking t = {
		.take = take,
		.links = vss_links_new(take->spool_dirfd),
		.buffer = vss_alloc(VSS_TAKE_BUFFER),
		.overlay = vss_overlay_new(&take->plan->choice, take->spool_dirfd),
	};
	int rc = -1;

	for (size_t i = 0; i < take->plan->nplaces; i++)
		take->plan->places[i].walked = false;
	vss_choice_clear_left(&take->plan->choice);
	if (vss_take_ranges_files(&t, err) == 0 && take_roots(&t, err) == 0 && take_places(&t, err) == 0 &&
		take_alternates(&t, err) == 0)
		rc = vss_overlay_take(&t, err);
	vss_overlay_free(t.overlay);
	vss_links_free(t.links);
	vss_strv_free(&t.roots);
	free(t.buffer);
	return rc;
}
