/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "base/buf.h"
#include "base/mem.h"
#include "os/durable.h"
#include "os/lock.h"
#include "tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK_LIMIT 256
#define LOCK_WAIT_MS 2000 /* whoever tidies holds the lock for some milliseconds only */
#define TIDY_WAIT_MS 200  /* for somebody else who tidies; not for a set in the making */
#define CLAIM_TRIES 5

static char *
mark_text(const char *provider)
{
	return vss_strf("vss-tools shadow copy storage\nprovider=%s\n", provider);
}

/*
 * The storage may lie in a directory that others can write to, so nothing that they could have put
 * there is accepted.
 */
static int
check_trust(int fd, struct vss_err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return vss_fail(err, VSS_SYSTEM, errno, VSS_SHADOW_STORAGE);
	if (st.st_uid != geteuid() || (st.st_mode & 07777) != 0700)
		return vss_fail(
			err, VSS_DENIED, 0, VSS_SHADOW_STORAGE ": it is not ours: owner or mode (0700) is wrong");
	return 0;
}

static int
open_storage(int rootfd, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = openat(rootfd, VSS_SHADOW_STORAGE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, VSS_SHADOW_STORAGE);
	if (check_trust(fd, err))
		return -1;
	return vss_take_fd(&fd);
}

/*
 * 1: this provider's, 0: nobody's yet (absent, or empty after a crash), -1 with VSS_ABSENT:
 * somebody else's.
 */
static int
read_mark(int fd, const char *provider, struct vss_err *err)
{
	VSS_AUTOFREE char *want = mark_text(provider);
	VSS_AUTOBUF struct vss_buf got = VSS_BUF_INIT;

	if (vss_read_file_at(fd, VSS_SHADOW_MARK, MARK_LIMIT, &got, err))
		return err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	if (got.len == 0)
		return 0;
	if (got.len != strlen(want) || memcmp(got.data, want, got.len) != 0)
		return vss_fail(err, VSS_ABSENT, 0, VSS_SHADOW_STORAGE ": it is another provider's");
	return 1;
}

int
vss_store_find(int rootfd, const char *provider, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open_storage(rootfd, err);
	if (fd < 0)
		return -1;
	int mine = read_mark(fd, provider, err);
	if (mine < 0)
		return -1;
	if (mine == 0)
		return vss_fail(err, VSS_ABSENT, 0, VSS_SHADOW_STORAGE ": it has no mark");
	return vss_take_fd(&fd);
}

/*
 * Whoever tidied may have removed the mark, and the directory with it, while we waited for the
 * lock: VSS_ABSENT.
 */
int
vss_store_lock(int fd, int wait_ms, struct vss_err *err)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof path, "/proc/self/fd/%d/" VSS_SHADOW_MARK, fd);
	VSS_AUTOCLOSE int lock = vss_lock(path, wait_ms, err);
	if (lock < 0)
		return -1;
	if (fstat(lock, &st) || st.st_nlink == 0)
		return vss_fail(err, VSS_ABSENT, 0, VSS_SHADOW_STORAGE ": it has just been removed");
	return vss_take_fd(&lock);
}

/* The mark is written through the descriptor that is locked: its inode must not change. */
static int
write_mark(int lockfd, const char *provider, struct vss_err *err)
{
	VSS_AUTOFREE char *text = mark_text(provider);
	size_t n = strlen(text);

	if (pwrite(lockfd, text, n, 0) != (ssize_t)n)
		return vss_fail(err, VSS_SYSTEM, errno ? errno : EIO, "write " VSS_SHADOW_STORAGE "/" VSS_SHADOW_MARK);
	if (fsync(lockfd))
		return vss_fail(err, VSS_SYSTEM, errno, "fsync " VSS_SHADOW_STORAGE "/" VSS_SHADOW_MARK);
	return 0;
}

