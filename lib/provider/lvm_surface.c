/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/dirs.h"
#include "os/mount.h"
#include "provider/store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Each copy is a file system of its own: one mount each, at <run>/fs/SHADOW. */

bool
vss_lvm_can_mount(const char *fstype)
{
	static const char *const known[] = { "ext2", "ext3", "ext4", "xfs" };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(fstype, known[i]) == 0)
			return true;
	return false;
}

/* A thin copy is not active after a start of the machine, and not when it has just been made. */
static int
activate(const struct vss_shadow *s, struct vss_lvm_lv *lv, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	if (lv->is_active)
		return 0;
	vss_strv_add(&words, "lvchange");
	vss_strv_add(&words, "--activate");
	vss_strv_add(&words, "y");
	vss_strv_add(&words, "--ignoreactivationskip");
	vss_strv_take(&words, vss_lvm_path(lv->vg, lv->name));
	if (vss_lvm_run(&words, false, err))
		return -1;
	vss_lvm_lv_free(lv);
	if (vss_lvm_find(s, true, lv, err) != 1 || !lv->is_active)
		return err->code != VSS_OK ? -1 : vss_fail(err, VSS_ABSENT, 0, "%s: it is not active", s->device);
	return 0;
}

static bool
is_unsealed(const struct vss_lvm_lv *lv)
{
	return vss_strv_has(&lv->tags, VSS_LVM_TAG_UNSEALED);
}

static int
mount_as(const char *fstype, const char *node, const struct vss_lvm_lv *lv, struct vss_err *err)
{
	if (!vss_lvm_can_mount(fstype))
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s/%s: a file system of type %s cannot be mounted", lv->vg,
			lv->name, fstype);
	return vss_mount_still(node, fstype, is_unsealed(lv), err);
}

/* A document that was damaged does not tell the type: then it is tried. */
static int
mount_any(const char *node, const struct vss_lvm_lv *lv, struct vss_err *err)
{
	struct vss_err ignored = VSS_ERR_INIT;
	int fd = vss_mount_still(node, "ext4", is_unsealed(lv), &ignored);

	return fd < 0 ? vss_mount_still(node, "xfs", is_unsealed(lv), err) : fd;
}

static int
show(const struct vss_shadow *s, const struct vss_lvm_lv *lv, const char *device, struct vss_err *err)
{
	/* devtmpfs makes this node; the others are udev's, which may be late. */
	VSS_AUTOFREE char *node = vss_strf("/dev/dm-%u", minor(lv->dev));
	VSS_AUTOCLOSE int tree = s->fstype ? mount_as(s->fstype, node, lv, err) : mount_any(node, lv, err);
	char key[VSS_UUID_TEXT];

	if (tree < 0)
		return -1;
	vss_uuid_text(&s->id, key);
	return vss_surface_tree(tree, key, device, err);
}

int
vss_lvm_surface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	struct vss_lvm_lv lv;
	int there = vss_lvm_find(s, false, &lv, err);

	if (there == 0)
		vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: the logical volume of the copy is not there", device);
	int rc = there == 1 ? activate(s, &lv, err) : -1;
	if (rc == 0)
		rc = show(s, &lv, device, err);
	vss_lvm_lv_free(&lv);
	return rc;
}

int
vss_lvm_unsurface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	char key[VSS_UUID_TEXT];

	vss_uuid_text(&s->id, key);
	return vss_surface_unmount(key, device, err);
}

int
vss_lvm_show_read_only(const struct vss_uuid *shadow, struct vss_err *err)
{
	char key[VSS_UUID_TEXT];

	vss_uuid_text(shadow, key);
	VSS_AUTOFREE char *point = vss_run_path("fs", key, err);
	return point ? vss_mount_make_read_only(point, err) : -1;
}
