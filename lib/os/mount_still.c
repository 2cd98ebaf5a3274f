/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/mount.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/*
 * XFS leaves a record in its log when it is frozen, for inodes that are open without a name; the rest of the log is empty, so
 * without recovery nothing is missing, and with it the copy would have to be written to.
 */
static int
set_options(int fs, const char *device, const char *fstype, bool writable)
{
	bool xfs = strcmp(fstype, "xfs") == 0;

	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", device, 0) < 0 ||
		(!writable && fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0) ||
		(xfs && fsconfig(fs, FSCONFIG_SET_FLAG, "nouuid", NULL, 0) < 0) ||
		(xfs && !writable && fsconfig(fs, FSCONFIG_SET_FLAG, "norecovery", NULL, 0) < 0))
		return -1;
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int
vss_mount_still(const char *device, const char *fstype, bool writable, struct vss_err *err)
{
	VSS_AUTOCLOSE int fs = fsopen(fstype, FSOPEN_CLOEXEC);
	int fd = fs < 0 || set_options(fs, device, fstype, writable) < 0
			 ? -1
			 : fsmount(fs, FSMOUNT_CLOEXEC, writable ? SAFE : SAFE | MOUNT_ATTR_RDONLY);

	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s: mount as %s", device, fstype) : fd;
}

int
vss_mount_make_read_only(const char *target, struct vss_err *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	VSS_AUTOCLOSE int fs = fspick(AT_FDCWD, target, FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW);

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
		fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0 ||
		mount_setattr(AT_FDCWD, target, AT_SYMLINK_NOFOLLOW, &attr, sizeof attr) < 0)
		return vss_fail(err, errno == EBUSY ? VSS_BUSY : VSS_SYSTEM, errno, "%s: make it read-only", target);
	return 0;
}
