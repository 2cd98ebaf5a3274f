/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/at_boot_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "os/boot.h"
#include "os/durable.h"
#include "os/lock.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct vss_at_boot {
	char id[VSS_UUID_TEXT];
	struct vss_boot_journal journal; /* entries in the order in which they were asked for */
	void *by_target;		 /* struct known, by tsearch */
	struct vss_strv dirs;		 /* that files wait in */
	char *start, *dir;		 /* the last answer: where a target's way ends, and the directory for it */
	char *record;			 /* path of ID.open */
	int record_fd;			 /* it, locked */
	bool sealed;
};

/* Found by its target; the entry's strings are the journal's. */
struct known {
	const char *target;
	size_t number;
};

static int
by_target(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return strcmp(x->target, y->target);
}

/* Under the lock, so that nobody who sweeps takes the record for one that a dead process left. */
static int
begin_record(struct vss_at_boot *b, struct vss_err *err)
{
	VSS_AUTOFREE char *name = vss_strf("%s" VSS_BOOT_OPEN, b->id);
	VSS_AUTOCLOSE int lock = vss_boot_lock(err);

	if (lock < 0 || vss_boot_sweep(err) < 0)
		return -1;
	b->record = vss_boot_path(name, err);
	b->record_fd = b->record ? vss_lock(b->record, 0, err) : -1;
	return b->record_fd < 0 ? -1 : 0;
}

struct vss_at_boot *
vss_at_boot_new(const char *what, struct vss_err *err)
{
	struct vss_at_boot *b = vss_alloc(sizeof *b);
	struct vss_uuid id;

	vss_uuid_random(&id);
	vss_uuid_text(&id, b->id);
	b->record_fd = -1;
	b->journal.what = vss_strdup(what);
	if (vss_boot_id(&b->journal.boot, err) == 0 && begin_record(b, err) == 0)
		return b;
	vss_wrap(err, "restore at the next start");
	vss_at_boot_free(b);
	return NULL;
}

