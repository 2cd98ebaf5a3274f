/* SPDX-License-Identifier: BSD-2-Clause */
#include "keep.h"

#include "base/mem.h"
#include "base/uuid.h"
#include "os/durable.h"
#include "tree/copy.h"
#include "tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SET_BYTES = 64 };

static int
open_dir(int dirfd, const char *name, struct vss_err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", name) : fd;
}

int
keep_begin(int keepfd, const char *set, const char *shadow, struct vss_err *err)
{
	VSS_AUTOFREE char *mark = vss_strf("%s/set", shadow);

	if (mkdirat(keepfd, shadow, 0700) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", shadow);
	int fd = openat(keepfd, mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", mark);
	int r = vss_write_all(fd, set, strlen(set), err);
	if (close(fd) != 0 && r == 0)
		r = vss_fail(err, VSS_SYSTEM, errno, "%s", mark);
	return r;
}

static int
copy_dir(int from, int to, struct vss_err *err)
{
	struct vss_copy_options o = { .owner_if_can = true };
	struct vss_copy_report report = { 0 };

	return vss_copy_tree(from, to, &o, &report, err);
}

int
keep_copy(int keepfd, const char *shadow, const char *mount, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("%s/copy", shadow);
	VSS_AUTOCLOSE int from = open_dir(AT_FDCWD, mount, err);

	if (from < 0)
		return -1;
	if (mkdirat(keepfd, path, 0700) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	VSS_AUTOCLOSE int to = open_dir(keepfd, path, err);
	return to < 0 ? -1 : copy_dir(from, to, err);
}

bool
keep_has(int keepfd, const char *shadow)
{
	VSS_AUTOFREE char *path = vss_strf("%s/copy", shadow);
	struct stat st;

	return fstatat(keepfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

int
keep_delete(int keepfd, const char *shadow, struct vss_err *err)
{
	return vss_remove_tree(keepfd, shadow, err);
}

int
keep_list(int keepfd, struct vss_strv *out, struct vss_err *err)
{
	VSS_AUTOCLOSE int again = open_dir(keepfd, ".", err);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	struct vss_uuid id;

	if (!d)
		return again < 0 ? -1 : vss_fail(err, VSS_SYSTEM, errno, "read the copies");
	vss_take_fd(&again);
	for (const struct dirent *e; (e = readdir(d));)
		if (vss_uuid_parse(e->d_name, &id) == 0)
			vss_strv_add(out, e->d_name);
	closedir(d);
	vss_strv_sort(out);
	return 0;
}

static bool
is_of(int keepfd, const char *shadow, const char *set)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = open_dir(keepfd, shadow, &ignored);

	return dir >= 0 && vss_read_file_at(dir, "set", SET_BYTES, &text, &ignored) == 0 && text.len > 0 &&
	       strcmp(text.data, set) == 0;
}

int
keep_delete_set(int keepfd, const char *set, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv all = VSS_STRV_INIT;

	if (keep_list(keepfd, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (is_of(keepfd, all.v[i], set) && keep_delete(keepfd, all.v[i], err) != 0)
			return -1;
	return 0;
}

static int
empty_dir(int dirfd, struct vss_err *err)
{
	VSS_AUTOCLOSE int again = open_dir(dirfd, ".", err);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	int r = 0;

	if (!d)
		return again < 0 ? -1 : vss_fail(err, VSS_SYSTEM, errno, "read the volume");
	vss_take_fd(&again);
	for (const struct dirent *e; r == 0 && (e = readdir(d));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = vss_remove_tree(dirfd, e->d_name, err);
	closedir(d);
	return r;
}

int
keep_put_back(int keepfd, const char *shadow, const char *mount, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("%s/copy", shadow);
	VSS_AUTOCLOSE int from = open_dir(keepfd, path, err);
	VSS_AUTOCLOSE int to = from < 0 ? -1 : open_dir(AT_FDCWD, mount, err);

	if (to < 0 || empty_dir(to, err) != 0)
		return -1;
	return copy_dir(from, to, err);
}
