/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_revert_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_WAIT_MS 2000

/*
 * A writable snapshot of the copy takes the subvolume's place by one exchange of names.  Before that moment all
 * can be taken back, after it there is only forward; which it is can be read from the file system (what lies at
 * `path`, and at `other`), so that the record need not be kept up to date.
 */
struct job {
	const struct vss_shadow *s;
	struct vss_provider_revert *how;
	int top, store;
	struct vss_revert_record r;
};

/* What has to be gone again when the volume is as it was. */
static int
take_back(struct job *j, struct vss_err *err)
{
	if (vss_btrfs_id_at(j->top, j->r.other) && vss_btrfs_drop_other(j->top, &j->r, err) < 0)
		return -1;
	if (!vss_revert_is_later_boot(&j->r))
		vss_btrfs_mount_again(j->s->place, &j->r, j->r.old);
	j->how->undone = true;
	return 0;
}

/* The names have been exchanged. */
static int
complete(struct job *j, struct vss_err *err)
{
	uint64_t id = vss_btrfs_id_at(j->top, j->r.path);

	if (vss_btrfs_move_over(j->top, &j->r, err) < 0)
		return -1;
	vss_stop_point("provider.btrfs.revert-moved");
	if (!j->r.waits && !vss_revert_is_later_boot(&j->r))
		vss_btrfs_mount_again(j->s->place, &j->r, id);
	vss_stop_point("provider.btrfs.revert-mounted");
	if (vss_btrfs_drop_other(j->top, &j->r, err) < 0)
		return -1;
	vss_stop_point("provider.btrfs.revert-dropped");
	return 0;
}

static int
tell_new_id(struct job *j, struct vss_err *err)
{
	j->how->new_id = vss_btrfs_uuid_at(j->top, j->r.path, err);
	if (!j->how->new_id)
		return -1;
	vss_btrfs_warn_of_id(j->r.old, vss_btrfs_id_at(j->top, j->r.path));
	return 0;
}

/* --- Beginning --- */

/* The subvolume that the copy was made of.  0: not found. */
static uint64_t
find_origin(const struct job *j)
{
	struct vss_uuid uuid;
	struct vss_err none = VSS_ERR_INIT;
	uint64_t id = 0, otransid;

	if (vss_uuid_parse(j->s->volume_id, &uuid) == 0 && vss_btrfs_by_uuid(j->top, &uuid, &id) == 0)
		return id;
	VSS_AUTOCLOSE int fd = j->how->mount ? open(j->how->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	return fd >= 0 && vss_btrfs_identify(fd, &id, &otransid, &none) == 0 ? id : 0;
}

/* Where the other one lies: with the copy, or, when that lasts to the next start, beside the volume. */
static char *
other_place(const struct job *j)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&j->s->id, id);
	return j->how->at_boot ? vss_strf("%s.before-%.8s", j->r.path, id) : vss_strf(VSS_SHADOW_STORAGE "/%s/new", id);
}

