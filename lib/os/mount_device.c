/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/mount.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY)

/* What a copy needs to be mounted beside its origin, and what mounts it with a journal that cannot be replayed. */
static const struct {
	const char *fstype, *always, *as_it_is;
} kinds[] = {
	{ "ext3", NULL, "noload" },
	{ "ext4", NULL, "noload" },
	{ "xfs", "nouuid", "norecovery" },
};

static const char *
option_of(const char *fstype, bool as_it_is)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].fstype, fstype) == 0)
			return as_it_is ? kinds[i].as_it_is : kinds[i].always;
	return NULL;
}

static bool
set_flag(int fs, const char *name)
{
	return !name || fsconfig(fs, FSCONFIG_SET_FLAG, name, NULL, 0) == 0;
}

/* A detached mount; -1 with errno. */
static int
mount_once(const char *device, const char *fstype, bool as_it_is)
{
	VSS_AUTOCLOSE int fs = fsopen(fstype, FSOPEN_CLOEXEC);

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "source", device, 0) != 0 || !set_flag(fs, "ro") ||
		!set_flag(fs, option_of(fstype, false)) || (as_it_is && !set_flag(fs, option_of(fstype, true))) ||
		fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		return -1;
	return fsmount(fs, FSMOUNT_CLOEXEC, SAFE);
}

/* The same; -1 with the reason. */
static int
mount_copy(const char *device, const char *fstype, struct vss_err *err)
{
	int fd = mount_once(device, fstype, false);

	if (fd >= 0)
		return fd;
	int why = errno;
	if (option_of(fstype, true))
		fd = mount_once(device, fstype, true);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, why, "%s: mount as %s", device, fstype);
	vss_warn("%s: its journal cannot be replayed: it is shown without what stands there alone", device);
	return fd;
}

int
vss_mount_device_at(const char *device, const char *fstype, const char *target, struct vss_err *err)
{
	VSS_AUTOCLOSE int mount = mount_copy(device, fstype, err);

	if (mount < 0)
		return -1;
	if (move_mount(mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: mount", target);
	return 0;
}
