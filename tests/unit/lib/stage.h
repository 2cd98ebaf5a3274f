/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_UNIT_STAGE_H
#define VSS_UNIT_STAGE_H

#include "lib/box.h"
#include "os/child.h"

#include <sched.h>
#include <sys/mount.h>

/* A mount namespace that nobody else sees: what is mounted goes with the process at the latest. */
static inline bool
stage_private(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

#define STAGE_NEEDS_MOUNTS()                                                                                           \
	do {                                                                                                           \
		if (geteuid() != 0 || !stage_private()) {                                                              \
			print_message("skipped: needs the right to mount\n");                                          \
			skip();                                                                                        \
		}                                                                                                      \
	} while (0)

/* A new btrfs at `box/top` (its top level), on a loop device that goes with the last mount.  False: not to be had here. */
static inline bool
stage_btrfs(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *image = box_path(state, "image");
	VSS_AUTOFREE char *top = box_path(state, "top");
	const char *const mkfs[] = { "mkfs.btrfs", "-q", image, NULL };
	const char *const loop[] = { "mount", "-o", "loop", image, top, NULL };
	VSS_AUTOCLOSE int fd = open(image, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd >= 0 && ftruncate(fd, 256 << 20) == 0 && mkdir(top, 0700) == 0 &&
	       vss_run(mkfs, 60000, 65536, NULL, &err) == 0 && vss_run(loop, 60000, 65536, NULL, &err) == 0;
}

static inline void
stage_run(const char *const *argv)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_ok(vss_run(argv, 60000, 65536, NULL, &err), err);
}

#define STAGE_NEEDS_BTRFS(state)                                                                                       \
	do {                                                                                                           \
		STAGE_NEEDS_MOUNTS();                                                                                  \
		if (!stage_btrfs(state)) {                                                                             \
			print_message("skipped: no btrfs on a loop here\n");                                           \
			skip();                                                                                        \
		}                                                                                                      \
	} while (0)

#endif
