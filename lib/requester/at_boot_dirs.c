/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/at_boot_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/lock.h"
#include "os/volume.h"
#include "tree/beneath.h"
#include "tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_MS 60000
#define RECORD_LIMIT (16u << 20) /* of directories of one stage */

char *
vss_boot_path(const char *name, struct vss_err *err)
{
	return vss_state_path("at-boot", name, err);
}

int
vss_boot_lock(struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_boot_path("lock", err);

	return path ? vss_lock(path, LOCK_MS, err) : -1;
}

int
vss_boot_open(const char *path, int flags, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "/");
	return vss_open_beneath(root, path + 1, flags, 0, err);
}

int
vss_boot_open_parent(const char *path, bool make, const char **base, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "/");
	return vss_open_parent(root, path + 1, make, base, err);
}

/* --- where --- */

static char *
nearest_directory(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *at = vss_strdup(path);

	for (;;) {
		struct vss_err why = VSS_ERR_INIT;
		VSS_AUTOCLOSE int fd = vss_boot_open(at, O_PATH | O_DIRECTORY, &why);
		if (fd >= 0)
			return vss_take(&at);
		if ((why.code != VSS_ABSENT && why.sys != ENOTDIR) || !at[1]) {
			*err = why;
			return NULL;
		}
		char *up = vss_path_dir(at);
		free(at);
		at = up;
	}
}

