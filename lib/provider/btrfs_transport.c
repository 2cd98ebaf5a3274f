/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/transport_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"
#include "os/dirs.h"
#include "os/lock.h"
#include "os/mount.h"
#include "os/volume.h"
#include "provider/btrfs_revert_internal.h"
#include "tree/walk.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int
vss_btrfs_send(const struct vss_shadow *s, int fd, struct vss_err *err)
{
	struct btrfs_ioctl_send_args a = { .send_fd = fd };
	VSS_AUTOCLOSE int top = vss_btrfs_kind.open_root(s->place, err);
	VSS_AUTOFREE char *path = vss_store_copy_path(&s->id);
	VSS_AUTOCLOSE int copy = top < 0 ? -1 : vss_btrfs_open_at(top, path, err);

	if (copy < 0)
		return -1;
	if (ioctl(copy, BTRFS_IOC_SEND, &a) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "write the stream of the copy");
	return 0;
}

/* --- Receiving --- */

/*
 * The first command of a stream says which subvolume it makes.  Ours is called like our copies; any other would be
 * made beside, where nobody looks for it.
 */
struct head {
	char magic[13]; /* "btrfs-stream" and NUL */
	uint32_t version;
	uint32_t length;
	uint16_t command;
	uint32_t crc;
	uint16_t attribute, size;
	char name[sizeof VSS_STORE_COPY - 1];
} __attribute__((packed));
#define COMMAND_SUBVOLUME 1
#define ATTRIBUTE_PATH 15

static int
check_head(int fd, struct vss_err *err)
{
	struct head h;

	if (pread(fd, &h, sizeof h, 0) != sizeof h || memcmp(h.magic, "btrfs-stream", sizeof h.magic) != 0)
		return vss_fail(err, VSS_CORRUPT, 0, "it is no btrfs send stream");
	if (le16toh(h.command) != COMMAND_SUBVOLUME || le16toh(h.attribute) != ATTRIBUTE_PATH ||
		le16toh(h.size) != sizeof h.name || memcmp(h.name, VSS_STORE_COPY, sizeof h.name) != 0)
		return vss_fail(err, VSS_CORRUPT, 0, "it is not the stream of a shadow copy");
	return 0;
}

/* The program wants a path: the top level is mounted below our run directory, by the name of who does it. */
static char *
mount_point(const struct vss_provider_set *ps, struct vss_err *err)
{
	char owner[VSS_UUID_TEXT];
	VSS_AUTOFREE char *point = NULL;

	vss_uuid_text(&ps->owner, owner);
	point = vss_run_path("receive", owner, err);
	if (!point || vss_make_dirs(point, err) < 0)
		return NULL;
	return vss_take(&point);
}

static void
drop_mount(const char *point)
{
	struct vss_err err = VSS_ERR_INIT;

	if (vss_unmount(point, &err) < 0 && err.code != VSS_ABSENT)
		vss_warn("%s", err.text);
	rmdir(point);
}

void
vss_btrfs_drop_receivers(void)
{
	VSS_AUTOFREE char *dir = vss_path_join(vss_run_dir(), "receive");
	struct vss_mount_list mounts;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_mounts(&mounts, &err) < 0)
		return;
	for (size_t i = 0; i < mounts.n; i++) {
		const char *name = vss_path_below(mounts.v[i].target, dir);
		struct vss_uuid owner;
		if (name && vss_uuid_parse(name, &owner) == 0 && !vss_owner_is_alive(&owner))
			drop_mount(mounts.v[i].target);
	}
	vss_mount_list_free(&mounts);
}

static int
receive_at(const char *point, const struct vss_uuid *shadow, int fd, struct vss_err *err)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(shadow, id);
	VSS_AUTOFREE char *dir = vss_strf("%s/" VSS_SHADOW_STORAGE "/%s", point, id);
	/* In a root of its own: what a stream names stays below it, whoever has written the stream. */
	const char *const argv[] = { "btrfs", "receive", "-e", "-C", dir, NULL };
	return vss_transport_run(argv, fd, -1, -1, err);
}

/* Received whole, it is read-only. */
static int
check_received(int shadow_dirfd, struct vss_err *err)
{
	bool read_only = false;
	uint64_t id, otransid;
	VSS_AUTOCLOSE int copy = openat(shadow_dirfd, VSS_STORE_COPY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (copy < 0)
		return vss_fail(err, VSS_CORRUPT, 0, "the stream did not make the copy");
	if (vss_btrfs_identify(copy, &id, &otransid, err) < 0 || vss_btrfs_is_read_only(copy, &read_only, err) < 0)
		return -1;
	if (!read_only)
		return vss_fail(err, VSS_CORRUPT, 0, "the stream ends before the copy is whole");
	return vss_btrfs_settle(copy, err);
}

int
vss_btrfs_receive(struct vss_provider_set *ps, size_t i, int fd, struct vss_err *err)
{
	if (check_head(fd, err) < 0 || (!ps->own && vss_stores_begin(ps, &vss_btrfs_kind, err) < 0))
		return -1;
	const struct vss_stores *s = ps->own;
	VSS_AUTOFREE char *point = mount_point(ps, err);
	if (!point || vss_mount_btrfs_at(ps->v[i].volume->source, BTRFS_FS_TREE_OBJECTID,
			      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, point, err) < 0)
		return -1;
	vss_stop_point("provider.btrfs.receiving");
	int rc = receive_at(point, &ps->v[i].shadow_id, fd, err);
	drop_mount(point);
	return rc < 0 ? -1 : check_received(s->dirfd[i], err);
}
