/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/at_boot_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "tree/attr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Directories first, empty and closed, then what lies in them, then, from the last one back, what directories are apart from
 * their content.  Each step sees from what is there whether it was done already: so a run that was cut off is finished by the
 * next.
 */

static bool
has_inode(int dirfd, const char *name, uint64_t inode)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_ino == inode;
}

static int
make_directory(const struct vss_boot_entry *e, struct vss_err *err)
{
	const char *base;
	struct stat st;
	VSS_AUTOCLOSE int to = vss_boot_open_parent(e->target, true, &base, err);

	if (to < 0)
		return -1;
	if (mkdirat(to, base, 0700) == 0)
		return 0;
	if (errno != EEXIST || fstatat(to, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "make directory");
	return S_ISDIR(st.st_mode) ? 0 : vss_fail(err, VSS_EXISTS, 0, "what is there is no directory");
}

/* Two names of one file: the rename of one over the other does nothing, and both stay. */
static int
drop_other_name(int from, const char *name, uint64_t inode, struct vss_err *err)
{
	if (has_inode(from, name, inode) && unlinkat(from, name, 0) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "remove its other name");
	return 0;
}

static int
move_file(const struct vss_boot_entry *e, struct vss_err *err)
{
	const char *name, *base;
	VSS_AUTOCLOSE int from = vss_boot_open_parent(e->place, false, &name, err);
	VSS_AUTOCLOSE int to = from < 0 ? -1 : vss_boot_open_parent(e->target, true, &base, err);
	struct stat st;

	if (to < 0)
		return -1;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return has_inode(to, base, e->inode) ? 0 : vss_fail(err, VSS_ABSENT, 0, "it waits no more");
	if (!has_inode(from, name, e->inode))
		return vss_fail(err, VSS_CORRUPT, 0, "what waits is not what was put there");
	if (renameat(from, name, to, base) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "rename");
	vss_stop_point("at-boot.moved");
	return drop_other_name(from, name, e->inode, err);
}

static int
apply_attributes(int from, const char *name, const char *target, struct vss_err *err)
{
	const unsigned how = VSS_APPLY_OWNER | VSS_APPLY_XATTR | VSS_APPLY_TRUSTED | VSS_APPLY_TIMES;
	VSS_AUTOCLOSE int waiting = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	VSS_AUTOCLOSE int there = vss_boot_open(target, O_RDONLY | O_DIRECTORY, err);
	struct vss_attr a = { 0 };
	unsigned lost = 0;

	if (there < 0)
		return -1;
	if (waiting < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open what waits");
	if (vss_attr_read(from, name, waiting, &a, err) < 0)
		return -1;
	int rc = vss_attr_apply(there, &a, how, &lost, err);
	vss_attr_clear(&a);
	return rc;
}

static int
finish_directory(const struct vss_boot_entry *e, struct vss_err *err)
{
	const char *name;
	struct stat st;
	VSS_AUTOCLOSE int from = vss_boot_open_parent(e->place, false, &name, err);

	if (from < 0)
		return -1;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0; /* an earlier run did */
	if (apply_attributes(from, name, e->target, err) < 0)
		return -1;
	return unlinkat(from, name, AT_REMOVEDIR) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "remove what waited") : 0;
}

static bool
do_step(const struct vss_boot_entry *e, int (*step)(const struct vss_boot_entry *, struct vss_err *),
	vss_boot_tell *tell)
{
	struct vss_err err = VSS_ERR_INIT;

	if (step(e, &err) == 0)
		return true;
	tell(true, "%s: not restored: %s", e->target, err.text);
	return false;
}

size_t
vss_boot_move(const struct vss_boot_journal *j, vss_boot_tell *tell)
{
	VSS_AUTOFREE bool *made = vss_alloc((j->n + 1) * sizeof *made);
	size_t moved = 0;

	for (size_t i = 0; i < j->n; i++)
		made[i] = j->v[i].is_dir && do_step(&j->v[i], make_directory, tell);
	for (size_t i = 0; i < j->n; i++)
		moved += !j->v[i].is_dir && do_step(&j->v[i], move_file, tell);
	for (size_t i = j->n; i-- > 0;)
		moved += made[i] && do_step(&j->v[i], finish_directory, tell);
	return moved;
}