/* What has that name already is not ours, and would go with what is taken back. */
static int
refuse_taken(const struct job *j, struct vss_err *err)
{
	struct stat st;

	if (!j->how->at_boot || fstatat(j->top, j->r.other, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return vss_fail(err, VSS_EXISTS, 0, "%s: the old state would be kept there, and the name is taken", j->r.other);
}

static int
look(struct job *j, uint64_t origin, struct vss_err *err)
{
	const struct vss_revert_claim claim = { .path = NULL, .old = origin };

	j->r.old = origin;
	j->r.waits = j->how->at_boot;
	j->r.path = vss_btrfs_path_of(j->top, origin, err);
	if (!j->r.path || vss_revert_refuse_second(j->store, &claim, err) < 0)
		return -1;
	j->r.other = other_place(j);
	if (refuse_taken(j, err) < 0 || vss_btrfs_check_swap(j->top, j->s, &j->r, err) < 0)
		return -1;
	return j->how->at_boot ? 0 : vss_btrfs_find_mounts(j->s->place, &j->r, err);
}

/* It is not mounted itself, but may be reached through what it lies in. */
static int
check_inner_use(const struct job *j, struct vss_err *err)
{
	struct vss_provider_revert asked = *j->how;
	struct stat st;
	VSS_AUTOCLOSE int fd = vss_btrfs_open_at(j->top, j->r.path, err);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", j->r.path);
	asked.mount = j->r.path;
	return vss_revert_check_use(&asked, st.st_dev, NULL, err);
}

static int
check_use(const struct job *j, struct vss_err *err)
{
	struct vss_provider_revert asked = *j->how;
	struct stat st;

	if (!j->r.nmounts)
		return check_inner_use(j, err);
	for (size_t i = 0; i < j->r.nmounts; i++) {
		asked.mount = j->r.mounts[i].target;
		if (stat(asked.mount, &st) < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s", asked.mount);
		if (vss_revert_check_use(&asked, st.st_dev, NULL, err) < 0)
			return -1;
	}
	return 0;
}

/* Up to the exchange; on failure all of it is to be taken back. */
static int
change_places(struct job *j, struct vss_err *err)
{
	vss_stop_point("provider.btrfs.revert-begun");
	if (vss_btrfs_make_other(j->top, j->s, &j->r, err) < 0)
		return -1;
	vss_stop_point("provider.btrfs.revert-made");
	if (!j->how->at_boot && vss_btrfs_unmount(j->s->place, &j->r, j->how->force, err) < 0)
		return -1;
	vss_stop_point("provider.btrfs.revert-unmounted");
	return vss_btrfs_swap(j->top, &j->r, err);
}

static int
begin(struct job *j, uint64_t origin, struct vss_err *err)
{
	struct vss_err ignored = VSS_ERR_INIT;

	if (look(j, origin, err) < 0 || check_use(j, err) < 0 ||
		vss_revert_record_write(j->store, &j->s->id, &j->r, err) < 0)
		return -1;
	if (change_places(j, err) < 0) {
		/* The record stays when that fails, and the next run tries again. */
		if (take_back(j, &ignored) == 0)
			(void)vss_revert_record_remove(j->store, &j->s->id, &ignored);
		return -1;
	}
	vss_stop_point("provider.btrfs.revert-swapped");
	j->how->pending = j->how->at_boot;
	if (j->how->pending) {
		vss_btrfs_warn_of_id(j->r.old, vss_btrfs_id_at(j->top, j->r.path));
		return 0;
	}
	return complete(j, err) < 0 ? -1 : tell_new_id(j, err);
}

/* --- Ending what an earlier run began --- */

/* 1: the start of the machine, for which it waits, has not been, or was one from the old state. */
static bool
still_waits(const struct job *j)
{
	if (!j->r.waits)
		return false;
	if (!vss_revert_is_later_boot(&j->r))
		return true;
	if (!vss_btrfs_is_mounted(j->s->place, j->r.old))
		return false;
	vss_warn("%s: the old state is mounted, although the volume was put back for this start: mount subvol=%s",
		j->s->volume, j->r.path);
	return true;
}

static int
finish(struct job *j, struct vss_err *err)
{
	uint64_t here = vss_btrfs_id_at(j->top, j->r.path), other = vss_btrfs_id_at(j->top, j->r.other);

	if (here == j->r.old)
		return take_back(j, err);
	if (!here || (other && other != j->r.old))
		return vss_fail(err, VSS_BUSY, 0,
			"%s: a revert was cut short, and somebody has moved subvolume %s since", j->s->volume,
			j->r.path);
	if (other && still_waits(j)) {
		j->how->pending = true;
		return 0;
	}
	if (other && complete(j, err) < 0)
		return -1;
	return tell_new_id(j, err);
}

/* A record without an old subvolume is one of a revert by files. */
static int
run(struct job *j, struct vss_err *err)
{
	uint64_t origin = j->how->finish ? 0 : find_origin(j);

	if (j->how->finish) {
		int there = vss_revert_record_read(j->store, &j->s->id, &j->r, err);
		if (there <= 0)
			return there;
		return j->r.old ? finish(j, err) : 1;
	}
	if (!origin)
		return vss_fail(err, VSS_ABSENT, 0, "%s: the volume is gone: make the copy a volume, with break-shadow",
			j->s->volume);
	return origin == BTRFS_FS_TREE_OBJECTID ? 1 : begin(j, origin, err);
}

int
vss_btrfs_revert(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err)
{
	struct job j = { .s = s, .how = how };
	VSS_AUTOCLOSE int mount = vss_btrfs_kind.open_root(s->place, err);
	VSS_AUTOCLOSE int top = mount < 0 ? -1 : vss_btrfs_open_at(mount, "", err); /* to ask the trees by */
	VSS_AUTOCLOSE int store = top < 0 ? -1 : vss_store_find(top, vss_btrfs_kind.provider, err);
	VSS_AUTOCLOSE int lock = store < 0 ? -1 : vss_store_lock(store, LOCK_WAIT_MS, err);

	if (lock < 0)
		return -1;
	j.top = top;
	j.store = store;
	int rc = run(&j, err);
	vss_revert_record_clear(&j.r);
	if (rc != 1)
		return rc;
	/* Nothing can take the place of the top level: it is put back file by file, under the same lock taken anew. */
	close(vss_take_fd(&lock));
	return vss_store_revert(s, &vss_btrfs_kind, false, how, err);
}
