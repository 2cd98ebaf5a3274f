/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/walk.h"

#include "base/mem.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_ours(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

bool
vss_is_shadow_storage(int dirfd, const char *name)
{
	struct vss_err ignored = VSS_ERR_INIT;
	struct stat st;
	if (strcmp(name, VSS_SHADOW_STORAGE) != 0 && strcmp(name, VSS_BOOT_STORAGE) != 0)
		return false;
	VSS_AUTOCLOSE int fd = vss_open_beneath(dirfd, name, O_PATH | O_DIRECTORY, 0, &ignored);
	if (fd < 0 || fstat(fd, &st) < 0 || (st.st_mode & 07777) != 0700 || !is_ours(&st))
		return false;
	return fstatat(fd, VSS_SHADOW_MARK, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && is_ours(&st);
}

/* Without privilege the mode of a directory of our own may keep us out: chmod on the very directory, not on its name. */
static void
open_up(int dirfd, const char *name, const struct stat *st)
{
	struct vss_err ignored = VSS_ERR_INIT;
	char path[32];
	if ((st->st_mode & 0700) == 0700 || st->st_uid != geteuid())
		return;
	VSS_AUTOCLOSE int fd = vss_open_beneath(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, &ignored);
	if (fd < 0)
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (chmod(path, 0700) < 0) {
		/* The removal says what is wrong. */
	}
}

static int
remove_entry(const struct vss_walk_entry *e, int flags, struct vss_err *err)
{
	if (unlinkat(e->dirfd, e->name, flags) == 0 || errno == ENOENT)
		return 0;
	return vss_fail(err, VSS_SYSTEM, errno, "%s: remove", e->path);
}

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	(void)ctx;
	if (S_ISDIR(e->st->st_mode)) {
		open_up(e->dirfd, e->name, e->st);
		return VSS_WALK_ON;
	}
	return remove_entry(e, 0, err) < 0 ? VSS_WALK_STOP : VSS_WALK_ON;
}

static enum vss_walk_verdict
leave(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	(void)ctx;
	if (e->depth == 0)
		return VSS_WALK_ON;
	return remove_entry(e, AT_REMOVEDIR, err) < 0 ? VSS_WALK_STOP : VSS_WALK_ON;
}

/* What is gone already need not be removed. */
static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	(void)ctx;
	(void)e;
	return err->code == VSS_ABSENT ? VSS_WALK_ON : VSS_WALK_STOP;
}

static int
remove_below(int dirfd, const char *name, const struct stat *st, struct vss_err *err)
{
	static const struct vss_walk_ops ops = { visit, leave, trouble, .one_file_system = true };
	open_up(dirfd, name, st);
	VSS_AUTOCLOSE int fd = vss_open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, err);
	if (fd < 0)
		return -1;
	if (vss_walk(fd, &ops, NULL, err) < 0)
		return vss_wrap(err, "%s", name);
	return 0;
}

int
vss_remove_tree(int dirfd, const char *name, struct vss_err *err)
{
	struct stat st;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", name);
	bool is_dir = S_ISDIR(st.st_mode);
	if (is_dir && remove_below(dirfd, name, &st, err) < 0)
		return -1;
	if (unlinkat(dirfd, name, is_dir ? AT_REMOVEDIR : 0) < 0 && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: remove", name);
	return 0;
}
