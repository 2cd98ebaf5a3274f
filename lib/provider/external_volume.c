/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/external_internal.h"

#include "base/mem.h"
#include "os/durable.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { SYSFS_BYTES = 4096 };

static void
add(struct vss_buf *line, const char *key, const char *value)
{
	if (value && *value)
		vss_line_add_pair(line, key, value);
}

/* The block device that it lies on; a btrfs has a number of its own, which is none. */
static bool
find_device(const struct vss_volume *v, dev_t *out)
{
	struct stat st;

	if (!v->source || *v->source != '/' || stat(v->source, &st) != 0 || !S_ISBLK(st.st_mode))
		return false;
	*out = st.st_rdev;
	return true;
}

/* One line of sysfs about it: of the whole disk when it is a partition. */
static char *
read_attribute(const char *device, const char *name)
{
	static const char *const places[] = { "", "device/", "../", "../device/" };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		VSS_AUTOFREE char *path = vss_strf("/sys/dev/block/%s/%s%s", device, places[i], name);
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
		struct vss_err ignored = VSS_ERR_INIT;

		if (vss_read_file(path, SYSFS_BYTES, &text, &ignored) != 0 || text.len == 0)
			continue;
		text.data[strcspn(text.data, "\n")] = '\0';
		char *value = text.data + strspn(text.data, " ");
		for (size_t n = strlen(value); n > 0 && value[n - 1] == ' '; n--)
			value[n - 1] = '\0';
		return vss_strdup(value);
	}
	return NULL;
}

/* S75: by what the storage knows it. */
static void
add_identity(struct vss_buf *line, dev_t dev)
{
	VSS_AUTOFREE char *number = vss_strf("%u:%u", major(dev), minor(dev));
	VSS_AUTOFREE char *wwid = read_attribute(number, "wwid");
	VSS_AUTOFREE char *serial = read_attribute(number, "serial");

	add(line, "device-number", number);
	add(line, "wwid", wwid);
	add(line, "serial", serial);
}

void
external_describe(struct vss_buf *line, const struct vss_volume *v)
{
	dev_t dev;

	add(line, "mount", v->mount);
	add(line, "id", v->id);
	add(line, "source", v->source);
	add(line, "fstype", v->fstype);
	add(line, "fs-uuid", v->fs_uuid);
	add(line, "subpath", v->subpath);
	if (v->read_only)
		add(line, "read-only", "yes");
	if (find_device(v, &dev))
		add_identity(line, dev);
}