/* 1: claimed, 0: it vanished, try again, -1: failed. */
static int
claim_once(struct vss_store *s, const char *provider, struct vss_err *err)
{
	if (mkdirat(s->rootfd, VSS_SHADOW_STORAGE, 0700) == 0)
		s->fresh = true;
	else if (errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "make %s/" VSS_SHADOW_STORAGE, s->place);
	s->fd = open_storage(s->rootfd, err);
	if (s->fd < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : vss_wrap(err, "%s", s->place);
	int mine = read_mark(s->fd, provider, err);
	if (mine < 0 && err->code == VSS_ABSENT)
		return vss_fail(err, VSS_EXISTS, 0,
			"%s/" VSS_SHADOW_STORAGE ": another provider keeps its copies there", s->place);
	if (mine < 0)
		return vss_wrap(err, "%s", s->place);
	s->lockfd = vss_store_lock(s->fd, LOCK_WAIT_MS, err);
	if (s->lockfd < 0 && err->code == VSS_BUSY)
		return vss_fail(
			err, VSS_E_SNAPSHOT_SET_IN_PROGRESS, 0, "%s: another set is being made there", s->place);
	if (s->lockfd < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : vss_wrap(err, "%s", s->place);
	if (mine == 0 && write_mark(s->lockfd, provider, err))
		return vss_wrap(err, "%s", s->place);
	return 1;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What a claim that failed has made; whatever else got into it makes it stay. */
static void
unmake(const struct vss_store *s)
{
	unlinkat(s->rootfd, VSS_SHADOW_STORAGE "/" VSS_SHADOW_MARK, 0);
	unlinkat(s->rootfd, VSS_SHADOW_STORAGE, AT_REMOVEDIR);
}

int
vss_store_claim(struct vss_store *s, const char *provider, struct vss_err *err)
{
	s->fd = s->lockfd = -1;
	for (int i = 0; i < CLAIM_TRIES; i++) {
		int r = claim_once(s, provider, err);
		if (r > 0)
			return 0;
		close_fd(&s->fd);
		close_fd(&s->lockfd);
		if (r < 0 && s->fresh)
			unmake(s);
		if (r < 0)
			return -1;
	}
	return vss_fail(err, VSS_BUSY, 0, "%s/" VSS_SHADOW_STORAGE ": it is removed again and again", s->place);
}

void
vss_store_close(struct vss_store *s)
{
	close_fd(&s->lockfd);
	close_fd(&s->fd);
	close_fd(&s->rootfd);
	free(s->place);
	s->place = NULL;
}

static bool
begins_with_uuid(const char *name)
{
	struct vss_uuid id;
	char text[VSS_UUID_TEXT];

	snprintf(text, sizeof text, "%.36s", name);
	return vss_uuid_parse(text, &id) == 0;
}

/* A copy, or a set that may have one soon. */
static bool
is_in_use(const char *name)
{
	return begins_with_uuid(name) && (strlen(name) == VSS_UUID_TEXT - 1 || vss_str_ends(name, ".making"));
}

static bool
is_not_mark(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, VSS_SHADOW_MARK) != 0;
}

/* 1 when an entry is `wanted`, 0, -1. */
static int
holds(int fd, bool (*wanted)(const char *name), struct vss_err *err)
{
	VSS_AUTOCLOSE int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	if (!d)
		return vss_fail(err, VSS_SYSTEM, errno, "read " VSS_SHADOW_STORAGE);
	vss_take_fd(&again);
	bool found = false;
	for (struct dirent *e; !found && (e = readdir(d));)
		found = wanted(e->d_name);
	closedir(d);
	return found;
}

int
vss_store_tidy(int rootfd, const char *place, const struct vss_store_kind *kind, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = vss_store_find(rootfd, kind->provider, err);
	if (fd < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	VSS_AUTOCLOSE int lockfd = vss_store_lock(fd, TIDY_WAIT_MS, err);
	if (lockfd < 0)
		return err->code == VSS_BUSY || err->code == VSS_ABSENT ? vss_forgive(err) : vss_wrap(err, "%s", place);
	int needed = holds(fd, is_in_use, err);
	if (needed != 0)
		return needed < 0 ? -1 : 0;
	if (kind->clear && kind->clear(fd, err))
		return vss_wrap(err, "%s/" VSS_SHADOW_STORAGE, place);
	int more = holds(fd, is_not_mark, err);
	if (more != 0) /* a document that goes next, or a file of somebody else's */
		return more < 0 ? -1 : 0;
	if (unlinkat(fd, VSS_SHADOW_MARK, 0))
		return vss_fail(err, VSS_SYSTEM, errno, "remove %s/" VSS_SHADOW_STORAGE "/" VSS_SHADOW_MARK, place);
	if (unlinkat(rootfd, VSS_SHADOW_STORAGE, AT_REMOVEDIR))
		return vss_fail(err, VSS_SYSTEM, errno, "remove %s/" VSS_SHADOW_STORAGE, place);
	if (kind->gone)
		kind->gone(place);
	return 0;
}
