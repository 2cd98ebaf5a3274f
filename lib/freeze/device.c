/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/record.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "os/durable.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Newer than the headers of Debian 12: linux/fs.h of 6.9. */
struct fs_uuid_args {
	unsigned char len;
	unsigned char uuid[16];
};
#define GET_FS_UUID _IOR(0x15, 0, struct fs_uuid_args)

static char *
text_of(const unsigned char *bytes)
{
	struct vss_uuid u;
	char text[VSS_UUID_TEXT];
	memcpy(u.b, bytes, sizeof u.b);
	vss_uuid_text(&u, text);
	return vss_uuid_is_nil(&u) ? NULL : vss_strdup(text);
}

static bool
is_node(const char *path, dev_t dev)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == dev;
}

char *
vss_freeze_device_node(dev_t dev, const char *source)
{
	if (is_node(source, dev))
		return vss_strdup(source);
	VSS_AUTOFREE char *path = vss_strf("/sys/dev/block/%u:%u/uevent", major(dev), minor(dev));
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	if (vss_read_file(path, 4096, &text, &ignored) < 0)
		return NULL;
	const char *name = strstr(text.data, "DEVNAME=");
	name = name ? name + strlen("DEVNAME=") : "";
	VSS_AUTOFREE char *node = vss_strf("/dev/%.*s", (int)strcspn(name, "\n"), name);
	return is_node(node, dev) ? vss_take(&node) : NULL;
}

/*
 * Where the superblock of those that can be frozen has it.  Read by hand: thaw-volumes is linked statically and stands alone, when
 * nothing else works.
 */
static off_t
uuid_offset(const char *fstype)
{
	static const struct {
		const char *fstype;
		off_t at;
	} known[] = { { "ext2", 1024 + 104 }, { "ext3", 1024 + 104 }, { "ext4", 1024 + 104 }, { "xfs", 32 },
		{ "f2fs", 1024 + 108 }, { "jfs", 32768 + 136 } };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].fstype, fstype) == 0)
			return known[i].at;
	return -1;
}

char *
vss_freeze_fs_uuid(int dirfd, dev_t dev, const char *fstype)
{
	struct fs_uuid_args args = { 0 };
	unsigned char bytes[16];
	off_t at = uuid_offset(fstype);
	VSS_AUTOFREE char *node = at < 0 ? NULL : vss_freeze_device_node(dev, "");
	VSS_AUTOCLOSE int fd = node ? open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd >= 0 && pread(fd, bytes, sizeof bytes, at) == sizeof bytes)
		return text_of(bytes);
	if (dirfd >= 0 && ioctl(dirfd, GET_FS_UUID, &args) == 0 && args.len == sizeof args.uuid)
		return text_of(args.uuid);
	return NULL;
}
