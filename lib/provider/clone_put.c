/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "base/mem.h"
#include "tree/beneath.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Names of the copy.  The source is told from the top down, so the directory that a name goes to is always at its place by then.
 * What is in the way, or gone, may be found elsewhere later in the pass: so it is set aside, and removed only at the end.
 */

/* Without privilege the permissions of a directory that has its attributes already bind us too. */
static void
open_up(int fd)
{
	struct stat st;
	if (geteuid() != 0 && fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700)
		(void)fchmod(fd, st.st_mode | 0700);
}

static int
open_dir(struct vss_clone *c, const struct vss_clone_inode *dir, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf path = VSS_BUF_INIT;
	bool aside = dir->names && vss_clone_where(dir->names, &path);

	int fd =
		vss_open_beneath(aside ? c->aside : c->to, dir->names ? path.data : "", O_RDONLY | O_DIRECTORY, 0, err);
	if (fd >= 0)
		open_up(fd);
	return fd;
}

/* What is open stays the directory that it is, wherever it is moved. */
int
vss_clone_open_dir(struct vss_clone *c, const struct vss_clone_inode *dir, struct vss_err *err)
{
	if (c->open_fd >= 0 && c->open_dir == dir)
		return c->open_fd;
	if (c->open_fd >= 0)
		close(c->open_fd);
	c->open_dir = NULL;
	c->open_fd = open_dir(c, dir, err);
	if (c->open_fd < 0)
		return -1;
	c->open_dir = dir;
	return c->open_fd;
}

/* The directory that holds the name, as a descriptor of its own, and what it is called there. */
static int
open_holder(struct vss_clone *c, const struct vss_clone_name *name, char number[24], struct vss_err *err)
{
	if (name->parent)
		return open_dir(c, name->parent, err);
	snprintf(number, 24, "%" PRIu64, name->aside);
	int fd = fcntl(c->aside, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "what is set aside") : fd;
}

static int
set_aside(struct vss_clone *c, struct vss_clone_name *name, struct vss_err *err)
{
	char number[24];
	int dirfd = vss_clone_open_dir(c, name->parent, err);

	if (dirfd < 0)
		return -1;
	if (!name->inode->dir && name->inode->names->other) { /* it has another name to be found by */
		if (unlinkat(dirfd, name->text, 0) && errno != ENOENT)
			return vss_fail(err, VSS_SYSTEM, errno, "remove %s from the copy", name->text);
		vss_clone_forget_name(name);
		return 0;
	}
	uint64_t at = ++c->next_aside;
	snprintf(number, sizeof number, "%" PRIu64, at);
	if (renameat(dirfd, name->text, c->aside, number))
		return vss_fail(err, VSS_SYSTEM, errno, "set %s aside", name->text);
	vss_clone_unhang(name);
	name->aside = at;
	VSS_PUSH(c->asides, c->nasides, c->casides) = name;
	return 0;
}

static void
fetched(struct vss_clone *c, const struct vss_clone_name *name)
{
	for (size_t i = c->nasides; !name->parent && i-- > 0;)
		if (c->asides[i] == name) {
			c->asides[i] = c->asides[--c->nasides];
			return;
		}
}

/* A directory has one name in a tree: where it is found is where it has gone. */
static int
move(struct vss_clone *c, struct vss_clone_name *old, struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	char number[24];
	VSS_AUTOCLOSE int holder = open_holder(c, old, number, err);

	if (holder < 0)
		return -1;
	if (x->inode->dir && geteuid() != 0 && fchmodat(holder, old->parent ? old->text : number, 0700, 0) == 0)
		x->inode->clean = false; /* without privilege only what can be written to can be moved */
	if (renameat(holder, old->parent ? old->text : number, dirfd, x->name))
		return vss_fail(err, VSS_SYSTEM, errno, "move in the copy");
	fetched(c, old);
	if (old->parent)
		vss_clone_unhang(old);
	vss_clone_hang(old, x->dir, x->name, c->pass);
	return 0;
}

