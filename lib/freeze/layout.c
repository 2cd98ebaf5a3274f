/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/freeze_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* --- file systems --- */

static bool
same_fs(const struct vss_volume *a, const struct vss_volume *b)
{
	if (vss_freeze_is_trial(a) || vss_freeze_is_trial(b))
		return vss_str_eq(a->mount, b->mount);
	if (a->dev == b->dev)
		return true;
	return strcmp(a->fstype, "btrfs") == 0 && strcmp(b->fstype, "btrfs") == 0 && a->fs_uuid &&
	       vss_str_eq(a->fs_uuid, b->fs_uuid);
}

static int
open_trial(struct vss_freeze *f, const struct vss_volume *v, struct vss_err *err)
{
	int fd = memfd_create(v->mount, MFD_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", v->mount);
	VSS_PUSH(f->record.fs, f->record.nfs, f->record.fs_cap) =
		(struct vss_freeze_fs){ .fstype = vss_strdup(v->fstype), .source = vss_strdup(v->mount) };
	f->page->fs[f->page->nfs++] = (struct vss_hold_fs){ .fd = fd };
	return 0;
}

static int
open_fs(struct vss_freeze *f, const struct vss_volume *v, struct vss_err *err)
{
	struct vss_hold_page *p = f->page;
	struct stat st;
	VSS_AUTOCLOSE int fd = open(v->mount, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", v->mount);
	if (st.st_dev != v->dev)
		return vss_fail(err, VSS_ABSENT, 0, "%s: another file system is mounted there by now", v->mount);
	VSS_PUSH(f->record.fs, f->record.nfs, f->record.fs_cap) = (struct vss_freeze_fs){
		.dev = st.st_dev,
		.uuid = vss_freeze_fs_uuid(fd, st.st_dev, v->fstype),
		.fstype = vss_strdup(v->fstype),
		.source = vss_strdup(v->source),
	};
	p->fs[p->nfs++] = (struct vss_hold_fs){ .fd = vss_take_fd(&fd), .dev = st.st_dev };
	return 0;
}

/* In the order of freezing, each file system once. */
static int
open_volumes(struct vss_freeze *f, const struct vss_freeze_options *o, struct vss_err *err)
{
	VSS_AUTOFREE size_t *order = vss_alloc(o->nvolumes * sizeof *order);
	if (vss_stack_order(o->volumes, o->nvolumes, order, err) < 0)
		return -1;
	for (size_t i = 0; i < o->nvolumes; i++) {
		const struct vss_volume *v = o->volumes[order[i]];
		size_t first = 0;
		while (!same_fs(o->volumes[order[first]], v))
			first++;
		if (first < i) {
			f->fs_of[order[i]] = f->fs_of[order[first]];
			continue;
		}
		if (f->page->nfs == VSS_HOLD_FILE_SYSTEMS)
			return vss_fail(err, VSS_UNSUPPORTED, 0, "more than %d file systems cannot be held at once",
				VSS_HOLD_FILE_SYSTEMS);
		f->fs_of[order[i]] = f->page->nfs;
		if (!vss_freeze_can(v, err) ||
			(vss_freeze_is_trial(v) ? open_trial(f, v, err) : open_fs(f, v, err)) < 0)
			return -1;
	}
	return 0;
}

static int
open_cgroups(struct vss_freeze *f, const struct vss_freeze_options *o, struct vss_err *err)
{
	if (o->ncgroups > VSS_HOLD_CGROUPS)
		return vss_fail(
			err, VSS_UNSUPPORTED, 0, "more than %d cgroups cannot be held at once", VSS_HOLD_CGROUPS);
	for (size_t i = 0; i < o->ncgroups; i++) {
		struct vss_hold_cgroup *c = &f->page->cgroups[i];
		if (vss_freeze_open_cgroup(o->cgroups[i], c, err) < 0)
			return -1;
		f->page->ncgroups++;
		f->cgroups[i] = realpath(o->cgroups[i], NULL);
		VSS_PUSH(f->record.cgroups, f->record.ncgroups, f->record.cgroup_cap) =
			(struct vss_freeze_slice){ c->before, vss_strdup(f->cgroups[i]) };
	}
	return 0;
}

/* --- the record --- */

static int
refuse_on_held(const struct vss_freeze_options *o, int fd, const char *what, struct vss_err *err)
{
	for (size_t i = 0; i < o->nvolumes; i++) {
		int r = vss_freeze_is_trial(o->volumes[i]) ? 0 : vss_lies_on(fd, o->volumes[i], err);
		if (r < 0)
			return -1;
		if (r > 0)
			return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: %s lies on it: it cannot be held",
				o->volumes[i]->mount, what);
	}
	return 0;
}

static int
lock_record(int fd, struct vss_err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "lock");
	return 0;
}

static int
fill_record(int fd, const struct vss_buf *text, struct vss_err *err)
{
	if (lock_record(fd, err) < 0 || vss_write_all(fd, text->data, text->len, err) < 0)
		return -1;
	return fsync(fd) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "write to disk") : 0;
}

