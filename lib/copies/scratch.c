/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/scratch.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/uuid.h"
#include "copies/copies_internal.h"
#include "os/dirs.h"
#include "os/lock.h"
#include "tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ELSEWHERE ".vss-scratch-" /* and the ID: in a place of the user's */

static int
remove_tree(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *above = vss_path_dir(path);
	VSS_AUTOCLOSE int dirfd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dirfd < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", above);
	return vss_remove_tree(dirfd, vss_path_base(path), err) < 0 ? vss_wrap(err, "%s", above) : 0;
}

/* Where the link of a record leads, if it is one that we made; the caller frees it. */
static char *
elsewhere(const char *record)
{
	VSS_AUTOFREE char *link = vss_path_join(record, "writers");
	VSS_AUTOFREE char *name = vss_strf(ELSEWHERE "%s", vss_path_base(record));
	char to[PATH_MAX];
	ssize_t n = readlink(link, to, sizeof to - 1);

	if (n <= 0)
		return NULL;
	to[n] = '\0';
	return *to == '/' && vss_str_eq(vss_path_base(to), name) ? vss_strdup(to) : NULL;
}

/* The lock is ours.  The record goes last: as long as it is there, the rest can be found. */
static void
drop(const char *record)
{
	VSS_AUTOFREE char *other = elsewhere(record);
	struct vss_err err = VSS_ERR_INIT;

	if ((other && remove_tree(other, &err) < 0) || remove_tree(record, &err) < 0)
		vss_warn("scratch of writers: %s", err.text);
}

/* Writers run as other users. */
#define COME_THROUGH 0111

static int
make_dir(const char *dir, struct vss_err *err)
{
	if (mkdir(dir, 0700) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: make directory", dir);
	return copies_let_all(dir, COME_THROUGH, err);
}

static int
make_writers(struct vss_scratch *s, const char *place, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_join(s->record, "writers");

	if (place) {
		VSS_AUTOFREE char *real = realpath(place, NULL);
		if (!real)
			return vss_fail(err, VSS_SYSTEM, errno, "%s", place);
		VSS_AUTOFREE char *other = vss_strf("%s/" ELSEWHERE "%s", real, vss_path_base(s->record));
		if (symlink(other, dir) < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
		if (make_dir(other, err) < 0)
			return -1;
	} else if (make_dir(dir, err) < 0) {
		return -1;
	}
	s->dir = realpath(dir, NULL);
	return s->dir ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
}

/* A lock that somebody else's vss_copies_reap() has just unlinked keeps nobody away. */
static int
lock_record(const char *record, struct vss_err *err)
{
	VSS_AUTOFREE char *lock = vss_path_join(record, "lock");
	VSS_AUTOCLOSE int fd = vss_lock(lock, 0, err);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || st.st_nlink == 0)
		return vss_fail(err, VSS_BUSY, 0, "%s: was removed", lock);
	return vss_take_fd(&fd);
}

static int
make_record(struct vss_scratch *s, struct vss_err *err)
{
	VSS_AUTOFREE char *all = vss_path_join(vss_state_dir(), "scratch");
	char name[VSS_UUID_TEXT];
	struct vss_uuid id;

	for (int tries = 0; s->lockfd < 0; tries++) {
		free(s->record);
		vss_uuid_random(&id);
		vss_uuid_text(&id, name);
		s->record = vss_path_join(all, name);
		s->lockfd = lock_record(s->record, err);
		if (s->lockfd < 0 && (err->code != VSS_BUSY || tries == 3))
			return -1;
	}
	if (copies_let_all(vss_state_dir(), COME_THROUGH, err) < 0 || copies_let_all(all, COME_THROUGH, err) < 0)
		return -1;
	return copies_let_all(s->record, COME_THROUGH, err);
}

int
vss_scratch_new(struct vss_scratch *s, const char *place, struct vss_err *err)
{
	*s = (struct vss_scratch)VSS_SCRATCH_NONE;
	if (make_record(s, err) == 0 && make_writers(s, place, err) == 0) {
		vss_stop_point("copies.scratch");
		return 0;
	}
	vss_scratch_free(s);
	return vss_wrap(err, "scratch directory for writers");
}

void
vss_scratch_free(struct vss_scratch *s)
{
	if (s->lockfd >= 0) {
		drop(s->record);
		close(s->lockfd);
	}
	free(s->dir);
	free(s->record);
	*s = (struct vss_scratch)VSS_SCRATCH_NONE;
}

/* Its owner is dead when the lock can be had. */
static void
reap_record(const char *record)
{
	VSS_AUTOFREE char *lock = vss_path_join(record, "lock");
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int fd = vss_lock(lock, 0, &err);

	if (fd >= 0)
		drop(record);
	else if (err.code != VSS_BUSY)
		vss_warn("scratch of writers: %s", err.text);
}

void
copies_reap_scratch(void)
{
	VSS_AUTOFREE char *all = vss_path_join(vss_state_dir(), "scratch");
	DIR *d = opendir(all);

	for (struct dirent *e; d && (e = readdir(d));) {
		VSS_AUTOFREE char *record = vss_path_join(all, e->d_name);
		struct vss_uuid id;
		if (vss_uuid_parse(e->d_name, &id) == 0)
			reap_record(record);
	}
	if (d)
		closedir(d);
}
