/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/repair_internal.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define TABLE_LIMIT (64 << 20)

/* Field `n` (from 0) of a line of mountinfo with \ooo undone, or NULL; the caller frees it. */
static char *
field_of(const char *line, int n)
{
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	for (; n > 0 && line; n--)
		line = strchr(line, ' ') ? strchr(line, ' ') + 1 : NULL;
	for (const char *p = line; p && *p && *p != ' '; p++) {
		bool escaped = p[0] == '\\' && p[1] && p[2] && p[3];
		vss_buf_ch(&out, escaped ? (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + p[3] - '0') : *p);
		p += escaped ? 3 : 0;
	}
	return line ? vss_buf_take(&out) : NULL;
}

static bool
has_type(const char *line, const char *fstype)
{
	const char *dash = strstr(line, " - ");
	size_t n = strlen(fstype);
	return dash && strncmp(dash + 3, fstype, n) == 0 && dash[3 + n] == ' ';
}

/* Opening a directory needs no write, so it does not wait for the thaw. */
static int
open_line(const char *line, const struct vss_freeze_fs *fs)
{
	struct stat st;
	VSS_AUTOFREE char *target = has_type(line, fs->fstype) ? field_of(line, 4) : NULL;
	VSS_AUTOCLOSE int fd = target ? open(target, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == fs->dev)
		return vss_take_fd(&fd);
	return -1;
}

/* Any file or directory of it that is mounted where we see it; -1: none. */
static int
open_mounted(const struct vss_freeze_fs *fs)
{
	VSS_AUTOBUF struct vss_buf table = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	int fd = -1;
	if (vss_read_file("/proc/self/mountinfo", TABLE_LIMIT, &table, &ignored) < 0 || table.len == 0)
		return -1;
	char *rest = NULL;
	for (char *line = strtok_r(table.data, "\n", &rest); line && fd < 0; line = strtok_r(NULL, "\n", &rest))
		fd = open_line(line, fs);
	return fd;
}

/* A superblock that is alive is given again as it is; it must be asked for as it is, read-only or not. */
static int
mount_privately(const char *node, const char *fstype, bool read_only)
{
	VSS_AUTOCLOSE int context = fsopen(fstype, FSOPEN_CLOEXEC);
	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "source", node, 0) < 0)
		return -1;
	if (read_only && fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0)
		return -1;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	VSS_AUTOCLOSE int mount = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	return mount < 0 ? -1 : openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A device that nobody has open for himself carries no living superblock: nothing is frozen there. */
static bool
is_in_use(const char *node)
{
	VSS_AUTOCLOSE int fd = open(node, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 && errno == EBUSY;
}

static bool
is_another(const struct vss_freeze_fs *fs, int fd)
{
	VSS_AUTOFREE char *uuid = vss_freeze_fs_uuid(fd, fs->dev, fs->fstype);
	return uuid && fs->uuid && strcmp(uuid, fs->uuid) != 0;
}

int
vss_freeze_open_left(const struct vss_freeze_fs *fs, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open_mounted(fs);
	if (fd >= 0)
		return is_another(fs, fd) ? VSS_FREEZE_NOTHING : vss_take_fd(&fd);
	VSS_AUTOFREE char *node = vss_freeze_device_node(fs->dev, fs->source);
	if (!node || !is_in_use(node) || is_another(fs, -1))
		return VSS_FREEZE_NOTHING;
	fd = mount_privately(node, fs->fstype, false);
	if (fd < 0)
		fd = mount_privately(node, fs->fstype, true);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: is not mounted, and cannot be to thaw it", fs->source);
	return vss_take_fd(&fd);
}
