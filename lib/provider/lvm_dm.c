/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * The kernel itself is asked how a copy is, because a backup asks at the end of what it read, and lvm takes locks and a
 * second on a small machine; and for the probe, which is no logical volume.
 */

#define CONTROL "/dev/mapper/control"
#define ROOM 16384 /* for what the kernel answers: of our devices one target is of interest */

union call {
	struct dm_ioctl head;
	char room[ROOM];
};

static int
prepare(union call *c, const char *name, struct vss_err *err)
{
	memset(c, 0, sizeof *c);
	c->head.version[0] = DM_VERSION_MAJOR;
	c->head.data_size = sizeof *c;
	c->head.data_start = sizeof c->head;
	if (strlen(name) >= sizeof c->head.name)
		return vss_fail(err, VSS_INVALID, 0, "%s: too long a name for a device", name);
	memcpy(c->head.name, name, strlen(name) + 1);
	return 0;
}

/* 0, or -1 with errno. */
static int
ask(union call *c, unsigned long request)
{
	VSS_AUTOCLOSE int fd = open(CONTROL, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -1 : ioctl(fd, request, c);
}

static void
take_status(const union call *c, struct vss_dm_state *out)
{
	const char *target = c->room + c->head.data_start;
	size_t room = sizeof c->room - c->head.data_start;

	*out = (struct vss_dm_state){
		.suspended = c->head.flags & DM_SUSPEND_FLAG,
		.dev = makedev(major((dev_t)c->head.dev), minor((dev_t)c->head.dev)),
	};
	if (c->head.target_count > 0 && room > sizeof(struct dm_target_spec))
		snprintf(out->status, sizeof out->status, "%.*s", (int)(room - sizeof(struct dm_target_spec) - 1),
			target + sizeof(struct dm_target_spec));
}

int
vss_dm_state(const char *name, struct vss_dm_state *out, struct vss_err *err)
{
	union call c;

	if (prepare(&c, name, err))
		return -1;
	/* Not flushed: a status that waits for a commit of the pool would wait for a hold. */
	c.head.flags = DM_NOFLUSH_FLAG;
	if (ask(&c, DM_TABLE_STATUS) == 0) {
		take_status(&c, out);
		return 1;
	}
	return errno == ENXIO || errno == ENOENT ? 0
						 : vss_fail(err, VSS_SYSTEM, errno, "%s: state of the device", name);
}

static void
add_doubled(struct vss_buf *out, const char *s)
{
	for (; *s; s++) {
		vss_buf_ch(out, *s);
		if (*s == '-')
			vss_buf_ch(out, '-');
	}
}

char *
vss_dm_name(const char *vg, const char *lv)
{
	VSS_AUTOBUF struct vss_buf name = VSS_BUF_INIT;

	add_doubled(&name, vg);
	vss_buf_ch(&name, '-');
	add_doubled(&name, lv);
	return vss_buf_take(&name);
}

int
vss_dm_suspend(const char *name, bool suspend, struct vss_err *err)
{
	union call c;

	if (prepare(&c, name, err))
		return -1;
	c.head.flags = suspend ? DM_SUSPEND_FLAG : 0;
	if (ask(&c, DM_DEV_SUSPEND) == 0)
		return 0;
	return vss_fail(
		err, errno == EBUSY ? VSS_BUSY : VSS_SYSTEM, errno, "%s: %s", name, suspend ? "suspend" : "resume");
}

static int
load_linear(union call *c, dev_t below, uint64_t sectors)
{
	struct dm_target_spec *t = (void *)(c->room + sizeof c->head);

	c->head.target_count = 1;
	t->length = sectors;
	snprintf(t->target_type, sizeof t->target_type, "linear");
	snprintf((char *)(t + 1), 64, "%u:%u 0", major(below), minor(below));
	t->next = sizeof *t + 64;
	return ask(c, DM_TABLE_LOAD);
}

int
vss_dm_create(const char *name, dev_t below, uint64_t sectors, struct vss_err *err)
{
	union call c;

	if (prepare(&c, name, err))
		return -1;
	if (ask(&c, DM_DEV_CREATE))
		return vss_fail(err, VSS_SYSTEM, errno, "%s: make the device", name);
	if (prepare(&c, name, err))
		return -1;
	if (load_linear(&c, below, sectors) == 0)
		return vss_dm_suspend(name, false, err);
	vss_fail(err, VSS_SYSTEM, errno, "%s: load the table of the device", name);
	struct vss_err ignored = VSS_ERR_INIT;
	(void)vss_dm_remove(name, &ignored);
	return -1;
}

static int
remove_device(const char *name, uint32_t flags, struct vss_err *err)
{
	union call c;

	if (prepare(&c, name, err))
		return -1;
	c.head.flags = flags;
	if (ask(&c, DM_DEV_REMOVE) == 0 || errno == ENXIO)
		return 0;
	return vss_fail(err, errno == EBUSY ? VSS_BUSY : VSS_SYSTEM, errno, "%s: remove the device", name);
}

/* Somebody (udev) may be looking at it: then it goes when he has done. */
int
vss_dm_remove(const char *name, struct vss_err *err)
{
	return remove_device(name, DM_DEFERRED_REMOVE, err);
}

int
vss_dm_remove_unused(const char *name, struct vss_err *err)
{
	return remove_device(name, 0, err) == 0 || err->code == VSS_BUSY ? 0 : -1;
}
