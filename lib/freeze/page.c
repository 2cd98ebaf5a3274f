/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/page.h"

#include <errno.h>
#include <linux/fs.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Everything here is called while something is held: no heap, no files, no messages. */

void
vss_hold_descriptors(const struct vss_hold_page *p, int *out)
{
	int all[VSS_HOLD_DESCRIPTORS];
	memcpy(all, &p->d, sizeof all);
	for (size_t i = 0; i < VSS_HOLD_DESCRIPTORS; i++)
		if (all[i] >= 0)
			*out++ = all[i];
	for (size_t i = 0; i < p->nfs; i++)
		*out++ = p->fs[i].fd;
	for (size_t i = 0; i < p->ncgroups; i++) {
		*out++ = p->cgroups[i].freeze;
		*out++ = p->cgroups[i].events;
	}
	*out = -1;
}

struct vss_hold_page *
vss_hold_map(int fd)
{
	struct vss_hold_page *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (p->magic == VSS_HOLD_MAGIC && mlock(p, sizeof *p) == 0)
		return p;
	munmap(p, sizeof *p);
	return NULL;
}

int64_t
vss_hold_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool
vss_hold_is_settled(const struct vss_hold_fs *fs)
{
	int phase = atomic_load(&fs->phase);
	return phase != VSS_HOLD_FREEZING && phase != VSS_HOLD_HELD;
}

bool
vss_hold_all_settled(const struct vss_hold_page *p)
{
	for (size_t i = 0; i < p->nfs; i++)
		if (!vss_hold_is_settled(&p->fs[i]))
			return false;
	return true;
}

bool
vss_hold_touched(const struct vss_hold_page *p)
{
	for (size_t i = 0; i < p->ncgroups; i++)
		if (atomic_load(&p->cgroups[i].set))
			return true;
	return !vss_hold_all_settled(p);
}

/* `phase` is what it was before the thaw: another of us may have been faster, then its mark stays. */
static bool
settle(struct vss_hold_fs *fs, int phase, bool lost)
{
	int64_t now = vss_hold_now();
	if (!atomic_compare_exchange_strong(&fs->phase, &phase, VSS_HOLD_THAWED))
		return phase != VSS_HOLD_FREEZING && phase != VSS_HOLD_HELD;
	atomic_store(&fs->thawed_ns, now);
	if (lost)
		atomic_store(&fs->lost, true);
	return true;
}

bool
vss_hold_thaw(struct vss_hold_fs *fs, bool sure)
{
	int phase = atomic_load(&fs->phase);
	if (phase != VSS_HOLD_FREEZING && phase != VSS_HOLD_HELD)
		return true;
	if (ioctl(fs->fd, FITHAW, 0) == 0)
		return settle(fs, phase, false);
	/* In flight EINVAL means: not yet. */
	if (errno == EINVAL && (sure || phase == VSS_HOLD_HELD))
		return settle(fs, phase, phase == VSS_HOLD_HELD);
	return false;
}

void
vss_hold_restore(struct vss_hold_page *p)
{
	for (size_t i = 0; i < p->ncgroups; i++) {
		struct vss_hold_cgroup *c = &p->cgroups[i];
		if (!atomic_load(&c->set))
			continue;
		/* One that has been removed has no processes that could wait. */
		if (pwrite(c->freeze, &c->before, 1, 0) == 1 || errno == ENODEV)
			atomic_store(&c->set, false);
	}
}

void
vss_hold_break(struct vss_hold_page *p, enum vss_hold_end why)
{
	int whole = VSS_HOLD_WHOLE;
	atomic_compare_exchange_strong(&p->broken, &whole, (int)why);
}

void
vss_hold_forget(const struct vss_hold_page *p)
{
	if (p->d.record_dir >= 0)
		unlinkat(p->d.record_dir, p->record_name, 0);
}

void
vss_hold_tell(const struct vss_hold_page *p)
{
	static const uint64_t one = 1;
	/* Neither blocks; who is full is readable already, and who is gone needs no telling. */
	ssize_t woken = write(p->d.wake, &one, sizeof one);
	ssize_t told = write(p->d.answers, "!", 1);
	(void)woken;
	(void)told;
}

uint64_t
vss_hold_start_time(const char *stat)
{
	/* Its name may hold anything, also parentheses and blanks. */
	const char *s = strrchr(stat, ')');
	uint64_t start = 0;
	for (int field = 2; s && field < 22; field++)
		s = strchr(s + 1, ' ');
	for (s = s ? s + 1 : ""; *s >= '0' && *s <= '9'; s++)
		start = start * 10 + (uint64_t)(*s - '0');
	return start;
}

bool
vss_hold_is_gone(int pidfd)
{
	struct pollfd e = { .fd = pidfd, .events = POLLIN };
	return pidfd >= 0 && poll(&e, 1, 0) == 1;
}
