/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/lock.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TURN_MS 50

/* 1 locked, 0 held by somebody else, -1. */
static int
try_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES ? 0 : -1;
}

/* One turn of waiting; ends at once on an interruption. */
static int
wait_turn(int64_t deadline, struct vss_err *err)
{
	struct pollfd p = { .fd = vss_interrupt_fd(), .events = POLLIN };
	int ms = vss_time_poll_ms(deadline);
	poll(&p, 1, ms < 0 || ms > TURN_MS ? TURN_MS : ms);
	return vss_check_interrupt(err);
}

static int
open_lock(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	if (vss_make_dirs(dir, err) < 0)
		return -1;
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return fd;
}

int
vss_lock(const char *path, int wait_ms, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open_lock(path, err);
	if (fd < 0)
		return -1;
	int64_t deadline = vss_now_mono() + wait_ms * VSS_MS;
	for (;;) {
		int got = try_lock(fd);
		if (got < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s: lock", path);
		if (got > 0)
			return vss_take_fd(&fd);
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_BUSY, 0, "%s: locked by another process", path);
		if (wait_turn(deadline, err) < 0)
			return -1;
	}
}

int
vss_lock_is_held(const char *path, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fd < 0 || fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return lock.l_type != F_UNLCK;
}

static char *
owner_path(const struct vss_uuid *id)
{
	char name[VSS_UUID_TEXT];
	vss_uuid_text(id, name);
	return vss_strf("%s/owners/%s", vss_run_dir(), name);
}

/* For people who look into the file; nothing reads it. */
static int
describe_owner(int fd, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf boot = VSS_BUF_INIT, text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	char now[40];
	if (vss_read_file("/proc/sys/kernel/random/boot_id", 64, &boot, &ignored) < 0)
		vss_buf_str(&boot, "unknown");
	vss_time_rfc3339(vss_now_wall(), now);
	vss_buf_fmt(&text, "pid=%d\nboot=%.*s\ntime=%s\n", getpid(), (int)strcspn(boot.data, "\n"), boot.data, now);
	return vss_write_all(fd, text.data, text.len, err);
}

int
vss_owner_new(struct vss_uuid *id, struct vss_err *err)
{
	struct vss_uuid fresh;
	vss_uuid_random(&fresh);
	VSS_AUTOFREE char *path = owner_path(&fresh);
	int fd = vss_lock(path, 0, err);
	if (fd < 0)
		return -1;
	if (describe_owner(fd, err) < 0) {
		vss_owner_release(&fresh, fd);
		return vss_wrap(err, "%s", path);
	}
	*id = fresh;
	return fd;
}

bool
vss_owner_is_alive(const struct vss_uuid *id)
{
	VSS_AUTOFREE char *path = owner_path(id);
	struct vss_err err = VSS_ERR_INIT;
	int held = vss_lock_is_held(path, &err);
	/* Who cannot tell must not reap. */
	if (held < 0)
		vss_debug("%s", err.text);
	return held != 0;
}

void
vss_owner_release(const struct vss_uuid *id, int fd)
{
	VSS_AUTOFREE char *path = owner_path(id);
	unlink(path);
	if (fd >= 0)
		close(fd);
}
