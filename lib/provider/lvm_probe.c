/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "freeze/freeze.h"
#include "os/boot.h"
#include "os/child.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/lock.h"
#include "os/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * lvcreate suspends the origin, and with it freezes the file system.  Where that is frozen already, older kernels say
 * EBUSY, and newer ones count; versions tell nothing about kernels that have been patched.  So it is tried, on a file system
 * of our own in memory that nobody else sees, held by the freezer as any other.
 */

#define DEVICE "vss-probe"
#define SIZE (4ull << 20)
#define SECTOR 512
#define LOCK_WAIT_MS 60000
#define MAKE_MS 60000
#define ANSWER_NS (20 * VSS_S)
#define BUDGET_MS 5000

/* The stage of the trial, from below. */
struct stage {
	int loop; /* descriptor: the loop device goes with its last user */
	char *point;
};

/* --- The stage --- */

/* Without systemd nobody has made the node that loads the module. */
static int
open_loop_control(void)
{
	static const char *const load[] = { "modprobe", "loop", NULL };
	struct vss_err ignored = VSS_ERR_INIT;
	int fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && vss_run(load, MAKE_MS, 4096, NULL, &ignored) == 0)
		fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	return fd;
}

static int
loop_over(int file, struct vss_err *err)
{
	VSS_AUTOCLOSE int control = open_loop_control();
	int n = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	if (n < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "/dev/loop-control");
	VSS_AUTOFREE char *path = vss_strf("/dev/loop%d", n);
	VSS_AUTOCLOSE int fd = open(path, O_RDWR | O_CLOEXEC);
	struct loop_config c = { .fd = (uint32_t)file, .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	if (fd < 0 || ioctl(fd, LOOP_CONFIGURE, &c))
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return vss_take_fd(&fd);
}

static int
make_loop(struct stage *s, struct vss_err *err)
{
	VSS_AUTOCLOSE int run = open(vss_run_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	VSS_AUTOCLOSE int file = run < 0 ? -1 : vss_unlinked_file(run, err);

	if (run < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", vss_run_dir());
	if (file < 0)
		return -1;
	if (ftruncate(file, (off_t)SIZE))
		return vss_fail(err, VSS_SYSTEM, errno, "a file in %s", vss_run_dir());
	s->loop = loop_over(file, err);
	return s->loop < 0 ? -1 : 0;
}

static int
make_file_system(const struct stage *s, struct vss_err *err)
{
	struct stat st;

	if (fstat(s->loop, &st))
		return vss_fail(err, VSS_SYSTEM, errno, "loop device");
	VSS_AUTOFREE char *node = vss_strf("/dev/loop%u", minor(st.st_rdev));
	const char *const argv[] = { "mkfs.ext4", "-q", "-F", "-O", "^has_journal", node, NULL };
	if (vss_run(argv, MAKE_MS, 4096, NULL, err))
		return -1;
	return vss_dm_create(DEVICE, st.st_rdev, SIZE / SECTOR, err);
}

static int
mount_stage(struct stage *s, struct vss_err *err)
{
	struct vss_dm_state state;

	if (vss_dm_state(DEVICE, &state, err) < 1 || vss_make_dirs(s->point, err))
		return -1;
	VSS_AUTOFREE char *node = vss_strf("/dev/dm-%u", minor(state.dev));
	VSS_AUTOCLOSE int tree = vss_mount_still(node, "ext4", true, err);
	if (tree < 0)
		return -1;
	if (move_mount(tree, "", AT_FDCWD, s->point, MOVE_MOUNT_F_EMPTY_PATH))
		return vss_fail(err, VSS_SYSTEM, errno, "%s: mount", s->point);
	return 0;
}

/* Also of a trial that was killed: the freezer has let go of it by itself. */
static void
clear_stage(struct stage *s)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_dm_state state;

	if (vss_dm_state(DEVICE, &state, &err) == 1 && state.suspended && vss_dm_suspend(DEVICE, false, &err))
		vss_warn("%s", err.text);
	if (vss_unmount(s->point, &err) && err.code != VSS_ABSENT)
		vss_warn("%s", err.text);
	(void)rmdir(s->point);
	if (vss_dm_remove(DEVICE, &err))
		vss_warn("%s", err.text);
	if (s->loop >= 0)
		close(s->loop);
	s->loop = -1;
}

/* --- The trial --- */

static int
order(struct vss_freeze *f, enum vss_freeze_command c, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + ANSWER_NS;
	int r = vss_freeze_ask(f, c, err);

	while (r == 0) {
		struct pollfd p = { .fd = vss_freeze_fd(f), .events = POLLIN };
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_TIMEOUT, 0, "freezer: no answer");
		poll(&p, 1, vss_time_poll_ms(deadline));
		r = vss_freeze_answer(f, err);
	}
	return r < 0 ? -1 : 0;
}

/* 1: suspended on top of the hold, 0: refused, -1. */
static int
suspend_held(struct vss_freeze *f, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	if (order(f, VSS_FREEZE_HOLD, err))
		return -1;
	int r = vss_dm_suspend(DEVICE, true, &why) == 0 ? 1 : why.code == VSS_BUSY ? 0 : -1;
	if (r == 1 && vss_dm_suspend(DEVICE, false, err))
		return -1;
	if (r < 0)
		*err = why;
	return order(f, VSS_FREEZE_RELEASE, err) ? -1 : r;
}

static int
on_stage(const struct stage *s, struct vss_err *err)
{
	struct vss_volume *v = vss_volume_of(s->point, err);
	const struct vss_volume *const volumes[] = { v };
	struct vss_freeze_options o = { .volumes = volumes, .nvolumes = 1, .budget_ms = BUDGET_MS, .lockfd = -1 };
	struct vss_freeze *f = v ? vss_freeze_start(&o, err) : NULL;
	int r = f ? suspend_held(f, err) : -1;

	vss_freeze_end(f);
	vss_volume_free(v);
	return r;
}

static int
try_it(struct vss_err *err)
{
	struct stage s = { .loop = -1, .point = vss_strf("%s/lvm/probe", vss_run_dir()) };

	clear_stage(&s);
	int r = make_loop(&s, err) || make_file_system(&s, err) || mount_stage(&s, err) ? -1 : on_stage(&s, err);
	clear_stage(&s);
	free(s.point);
	return r;
}

/* --- What is known of it --- */

/* The answer of this start of the machine: 1, 0; -1 not known. */
static int
read_answer(const char *path, const char *boot)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;

	if (vss_read_file(path, 256, &text, &ignored) || text.len == 0 || !vss_str_starts(text.data, boot))
		return -1;
	const char *word = text.data + strlen(boot);
	return strcmp(word, " yes\n") == 0 ? 1 : strcmp(word, " no\n") == 0 ? 0 : -1;
}