/* First the record, then the directory: so whatever happens it is found again. */
static int
make_dir(struct vss_at_boot *b, const char *dir, struct vss_err *err)
{
	VSS_AUTOCLOSE int lock = vss_boot_lock(err);

	if (lock < 0 || vss_write_all(b->record_fd, dir, strlen(dir) + 1, err) < 0)
		return -1;
	if (fsync(b->record_fd) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", b->record);
	if (vss_boot_dir_make(dir, err) < 0)
		return -1;
	vss_strv_add(&b->dirs, dir);
	vss_stop_point("at-boot.begun");
	return 0;
}

/* The directory for a target, in b->dir.  Targets come depth first, so the last answer is mostly right. */
static int
settle_dir(struct vss_at_boot *b, const char *target, struct vss_err *err)
{
	VSS_AUTOFREE char *above = vss_path_dir(target);
	VSS_AUTOFREE char *start = NULL;

	if (b->start && strcmp(above, b->start) == 0)
		return 0;
	VSS_AUTOFREE char *anchor = vss_boot_anchor(target, &start, err);
	if (!anchor)
		return -1;
	VSS_AUTOFREE char *dir = vss_boot_dir(anchor, b->id);
	if (!vss_strv_has(&b->dirs, dir) && make_dir(b, dir, err) < 0)
		return -1;
	free(b->start);
	free(b->dir);
	b->start = vss_take(&start);
	b->dir = vss_take(&dir);
	return 0;
}

static int
check_target(const char *target, struct vss_err *err)
{
	if (target[0] == '/' && vss_path_is_safe_relative(target + 1, strlen(target + 1)))
		return 0;
	return vss_fail(err, VSS_INVALID, 0, "not a path to restore to");
}

static void
add_entry(struct vss_at_boot *b, const char *target)
{
	struct vss_boot_journal *j = &b->journal;
	struct known *k = vss_alloc(sizeof *k);
	VSS_AUTOFREE char *name = vss_strf("%zu", j->n);
	struct vss_boot_entry e = { .target = vss_strdup(target), .place = vss_path_join(b->dir, name) };

	*k = (struct known){ e.target, j->n };
	VSS_PUSH(j->v, j->n, j->cap) = e;
	if (!tsearch(k, &b->by_target, by_target))
		abort(); /* no memory: as everywhere */
}

char *
vss_at_boot_place(struct vss_at_boot *b, const char *target, struct vss_err *err)
{
	struct known key = { target, 0 }, **found = tfind(&key, &b->by_target, by_target);

	if (found)
		return vss_strdup(b->journal.v[(*found)->number].place);
	if (check_target(target, err) < 0 || settle_dir(b, target, err) < 0) {
		vss_wrap(err, "%s", target);
		return NULL;
	}
	add_entry(b, target);
	return vss_strdup(b->journal.v[b->journal.n - 1].place);
}

/* --- sealing --- */

/* What waits there; false: nothing was put. */
static int
look_at(struct vss_boot_entry *e, bool *there, struct vss_err *err)
{
	const char *base;
	struct stat st;
	VSS_AUTOCLOSE int fd = vss_boot_open_parent(e->place, false, &base, err);

	if (fd < 0)
		return -1;
	*there = fstatat(fd, base, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*there)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", e->place);
	e->is_dir = S_ISDIR(st.st_mode);
	e->inode = st.st_ino;
	return 0;
}

static void
forget_targets(struct vss_at_boot *b)
{
	tdestroy(b->by_target, free);
	b->by_target = NULL;
}

/* The entries of which something was put move up; the others are none. */
static int
keep_what_is_there(struct vss_at_boot *b, struct vss_err *err)
{
	struct vss_boot_journal *j = &b->journal;
	size_t kept = 0;

	forget_targets(b);
	for (size_t i = 0; i < j->n; i++) {
		struct vss_boot_entry e = j->v[i];
		bool there = false;

		if (look_at(&e, &there, err) < 0)
			return -1;
		j->v[i] = j->v[kept];
		j->v[kept] = e;
		kept += there;
	}
	for (size_t i = kept; i < j->n; i++) {
		free(j->v[i].target);
		free(j->v[i].place);
	}
	j->n = kept;
	return 0;
}

static int
write_out(const struct vss_at_boot *b, struct vss_err *err)
{
	for (size_t i = 0; i < b->dirs.n; i++) {
		VSS_AUTOCLOSE int fd = vss_boot_open(b->dirs.v[i], O_RDONLY | O_DIRECTORY, err);
		if (fd < 0)
			return -1;
		if (syncfs(fd) < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s: write out", b->dirs.v[i]);
	}
	return 0;
}

/* A journal that may or may not have got its name must not have it: its files are about to be removed. */
static int
write_journal(const char *path, const struct vss_boot_journal *j, struct vss_err *err)
{
	if (vss_boot_journal_write(path, j, err) == 0)
		return 0;
	unlink(path);
	return -1;
}

int
vss_at_boot_seal(struct vss_at_boot *b, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_boot_path(b->id, err);

	if (!path || keep_what_is_there(b, err) < 0 || write_out(b, err) < 0)
		return -1;
	vss_stop_point("at-boot.before-seal");
	if (b->journal.n == 0)
		return 0; /* nothing to be moved: _free removes it all */
	if (write_journal(path, &b->journal, err) < 0)
		return -1;
	b->sealed = true;
	vss_stop_point("at-boot.sealed");
	unlink(b->record); /* where it stays, the next sweep sees the journal and removes it */
	return 0;
}

static void
throw_away(struct vss_at_boot *b)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int lock = vss_boot_lock(&err);
	bool gone = lock >= 0;

	for (size_t i = 0; gone && i < b->dirs.n; i++)
		gone = vss_boot_dir_remove(b->dirs.v[i], &err) == 0;
	if (gone && unlink(b->record) < 0)
		gone = vss_fail(&err, VSS_SYSTEM, errno, "%s", b->record) == 0;
	if (!gone) /* the next run sweeps */
		vss_warn("what was put aside for the next start is still there: %s", err.text);
}

void
vss_at_boot_free(struct vss_at_boot *b)
{
	if (!b)
		return;
	if (b->record_fd >= 0 && !b->sealed)
		throw_away(b);
	if (b->record_fd >= 0)
		close(b->record_fd);
	forget_targets(b);
	vss_boot_journal_clear(&b->journal);
	vss_strv_free(&b->dirs);
	free(b->start);
	free(b->dir);
	free(b->record);
	free(b);
}
