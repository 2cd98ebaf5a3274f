/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume_internal.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/durable.h"

#include <blkid/blkid.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool
is_device(const char *path, dev_t dev)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == dev;
}

/* The kernel's own name for it: the mount table may say "/dev/root", which nobody has made. */
static char *
kernel_name(dev_t dev)
{
	VSS_AUTOFREE char *path = vss_strf("/sys/dev/block/%u:%u/uevent", major(dev), minor(dev));
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	if (vss_read_file(path, 4096, &text, &ignored) < 0)
		return NULL;
	const char *name = strstr(text.data, "DEVNAME=");
	if (!name)
		return NULL;
	name += strlen("DEVNAME=");
	return vss_strf("/dev/%.*s", (int)strcspn(name, "\n"), name);
}

static char *
device_node(dev_t dev, const char *source)
{
	if (is_device(source, dev))
		return vss_strdup(source);
	VSS_AUTOFREE char *node = kernel_name(dev);
	return node && is_device(node, dev) ? vss_take(&node) : NULL;
}

/* What stands on the device itself; needs the right to read it. */
static char *
probed_uuid(const char *node)
{
	const char *value;
	char *uuid = NULL;
	blkid_probe pr = blkid_new_probe_from_filename(node);
	if (!pr)
		return NULL;
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_UUID);
	if (blkid_do_safeprobe(pr) == 0 && blkid_probe_lookup_value(pr, "UUID", &value, NULL) == 0)
		uuid = vss_strdup(value);
	blkid_free_probe(pr);
	return uuid;
}

/* What udev found when the device came up; anybody may read it. */
static char *
udev_uuid(dev_t dev)
{
	DIR *d = opendir("/dev/disk/by-uuid");
	char *uuid = NULL;
	if (!d)
		return NULL;
	for (const struct dirent *e; !uuid && (e = readdir(d));) {
		struct stat st;
		if (fstatat(dirfd(d), e->d_name, &st, 0) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == dev)
			uuid = vss_strdup(e->d_name);
	}
	closedir(d);
	return uuid;
}

/* What an earlier blkid run of root wrote down. */
static char *
cached_uuid(const char *node)
{
	blkid_cache cache;
	if (blkid_get_cache(&cache, NULL) < 0)
		return NULL;
	char *value = blkid_get_tag_value(cache, "UUID", node);
	char *uuid = vss_strdup(value);
	free(value);
	blkid_put_cache(cache);
	return uuid;
}

char *
vss_blkid_uuid(dev_t dev, const char *source)
{
	VSS_AUTOFREE char *node = device_node(dev, source);
	char *uuid = node ? probed_uuid(node) : NULL;
	if (!uuid)
		uuid = udev_uuid(dev);
	if (!uuid && node)
		uuid = cached_uuid(node);
	return uuid;
}
