/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/room.h"

#include "base/mem.h"
#include "base/path.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
why_not_writable(int dirfd)
{
	if (faccessat(dirfd, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return NULL;
	return errno == EROFS ? "its file system is read-only" : "its directory cannot be written to";
}

/*
 * A lease for reading is granted while nobody has the file open for writing.  Whoever opens it meanwhile waits for the moment until
 * it is given back; the signal that tells of it must be one that is ignored by default.
 */
static bool
is_being_written(int parent, const char *base)
{
	VSS_AUTOCLOSE int fd = openat(parent, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fcntl(fd, F_SETSIG, SIGURG) < 0)
		return false;
	return fcntl(fd, F_SETLEASE, F_RDLCK) < 0 && (errno == EAGAIN || errno == EBUSY);
}

static const char *
why_not_replaced(int parent, const struct statx *st, mode_t type)
{
	struct statx dir;

	if (st->stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return S_ISDIR(type) && S_ISDIR(st->stx_mode) ? NULL : "something is mounted there";
	if (st->stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND))
		return "it is immutable or append-only";
	if (S_ISDIR(st->stx_mode))
		return S_ISDIR(type) ? NULL : "a directory is in its place";
	if (statx(parent, "", AT_EMPTY_PATH, STATX_TYPE, &dir) == 0 && (dir.stx_attributes & STATX_ATTR_APPEND))
		return "its directory is append-only";
	return why_not_writable(parent);
}

/* The directory that the path will be in is to be made, too: in the innermost one that is there. */
static struct vss_room
look_at_way(int rootfd, const char *path)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	struct vss_err err;
	int fd;

	while ((fd = vss_open_beneath(rootfd, dir, O_PATH | O_DIRECTORY, 0, &err)) < 0 && err.code == VSS_ABSENT &&
		strcmp(dir, ".") != 0) {
		char *above = vss_path_dir(dir);
		free(dir);
		dir = above;
	}
	if (fd < 0)
		return (struct vss_room){ .there = true, .blocked = true, .why = "what is above it is no directory" };
	struct vss_room room = { .why = why_not_writable(fd) };
	close(fd);
	return room;
}

struct vss_room
vss_look_at_room(int rootfd, const char *path, mode_t type)
{
	struct vss_err err;
	struct statx st;
	const char *base;

	if (rootfd < 0 || strcmp(path, ".") == 0)
		return (struct vss_room){ .why = NULL };
	VSS_AUTOCLOSE int parent = vss_open_parent(rootfd, path, false, &base, &err);
	if (parent < 0)
		return look_at_way(rootfd, path);
	if (statx(parent, base, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_MODE, &st) < 0)
		return errno == ENOENT ? (struct vss_room){ .why = why_not_writable(parent) }
				       : (struct vss_room){ .there = true, .why = "it cannot be looked at" };
	bool kept = S_ISDIR(type) && S_ISDIR(st.stx_mode);
	return (struct vss_room){
		.there = !kept,
		.kept = kept,
		.busy = S_ISREG(st.stx_mode) && is_being_written(parent, base),
		.why = why_not_replaced(parent, &st, type),
	};
}

struct vss_room
vss_look_at_room_in_turn(struct vss_strv *replaced, int rootfd, const char *path, mode_t type)
{
	for (size_t i = 0; i < replaced->n; i++)
		if (strcmp(path, replaced->v[i]) != 0 && vss_path_is_below(path, replaced->v[i]))
			return (struct vss_room){ .why = NULL };
	struct vss_room room = vss_look_at_room(rootfd, path, type);
	if (S_ISDIR(type) && room.there && !room.why && !room.busy)
		vss_strv_add(replaced, path);
	return room;
}