static int
read_back(int dirfd, const char *name, const struct vss_buf *text, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf got = VSS_BUF_INIT;
	if (vss_read_file_at(dirfd, name, VSS_FREEZE_RECORD_LIMIT, &got, err) < 0)
		return -1;
	if (got.len != text->len || memcmp(got.data, text->data, got.len) != 0)
		return vss_fail(err, VSS_CORRUPT, 0, "does not hold what was written");
	return 0;
}

/* It gets its name once it is locked and whole: a repair takes what is not locked for a dead run's. */
static int
write_record(struct vss_freeze *f, int dirfd, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOFREE char *making = vss_strf(".%s", f->page->record_name);
	const char *name = f->page->record_name;
	vss_freeze_record_write(&f->record, &text);
	int fd = openat(dirfd, making, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "make");
	f->page->d.record = fd;
	if (fill_record(fd, &text, err) == 0 && read_back(dirfd, making, &text, err) == 0) {
		if (renameat(dirfd, making, dirfd, name) == 0)
			return vss_fsync_dir(dirfd, err);
		vss_fail(err, VSS_SYSTEM, errno, "rename");
	}
	unlinkat(dirfd, making, 0);
	return -1;
}

static int
make_record(struct vss_freeze *f, const struct vss_freeze_options *o, struct vss_err *err)
{
	struct vss_hold_page *p = f->page;
	struct vss_uuid id;
	char name[VSS_UUID_TEXT];
	vss_uuid_random(&id);
	vss_uuid_text(&id, name);
	VSS_AUTOFREE char *path = vss_run_path("freeze", name, err);
	VSS_AUTOFREE char *dir = path ? vss_path_dir(path) : NULL;
	if (!path)
		return -1;
	p->d.record_dir = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (p->d.record_dir < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	if (refuse_on_held(o, p->d.record_dir, dir, err) < 0 ||
		(o->lockfd >= 0 && refuse_on_held(o, o->lockfd, "the lock of creation", err) < 0))
		return -1;
	f->record.boot = vss_freeze_boot_id();
	memcpy(p->record_name, name, sizeof name);
	if (write_record(f, p->d.record_dir, err) < 0)
		return vss_wrap(err, "%s", path);
	f->record_path = vss_take(&path);
	f->marker = open(f->record_path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	return f->marker < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", f->record_path) : 0;
}

/* --- the page --- */

static int
make_page(struct vss_freeze *f, struct vss_err *err)
{
	struct vss_hold_page *p;
	VSS_AUTOCLOSE int fd = memfd_create("vss-freezer", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, sizeof *p) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "memory to share");
	p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		return vss_fail(err, VSS_SYSTEM, errno, "memory to share");
	f->page = p;
	p->magic = VSS_HOLD_MAGIC;
	int *all = &p->d.page;
	for (size_t i = 0; i < VSS_HOLD_DESCRIPTORS; i++)
		all[i] = -1;
	p->d.page = vss_take_fd(&fd);
	return mlock(p, sizeof *p) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "lock memory") : 0;
}

static int
new_timer(void)
{
	return timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
}

static int
make_pipes(struct vss_freeze *f)
{
	int commands[2], answers[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, commands) < 0)
		return -1;
	f->commands = commands[0];
	f->page->d.commands = commands[1];
	if (pipe2(answers, O_NONBLOCK | O_CLOEXEC) < 0)
		return -1;
	f->answers = answers[0];
	f->page->d.answers = answers[1];
	return 0;
}

static int
make_descriptors(struct vss_freeze *f, const struct vss_freeze_options *o, struct vss_err *err)
{
	struct vss_hold_page *p = f->page;
	if (make_pipes(f) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "talk to the freezer");
	p->d.wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	p->d.coordinator = pidfd_open(getpid(), 0);
	p->d.timer = new_timer();
	p->d.late = new_timer();
	p->d.slow = new_timer();
	p->d.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->timer = new_timer();
	f->ready = epoll_create1(EPOLL_CLOEXEC);
	/* Its own number, so that giving ours away later does not let go of theirs. */
	p->d.lock = o->lockfd < 0 ? -1 : fcntl(o->lockfd, F_DUPFD_CLOEXEC, 3);
	if (p->d.wake < 0 || p->d.coordinator < 0 || p->d.timer < 0 || p->d.late < 0 || p->d.slow < 0 ||
		p->d.proc < 0 || f->timer < 0 || f->ready < 0 || (o->lockfd >= 0 && p->d.lock < 0))
		return vss_fail(err, VSS_SYSTEM, errno, "descriptors for the freezer");
	return 0;
}

int
vss_freeze_lay_out(struct vss_freeze *f, const struct vss_freeze_options *o, struct vss_err *err)
{
	f->nvolumes = o->nvolumes;
	f->fs_of = vss_alloc(o->nvolumes * sizeof *f->fs_of);
	f->cgroups = vss_alloc((o->ncgroups + 1) * sizeof *f->cgroups);
	if (make_page(f, err) < 0)
		return -1;
	f->page->budget_ms = o->budget_ms > 0 ? o->budget_ms : 10000;
	if (open_volumes(f, o, err) < 0 || open_cgroups(f, o, err) < 0 || make_descriptors(f, o, err) < 0)
		return -1;
	return make_record(f, o, err);
}
