/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/freeze_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/dirs.h"
#include "os/stack.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* FIFREEZE asks for CAP_SYS_ADMIN, and root of a container may be without. */
static bool
may_administer(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0, 0, 0 } };
	return syscall(SYS_capget, &head, data) == 0 && (data[0].effective & (1u << CAP_SYS_ADMIN)) != 0;
}

/* Those whose superblock operations know how to freeze; all others say EOPNOTSUPP. */
static bool
knows_freezing(const char *fstype)
{
	static const char *const types[] = { "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "gfs2", "jfs",
		"nilfs2", "reiserfs", "xfs" };
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i], fstype) == 0)
			return true;
	return false;
}

/* A trial's directory: something that cannot be frozen stands for it, so only a trial's freezer can pretend to. */
bool
vss_freeze_is_trial(const struct vss_volume *v)
{
	return strcmp(v->fstype, "fake") == 0;
}

/* Where records are kept, or will be: of a directory that is not there yet, the one that it will be made in. */
static int
open_records(void)
{
	VSS_AUTOFREE char *at = vss_strdup(vss_run_dir());

	for (;;) {
		int fd = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 || strcmp(at, "/") == 0)
			return fd;
		char *up = vss_path_dir(at);
		free(at);
		at = up;
	}
}

/* What repairs a hold must not wait for it.  /run is not a file system of its own in a chroot, nor where a trial has moved it. */
static bool
bears_records(const struct vss_volume *v, struct vss_err *why)
{
	VSS_AUTOCLOSE int fd = open_records();
	int r = fd < 0 ? -1 : vss_lies_on(fd, v, why);

	if (r > 0)
		vss_fail(why, VSS_UNSUPPORTED, 0, "%s: %s lies on it: it cannot be held", v->mount, vss_run_dir());
	return r != 0;
}

bool
vss_freeze_can(const struct vss_volume *v, struct vss_err *why)
{
	if (vss_freeze_is_trial(v) && secure_getenv("VSS_FREEZER"))
		return true;
	if (v->network || vss_str_starts(v->fstype, "fuse"))
		return vss_fail(why, VSS_UNSUPPORTED, 0, "%s: writes to a file system of type %s are held elsewhere",
			       v->mount, v->fstype) == 0;
	if (!knows_freezing(v->fstype))
		return vss_fail(why, VSS_UNSUPPORTED, 0, "%s: a file system of type %s cannot be held", v->mount,
			       v->fstype) == 0;
	if (v->read_only)
		return vss_fail(why, VSS_UNSUPPORTED, 0, "%s: read-only: there is nothing to hold", v->mount) == 0;
	if (!may_administer())
		return vss_fail(why, VSS_DENIED, 0, "%s: holding writes needs root", v->mount) == 0;
	return !bears_records(v, why);
}