/* A directory that is there already is its own: then what lies in it has the same answer. */
static char *
start_of(const char *target, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(target);
	VSS_AUTOFREE char *near = nearest_directory(dir, err);
	struct stat st;

	if (!near || strcmp(near, dir) != 0)
		return vss_take(&near);
	VSS_AUTOCLOSE int fd = vss_boot_open(near, O_PATH | O_DIRECTORY, err);
	if (fd < 0)
		return NULL;
	if (fstatat(fd, vss_path_base(target), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
		return vss_strdup(target);
	return vss_take(&near);
}

/* May a file be renamed from one to the other?  Not across mounts, and not across subvolumes of btrfs. */
static bool
is_together(const char *a, const char *b)
{
	struct vss_err ignored = VSS_ERR_INIT;
	VSS_AUTOCLOSE int afd = vss_boot_open(a, O_PATH | O_DIRECTORY, &ignored);
	VSS_AUTOCLOSE int bfd = vss_boot_open(b, O_PATH | O_DIRECTORY, &ignored);
	struct statx x, y;

	return afd >= 0 && bfd >= 0 && statx(afd, "", AT_EMPTY_PATH, STATX_MNT_ID, &x) == 0 &&
	       statx(bfd, "", AT_EMPTY_PATH, STATX_MNT_ID, &y) == 0 && x.stx_mnt_id == y.stx_mnt_id &&
	       x.stx_dev_major == y.stx_dev_major && x.stx_dev_minor == y.stx_dev_minor;
}

char *
vss_boot_anchor(const char *target, char **start, struct vss_err *err)
{
	VSS_AUTOFREE char *at = start_of(target, err);
	struct vss_volume *v = at ? vss_volume_near(at, err) : NULL;

	if (!v)
		return NULL;
	*start = vss_strdup(at);
	while (at[1] && strcmp(at, v->mount) != 0) {
		VSS_AUTOFREE char *up = vss_path_dir(at);
		if (!is_together(at, up))
			break;
		free(at);
		at = vss_take(&up);
	}
	vss_volume_free(v);
	return vss_take(&at);
}

char *
vss_boot_dir(const char *anchor, const char *id)
{
	VSS_AUTOFREE char *storage = vss_path_join(anchor, VSS_BOOT_STORAGE);

	return vss_path_join(storage, id);
}

bool
vss_boot_is_dir(const char *dir, const char *id)
{
	VSS_AUTOFREE char *end = vss_strf("/" VSS_BOOT_STORAGE "/%s", id);

	return dir[0] == '/' && vss_path_is_safe_relative(dir + 1, strlen(dir + 1)) && vss_str_ends(dir, end);
}

/* --- making and removing --- */

static int
make_mark(int storage, struct vss_err *err)
{
	static const char text[] = "files that wait for the next start of this machine: vss-restore-at-boot(8)\n";
	struct stat st;

	if (fstatat(storage, VSS_SHADOW_MARK, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return vss_write_file_at(storage, VSS_SHADOW_MARK, text, sizeof text - 1, 0600, err);
}

static int
open_storage(int anchor, struct vss_err *err)
{
	struct stat st;

	if (mkdirat(anchor, VSS_BOOT_STORAGE, 0700) < 0 && errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, VSS_BOOT_STORAGE);
	VSS_AUTOCLOSE int fd = openat(anchor, VSS_BOOT_STORAGE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, VSS_BOOT_STORAGE);
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 07777) != 0700)
		return vss_fail(err, VSS_DENIED, 0, VSS_BOOT_STORAGE ": not ours: owner or mode (0700) is wrong");
	return make_mark(fd, err) < 0 ? -1 : vss_take_fd(&fd);
}

/* "<anchor>/.vss-at-boot/<id>" */
static char *
anchor_of(const char *dir)
{
	VSS_AUTOFREE char *storage = vss_path_dir(dir);

	return vss_path_dir(storage);
}

int
vss_boot_dir_make(const char *dir, struct vss_err *err)
{
	VSS_AUTOFREE char *anchor = anchor_of(dir);
	VSS_AUTOCLOSE int at = vss_boot_open(anchor, O_PATH | O_DIRECTORY, err);
	VSS_AUTOCLOSE int storage = at < 0 ? -1 : open_storage(at, err);

	if (storage < 0)
		return vss_wrap(err, "%s", anchor);
	if (mkdirat(storage, vss_path_base(dir), 0700) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	return vss_fsync_dir(storage, err);
}

int
vss_boot_dir_remove(const char *dir, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	const char *base;
	VSS_AUTOCLOSE int storage = vss_boot_open_parent(dir, false, &base, &why);
	VSS_AUTOFREE char *above = vss_path_dir(dir);

	if (storage < 0 && why.code == VSS_ABSENT)
		return 0;
	if (storage < 0) {
		*err = why;
		return -1;
	}
	if (vss_remove_tree(storage, base, err) < 0)
		return vss_wrap(err, "%s", dir);
	VSS_AUTOCLOSE int anchor = vss_boot_open_parent(above, false, &base, err);
	if (anchor < 0)
		return -1;
	unlinkat(storage, VSS_SHADOW_MARK, 0);
	if (unlinkat(anchor, base, AT_REMOVEDIR) == 0)
		return 0;
	/* Another stage waits there: then it keeps its mark. */
	VSS_AUTOCLOSE int again = openat(anchor, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return again < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", above) : make_mark(again, err);
}

/* --- what was left by who died --- */

static int
remove_recorded(const char *path, const char *id, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (vss_read_file(path, RECORD_LIMIT, &text, err) < 0)
		return -1;
	for (size_t at = 0, n; at < text.len; at += n + 1) {
		n = strlen(text.data + at); /* one that was being written when it died names nothing that there is */
		if (vss_boot_is_dir(text.data + at, id) && vss_boot_dir_remove(text.data + at, err) < 0)
			return -1;
	}
	return 0;
}

static int
sweep_one(const char *name, struct vss_err *err)
{
	VSS_AUTOFREE char *id = vss_strndup(name, strlen(name) - strlen(VSS_BOOT_OPEN));
	VSS_AUTOFREE char *path = vss_boot_path(name, err);
	VSS_AUTOFREE char *sealed = path ? vss_boot_path(id, err) : NULL;
	struct vss_uuid uuid;

	if (!sealed)
		return -1;
	if (vss_uuid_parse(id, &uuid) < 0)
		return 0;
	int held = vss_lock_is_held(path, err);
	if (held != 0)
		return held < 0 ? -1 : 0;
	if (access(sealed, F_OK) < 0 && remove_recorded(path, id, err) < 0)
		return -1;
	return unlink(path) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : 0;
}

int
vss_boot_sweep(struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_boot_path("", err);
	DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *e;

	if (!dir)
		return path ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : -1;
	while ((e = readdir(dir))) {
		struct vss_err why = VSS_ERR_INIT;
		if (vss_str_ends(e->d_name, VSS_BOOT_OPEN) && sweep_one(e->d_name, &why) < 0)
			vss_warn("%s: what an earlier run left is still there: %s", e->d_name, why.text);
	}
	closedir(dir);
	return 0;
}