static int
link_name(struct vss_clone *c, struct vss_clone_name *old, struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	char number[24];

	if (!old->parent)
		return move(c, old, x, dirfd, err);
	VSS_AUTOCLOSE int holder = open_holder(c, old, number, err);
	if (holder < 0)
		return -1;
	if (linkat(holder, old->text, dirfd, x->name, 0))
		return vss_fail(err, VSS_SYSTEM, errno, "link in the copy");
	vss_clone_name(x->dir, x->name, x->inode, c->pass);
	return 0;
}

/* 1: it has it, 0: it is passed over for now, -1. */
static int
give_name(struct vss_clone *c, struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	struct vss_clone_name *old = x->inode->names;

	if (!old) {
		int made = vss_clone_make(c, x, dirfd, err);
		if (made != 0)
			return made < 0 ? -1 : 0;
		vss_clone_name(x->dir, x->name, x->inode, c->pass);
		return 1;
	}
	if (!x->inode->dir)
		return link_name(c, old, x, dirfd, err) ? -1 : 1;
	/* It was moved while we walked: it has been found at its old place and is found here again.  Not so under a hold. */
	if (!x->kept && old->seen == c->pass && old->parent) {
		c->report.torn++;
		return 0;
	}
	return move(c, old, x, dirfd, err) ? -1 : 1;
}

/* Gone before it could be read: then it is in the copy no more than in the source. */
static int
take_back(struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	if (unlinkat(dirfd, x->name, 0))
		return vss_fail(err, VSS_SYSTEM, errno, "remove from the copy");
	vss_clone_forget_name(vss_clone_child(x->dir, x->name));
	return 0;
}

static int
put_name(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err)
{
	struct vss_clone_name *there = vss_clone_child(x->dir, x->name);
	int given = 1;

	if (there && there->inode != x->inode) {
		if (set_aside(c, there, err))
			return -1;
		there = NULL;
	}
	int dirfd = vss_clone_open_dir(c, x->dir, err);
	if (dirfd < 0)
		return -1;
	if (!there)
		given = give_name(c, x, dirfd, err);
	if (given <= 0)
		return given;
	if (!x->differs || x->inode->dir)
		return 0;
	int filled = vss_clone_fill(c, x, dirfd, err);
	return filled > 0 ? take_back(x, dirfd, err) : filled;
}

/* What stands in for it is no file of the source, and is replaced by the next that is found under its name. */
static int
put_stand_in(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err)
{
	struct vss_clone_name *there = vss_clone_child(x->dir, x->name);

	if (there && (there->inode->dir || there->inode->dev == 0)) {
		there->seen = c->pass;
		return 0;
	}
	x->inode = vss_clone_find(&c->model, 0, ++c->next_aside);
	if (!x->inode)
		x->inode = vss_clone_add(&c->model, 0, c->next_aside, S_IFREG);
	x->inode->lost = true;
	x->differs = false;
	return put_name(c, x, err);
}

static int
put_gone(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err)
{
	struct vss_clone_name *there = vss_clone_child(x->dir, x->name);
	return there ? set_aside(c, there, err) : 0;
}

int
vss_clone_put(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err)
{
	switch (x->what) {
	case VSS_CLONE_PUT:
		return put_name(c, x, err);
	case VSS_CLONE_LOSE:
		return put_stand_in(c, x, err);
	case VSS_CLONE_GONE:
		return put_gone(c, x, err);
	default:
		return vss_clone_seal(c, x, err);
	}
}

int
vss_clone_clear_aside(struct vss_clone *c, struct vss_err *err)
{
	char number[24];

	if (c->open_fd >= 0)
		close(c->open_fd);
	c->open_fd = -1;
	c->open_dir = NULL;
	for (size_t i = 0; i < c->nasides; i++) {
		snprintf(number, sizeof number, "%" PRIu64, c->asides[i]->aside);
		if (vss_remove_tree(c->aside, number, err))
			return vss_wrap(err, "remove from the copy");
		vss_clone_forget_name(c->asides[i]);
	}
	c->nasides = 0;
	vss_clone_purge(&c->model);
	return 0;
}
