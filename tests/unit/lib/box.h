/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_UNIT_BOX_H
#define VSS_UNIT_BOX_H

#include "lib/cm.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/volume.h"
#include "tree/walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory of its own for each test, its name in *state; set-up and tear-down for cmocka_unit_test_setup_teardown. */
static inline int
box_make(void **state)
{
	const char *base = getenv("VSS_UNIT_TMP");
	char *path = vss_strf("%s/vss-unit-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(path))
		return -1;
	*state = path;
	return 0;
}

/* What a test that failed left mounted in its box; the last first. */
static inline void
box_unmount(const char *box)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_mount_list l;
	if (vss_mounts(&l, &err) < 0)
		return;
	for (size_t i = l.n; i-- > 0;)
		if (vss_path_is_below(l.v[i].target, box))
			umount2(l.v[i].target, MNT_DETACH);
	vss_mount_list_free(&l);
}

static inline int
box_drop(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	box_unmount(*state);
	VSS_AUTOFREE char *dir = vss_path_dir(*state);
	VSS_AUTOCLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = vss_remove_tree(fd, vss_path_base(*state), &err);
	if (r < 0)
		fprintf(stderr, "%s\n", err.text);
	free(*state);
	return r;
}

#define BOX_TEST(f) cmocka_unit_test_setup_teardown(f, box_make, box_drop)

static inline int
box_open(void **state)
{
	int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* `box/name`; the caller frees it. */
static inline char *
box_path(void **state, const char *name)
{
	return vss_strf("%s/%s", (const char *)*state, name);
}

static inline void
box_mkdir(int dirfd, const char *name)
{
	assert_int_equal(mkdirat(dirfd, name, 0755), 0);
}

static inline int
box_subdir(int dirfd, const char *name)
{
	box_mkdir(dirfd, name);
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static inline void
box_write(int dirfd, const char *name, const char *text)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

/* The content, up to 4095 bytes, in a static buffer. */
static inline const char *
box_read(int dirfd, const char *name)
{
	static char text[4096];
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	ssize_t n = read(fd, text, sizeof text - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static inline bool
box_has(int dirfd, const char *name)
{
	struct stat st;
	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

#define BOX_NEEDS_ROOT()                                                                                               \
	do {                                                                                                           \
		if (geteuid() != 0) {                                                                                  \
			print_message("skipped: needs root\n");                                                        \
			skip();                                                                                        \
		}                                                                                                      \
	} while (0)

#define assert_ok(call, err)                                                                                           \
	do {                                                                                                           \
		if ((call) < 0)                                                                                        \
			fail_msg("%s: %s", #call, (err).text);                                                         \
	} while (0)

#endif
