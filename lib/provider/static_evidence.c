/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/static_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "base/uuid.h"
#include "os/boot.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { HEAD_BYTES = 128 << 10 }; /* beyond the superblock of btrfs */
enum { STAT_BYTES_MOST = 4096, FIELD_SECTORS_WRITTEN = 7 };

bool
vss_static_suits(const struct vss_volume *v)
{
	return v->read_only && !v->pseudo && !v->network && vss_str_starts(v->source, "/dev/") &&
	       !vss_str_starts(v->fstype, "fuse");
}

/* A file system of several devices, else its source. */
static void
find_devices(const struct vss_volume *v, struct vss_strv *out)
{
	VSS_AUTOFREE char *path = v->fs_uuid ? vss_strf("/sys/fs/btrfs/%s/devices", v->fs_uuid) : NULL;
	DIR *d = path && strcmp(v->fstype, "btrfs") == 0 ? opendir(path) : NULL;

	for (struct dirent *e; d && (e = readdir(d));)
		if (*e->d_name != '.')
			vss_strv_take(out, vss_strf("/dev/%s", e->d_name));
	if (d)
		closedir(d);
	if (!out->n)
		vss_strv_add(out, v->source);
	vss_strv_sort(out);
}

static int
add_written(dev_t device, uint64_t *sum, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("/sys/dev/block/%u:%u/stat", major(device), minor(device));
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	char *rest = NULL;
	uint64_t n;

	if (vss_read_file(path, STAT_BYTES_MOST, &text, err))
		return -1;
	char *word = text.len ? strtok_r(text.data, " \n", &rest) : NULL;
	for (int field = 1; word && field < FIELD_SECTORS_WRITTEN; field++)
		word = strtok_r(NULL, " \n", &rest);
	if (!word || vss_parse_u64(word, &n))
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: does not tell what was written", path);
	*sum += n;
	return 0;
}

/* Past the cache where that can be done: a file system writes its superblock behind the back of the device's. */
static int
open_device(const char *device, struct vss_err *err)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC | O_DIRECT);

	if (fd < 0 && errno == EINVAL)
		fd = open(device, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", device) : fd;
}

static int
add_head(int fd, const char *device, struct vss_uuid *sum, struct vss_err *err)
{
	struct {
		struct vss_uuid before, head;
	} both = { .before = *sum };
	void *head = NULL;

	if (posix_memalign(&head, 4096, HEAD_BYTES))
		abort();
	memset(head, 0, HEAD_BYTES);
	ssize_t n = pread(fd, head, HEAD_BYTES, 0);
	int e = errno;
	vss_uuid_of_bytes(&both.head, head, HEAD_BYTES);
	free(head);
	if (n < 0)
		return vss_fail(err, VSS_SYSTEM, e, "%s: read", device);
	vss_uuid_of_bytes(sum, &both, sizeof both);
	return 0;
}

int
vss_static_look(const struct vss_volume *v, struct vss_static_evidence *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv devices = VSS_STRV_INIT;
	struct vss_uuid boot, head = { 0 };

	*out = (struct vss_static_evidence){ 0 };
	if (vss_boot_id(&boot, err))
		return -1;
	find_devices(v, &devices);
	for (size_t i = 0; i < devices.n; i++) {
		struct stat st;
		VSS_AUTOCLOSE int fd = open_device(devices.v[i], err);
		if (fd < 0)
			return -1;
		if (fstat(fd, &st) || !S_ISBLK(st.st_mode))
			return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: is no block device", devices.v[i]);
		if (add_written(st.st_rdev, &out->written, err) || add_head(fd, devices.v[i], &head, err))
			return -1;
	}
	vss_uuid_text(&boot, out->boot);
	vss_uuid_text(&head, out->head);
	return 0;
}

bool
vss_static_is_same(const struct vss_static_evidence *then, const struct vss_static_evidence *now)
{
	bool same_run = strcmp(then->boot, now->boot) == 0;

	return strcmp(then->head, now->head) == 0 && (!same_run || then->written == now->written);
}

void
vss_static_write(const struct vss_static_evidence *e, struct vss_buf *out)
{
	vss_buf_fmt(out, "written=%" PRIu64 "\nboot=%s\nhead=%s\n", e->written, e->boot, e->head);
}

static int
take(const char *line, const char *key, char out[40])
{
	size_t n = strlen(key);

	return strncmp(line, key, n) == 0 && snprintf(out, 40, "%s", line + n) < 40 ? 0 : -1;
}

int
vss_static_read(char *text, struct vss_static_evidence *out, struct vss_err *err)
{
	char number[40], *rest = NULL;
	const char *written = strtok_r(text, "\n", &rest);
	const char *boot = strtok_r(NULL, "\n", &rest), *head = strtok_r(NULL, "\n", &rest);

	if (!written || !boot || !head || take(written, "written=", number) || take(boot, "boot=", out->boot) ||
		take(head, "head=", out->head) || vss_parse_u64(number, &out->written))
		return vss_fail(err, VSS_INVALID, 0, "what is known of the volume cannot be read");
	return 0;
}
