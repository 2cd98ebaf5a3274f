/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/stack.h"

#include "base/mem.h"
#include "os/stack_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool
vss_devs_has(const struct vss_devs *d, dev_t dev)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i] == dev)
			return true;
	return false;
}

void
vss_devs_add(struct vss_devs *d, dev_t dev)
{
	if (dev != 0 && !vss_devs_has(d, dev))
		VSS_PUSH(d->v, d->n, d->cap) = dev;
}

/* `dev` and all that it stands on: what is found is looked at in turn, and nothing twice. */
static void
reach(const struct vss_mount_list *mounts, dev_t dev, struct vss_devs *out)
{
	*out = (struct vss_devs){ NULL, 0, 0 };
	vss_devs_add(out, dev);
	for (size_t i = 0; i < out->n; i++)
		vss_stack_below(mounts, out->v[i], out);
}

static int
stands(const struct vss_mount_list *mounts, dev_t upper, dev_t lower)
{
	struct vss_devs all;
	reach(mounts, upper, &all);
	int r = vss_devs_has(&all, lower);
	free(all.v);
	return r;
}

int
vss_stands_on(dev_t upper, dev_t lower, struct vss_err *err)
{
	struct vss_mount_list mounts;
	if (vss_mounts(&mounts, err) < 0)
		return -1;
	int r = stands(&mounts, vss_stack_of_dev(&mounts, upper), vss_stack_of_dev(&mounts, lower));
	vss_mount_list_free(&mounts);
	return r;
}

int
vss_lies_on(int fd, const struct vss_volume *v, struct vss_err *err)
{
	struct vss_mount_list mounts;
	struct stat st;
	if (fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: is it beneath a file", v->mount);
	if (vss_mounts(&mounts, err) < 0)
		return -1;
	int r = stands(&mounts, vss_stack_of_fd(&mounts, fd), vss_stack_of_dev(&mounts, v->dev));
	vss_mount_list_free(&mounts);
	return r;
}

/* One volume in the making of an order. */
struct placed {
	dev_t dev;
	struct vss_devs all;
	bool done;
};

/* Does one that is not placed yet stand on `p`? */
static bool
carries(const struct placed *all, size_t n, const struct placed *p)
{
	for (size_t i = 0; i < n; i++)
		if (!all[i].done && all[i].dev != p->dev && vss_devs_has(&all[i].all, p->dev))
			return true;
	return false;
}

/* The first that carries nobody any more; the first of all where each carries another (a circle, which nobody can build). */
static size_t
next_free(const struct placed *all, size_t n)
{
	size_t first = n;
	for (size_t i = 0; i < n; i++) {
		if (all[i].done)
			continue;
		if (!carries(all, n, &all[i]))
			return i;
		if (first == n)
			first = i;
	}
	return first;
}

int
vss_stack_order(const struct vss_volume *const *v, size_t n, size_t *order, struct vss_err *err)
{
	struct vss_mount_list mounts;
	if (vss_mounts(&mounts, err) < 0)
		return -1;
	struct placed *all = vss_alloc(n * sizeof *all);
	for (size_t i = 0; i < n; i++) {
		all[i].dev = vss_stack_of_dev(&mounts, v[i]->dev);
		reach(&mounts, all[i].dev, &all[i].all);
	}
	for (size_t i = 0; i < n; i++) {
		order[i] = next_free(all, n);
		all[order[i]].done = true;
	}
	for (size_t i = 0; i < n; i++)
		free(all[i].all.v);
	free(all);
	vss_mount_list_free(&mounts);
	return 0;
}