/* A failed trial is no answer, and the next set tries again: until then nobody is held. */
static int
ask(const char *path, const char *boot, struct vss_err *err)
{
	VSS_AUTOFREE char *lock_path = vss_run_path("lvm", ".probe", err);
	VSS_AUTOCLOSE int lock = lock_path ? vss_lock(lock_path, LOCK_WAIT_MS, err) : -1;

	if (lock < 0)
		return -1;
	int known = read_answer(path, boot);
	if (known >= 0)
		return known;
	int r = try_it(err);
	if (r < 0)
		return -1;
	VSS_AUTOFREE char *text = vss_strf("%s %s\n", boot, r ? "yes" : "no");
	return vss_write_file(path, text, strlen(text), 0600, err) ? -1 : r;
}

bool
vss_lvm_takes_frozen(void)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_uuid id;
	char boot[VSS_UUID_TEXT];

	if (!vss_lvm_is_here() || vss_boot_id(&id, &err))
		return false;
	vss_uuid_text(&id, boot);
	VSS_AUTOFREE char *path = vss_run_path("lvm", ".takes-frozen", &err);
	int r = path ? read_answer(path, boot) : -1;
	if (r < 0 && path)
		r = ask(path, boot, &err);
	if (r < 0)
		vss_warn("it could not be tried whether LVM copies a volume whose writes are held, so none is held: %s",
			err.text);
	return r == 1;
}
