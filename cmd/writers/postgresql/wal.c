/* SPDX-License-Identifier: BSD-2-Clause */
#include "wal.h"

#include "scratch.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/durable.h"
#include "tree/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE_ADDRESS_AT = 8, SEGMENTS_MAX = 1000000 };
#define LOG_BYTES (UINT64_C(1) << 32) /* what the middle part of a name counts */

bool
wal_is_segment(const char *name, bool whole)
{
	return strspn(name, "0123456789ABCDEF") >= WAL_NAME_LEN && (!whole || name[WAL_NAME_LEN] == '\0');
}

bool
wal_belongs(const char *name)
{
	static const char *const others[] = { "archive_status", "summaries", "xlogtemp." };

	if (wal_is_segment(name, false) || vss_str_ends(name, ".history"))
		return true;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (vss_str_starts(name, others[i]))
			return true;
	return false;
}

static uint64_t
hex8(const char *s)
{
	char digits[9] = "";

	memcpy(digits, s, 8);
	return strtoull(digits, NULL, 16);
}

/* How many of `bytes` lie before it. */
static uint64_t
number_of(const char *name, uint64_t bytes)
{
	return hex8(name + 8) * (LOG_BYTES / bytes) + hex8(name + 16);
}

int
wal_names(const char *first, const char *last, uint64_t bytes, struct vss_strv *out, struct vss_err *err)
{
	if (!wal_is_segment(first, true) || !wal_is_segment(last, true) || strncmp(first, last, 8) != 0 || bytes == 0 ||
		bytes > LOG_BYTES)
		return vss_fail(err, VSS_INVALID, 0, "log from %s to %s: not of one timeline", first, last);
	uint64_t from = number_of(first, bytes), to = number_of(last, bytes), per_log = LOG_BYTES / bytes;
	if (from > to || to - from >= SEGMENTS_MAX)
		return vss_fail(err, VSS_INVALID, 0, "log from %s to %s: not in order", first, last);
	for (uint64_t i = from; i <= to; i++)
		vss_strv_take(out, vss_strf("%.8s%08llX%08llX", first, (unsigned long long)(i / per_log),
					   (unsigned long long)(i % per_log)));
	return 0;
}

/* Its first page says where in the log it lies. */
static int
check_segment(int dirfd, const char *name, uint64_t bytes, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	uint64_t address;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "log segment %s", name);
	if ((uint64_t)st.st_size != bytes)
		return vss_fail(err, VSS_CORRUPT, 0, "log segment %s: is not whole", name);
	if (vss_pread_all(fd, &address, sizeof address, PAGE_ADDRESS_AT, err) != 0)
		return vss_wrap(err, "log segment %s", name);
	if (address != number_of(name, bytes) * bytes)
		return vss_fail(err, VSS_CORRUPT, 0, "log segment %s: was used again while it was copied", name);
	return 0;
}

/*
 * Is the file that was copied under this name still the log's? A segment that was used again has another
 * name.
 */
static int
check_source(int dirfd, const char *name, const struct stat *before, struct vss_err *err)
{
	struct stat now;

	if (fstatat(dirfd, name, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == before->st_ino &&
		now.st_dev == before->st_dev)
		return 0;
	return vss_fail(
		err, VSS_ABSENT, 0, "log segment %s: is gone: a replication slot or wal_keep_size would keep it", name);
}

static int
copy_checked(int from, int to, const struct vss_strv *names, uint64_t bytes, struct vss_err *err)
{
	VSS_AUTOFREE struct stat *before = vss_alloc(names->n * sizeof *before);
	const struct vss_copy_options o = {
		.only = (const char *const *)names->v, .nonly = names->n, .trouble = scratch_let_go
	};
	struct vss_copy_report report = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < names->n; i++)
		if (fstatat(from, names->v[i], &before[i], AT_SYMLINK_NOFOLLOW) != 0)
			r = check_source(from, names->v[i], &before[i], err);
	if (r == 0)
		r = vss_copy_tree(from, to, &o, &report, err);
	for (size_t i = 0; r == 0 && i < names->n; i++) {
		r = check_segment(to, names->v[i], bytes, err);
		if (r == 0)
			r = check_source(from, names->v[i], &before[i], err);
	}
	return r;
}

int
wal_copy(const char *from, const char *to, const struct vss_strv *names, uint64_t bytes, struct vss_err *err)
{
	VSS_AUTOCLOSE int in = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	VSS_AUTOCLOSE int out = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (in < 0 || out < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", in < 0 ? from : to);
	return copy_checked(in, out, names, bytes, err);
}
