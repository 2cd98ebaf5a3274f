/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/freeze.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "freeze/repair_internal.h"
#include "os/dirs.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct repair {
	bool look; /* say what would be done */
	unsigned count;
	bool failed;
	struct vss_err first; /* what failed first */
};

static void
failed(struct repair *r, const struct vss_err *err)
{
	if (r->failed)
		vss_warn("%s", err->text);
	else
		r->first = *err;
	r->failed = true;
}

/* --- file systems --- */

/* EINVAL: it is not frozen. */
static void
thaw(struct repair *r, const struct vss_freeze_fs *fs, int fd)
{
	struct vss_err err = VSS_ERR_INIT;
	if (r->look) {
		r->count++;
		vss_warn("%s: may be held by a run that was killed: would be thawed", fs->source);
	} else if (ioctl(fd, FITHAW, 0) == 0) {
		r->count++;
		vss_warn("%s: was held by a run that was killed: thawed", fs->source);
	} else if (errno != EINVAL) {
		vss_fail(&err, VSS_SYSTEM, errno, "%s: thaw", fs->source);
		failed(r, &err);
	}
}

static void
repair_fs(struct repair *r, const struct vss_freeze_fs *fs)
{
	struct vss_err err = VSS_ERR_INIT;
	int fd = vss_freeze_open_left(fs, &err);
	if (fd == -1)
		failed(r, &err);
	if (fd < 0)
		return;
	thaw(r, fs, fd);
	close(fd);
}

/* --- cgroups --- */

static void
repair_cgroup(struct repair *r, const struct vss_freeze_slice *c)
{
	VSS_AUTOFREE char *path = vss_path_join(c->path, "cgroup.freeze");
	VSS_AUTOCLOSE int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	struct vss_err err = VSS_ERR_INIT;
	char now;
	if (fd < 0 || pread(fd, &now, 1, 0) != 1 || now == c->before)
		return; /* it is gone, or as it was */
	if (!r->look && pwrite(fd, &c->before, 1, 0) != 1) {
		vss_fail(&err, VSS_SYSTEM, errno, "%s", path);
		failed(r, &err);
		return;
	}
	r->count++;
	vss_warn("%s: was frozen by a run that was killed: %s", c->path, r->look ? "would be let go on" : "goes on");
}

/* --- records --- */

/* What stands lowest first: a thaw writes, and waits for what is beneath. */
static void
repair_all(struct repair *r, const struct vss_freeze_record *record)
{
	for (size_t i = record->nfs; i-- > 0;)
		repair_fs(r, &record->fs[i]);
	for (size_t i = 0; i < record->ncgroups; i++)
		repair_cgroup(r, &record->cgroups[i]);
}

/* Whether what the record says is done with. */
static bool
repair_record(struct repair *r, const struct vss_freeze_record *record)
{
	VSS_AUTOFREE char *boot = vss_freeze_boot_id();
	struct repair here = { .look = r->look };
	if (record->holding && strcmp(record->boot, boot) == 0)
		repair_all(&here, record);
	r->count += here.count;
	if (here.failed)
		failed(r, &here.first);
	return !here.failed && !here.look;
}

/* 1: nobody has it any more, and it stays ours as long as `fd` is open; 0: its freezer or sentinel lives. */
static int
is_left(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES ? 0 : -1;
}

static int
read_record(int dirfd, const char *name, struct vss_freeze_record *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	if (vss_read_file_at(dirfd, name, VSS_FREEZE_RECORD_LIMIT, &text, err) < 0)
		return -1;
	return vss_freeze_record_parse(text.data ? text.data : "", out, err);
}

static void
look_at(struct repair *r, int dirfd, const char *name)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_freeze_record record = { 0 };
	VSS_AUTOCLOSE int fd = openat(dirfd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int left = fd < 0 ? -1 : is_left(fd);
	if (left == 0 || (fd < 0 && errno == ENOENT))
		return;
	if (left < 0) {
		vss_fail(&err, VSS_SYSTEM, errno, "%s/freeze/%s", vss_run_dir(), name);
		failed(r, &err);
	} else if (read_record(dirfd, name, &record, &err) < 0) {
		vss_wrap(&err, "%s/freeze/%s", vss_run_dir(), name);
		failed(r, &err);
	} else if (repair_record(r, &record)) {
		unlinkat(dirfd, name, 0);
	}
	vss_freeze_record_free(&record);
}

static int
look_at_all(struct repair *r, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(vss_run_dir(), "freeze");
	DIR *d = opendir(path);
	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	for (const struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.')
			look_at(r, dirfd(d), e->d_name);
	closedir(d);
	if (!r->failed)
		return 0;
	*err = r->first;
	return -1;
}

int
vss_freeze_repair(unsigned *thawed, struct vss_err *err)
{
	struct repair r = { 0 };
	int result = look_at_all(&r, err);
	*thawed = r.count;
	return result;
}

void
vss_freeze_reap(void)
{
	struct vss_err err = VSS_ERR_INIT;
	unsigned ignored;
	if (geteuid() == 0 && vss_freeze_repair(&ignored, &err) < 0)
		vss_warn("%s", err.text);
}

int
vss_freeze_left(unsigned *left, struct vss_err *err)
{
	struct repair r = { .look = true };
	int result = look_at_all(&r, err);
	*left = r.count;
	return result;
}
