/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "tree/only.h"
#include "tree/walk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * One pass: every name of the source is looked at, and held against what the copy has.  Files are known by device and inode, so
 * that a directory that was renamed costs one call, and two that were exchanged are not taken for each other.
 */
struct scan {
	struct vss_clone *c;
	vss_clone_tell *tell;
	struct level { /* a directory on the way down */
		struct vss_clone_inode *dir;
		bool stirred; /* names of it came or went */
	} * levels;
	size_t n, cap;
};

int
vss_clone_lose(struct vss_clone *c, const char *path, mode_t type, struct vss_err *err)
{
	struct vss_provider_volume *v = c->v;

	if (!c->ps->accept_lost)
		return -1;
	if (v->nlost == VSS_PROVIDER_LOST_MAX)
		return vss_wrap(err, "cannot be read, nor can %d others, too many to go on without them",
			VSS_PROVIDER_LOST_MAX);
	VSS_PUSH(v->lost, v->nlost, v->clost) =
		(struct vss_provider_lost){ .path = vss_strdup(path), .type = type, .why = vss_strdup(err->text) };
	return vss_forgive(err);
}

static int
stop(const struct vss_clone *c, struct vss_err *err)
{
	if (atomic_load(&c->ps->cancelled))
		return vss_fail(err, VSS_INTERRUPTED, 0, "the set has been given up");
	if (c->deadline && vss_now_mono() > c->deadline)
		return vss_fail(
			err, VSS_E_HOLD_WRITES_TIMEOUT, 0, "taking what changes lasts longer than writes may be held");
	return 0;
}

/* What was lost is tried again each time, and is no change when it is lost again. */
static int
tell(struct scan *s, struct vss_clone_change *x, struct vss_err *err)
{
	bool was_lost = x->what == VSS_CLONE_LOSE || (x->inode && x->inode->lost);

	if (s->tell(s->c, x, err))
		return vss_wrap(err, "%s", *x->path ? x->path : ".");
	s->c->report.changed += !(was_lost && (!x->inode || x->inode->lost));
	return 0;
}

static enum vss_walk_verdict
verdict(int r)
{
	return r < 0 ? VSS_WALK_STOP : VSS_WALK_ON;
}

/* A number that was given to something else, or to a link or device that can only be made anew. */
static struct vss_clone_inode *
inode_of(struct vss_clone *c, const struct stat *st, bool *differs)
{
	struct vss_clone_sign sign;
	struct vss_clone_inode *i = vss_clone_find(&c->model, st->st_dev, st->st_ino);

	vss_clone_sign(&sign, st);
	*differs = !i || !i->clean || !vss_clone_same_sign(&i->sign, &sign);
	if (!i)
		return vss_clone_add(&c->model, st->st_dev, st->st_ino, st->st_mode);
	bool other = i->type != (st->st_mode & S_IFMT);
	bool special = !S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode);
	if (other || (special && *differs && i->taken != c->pass))
		return vss_clone_replace(&c->model, i, st->st_mode);
	return i;
}

static void
push(struct scan *s, struct vss_clone_inode *dir)
{
	VSS_PUSH(s->levels, s->n, s->cap) = (struct level){ .dir = dir };
}

/* A file that was lost in this pass by another name; whoever comes by this one is told too. */
static int
lose_name(struct vss_clone *c, const struct vss_clone_inode *i, const char *path, struct vss_err *err)
{
	if (!i->lost || i->taken != c->pass || S_ISDIR(i->type))
		return 0;
	vss_fail(err, VSS_DENIED, 0, "another name of a file that cannot be read");
	return vss_clone_lose(c, path, i->type, err);
}

static int
look(struct scan *s, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct level *l = &s->levels[e->depth - 1];
	struct vss_clone_change x = { .what = VSS_CLONE_PUT,
		.dir = l->dir,
		.st = *e->st,
		.path = e->path,
		.name = (char *)(uintptr_t)e->name,
		.dirfd = e->dirfd,
		.source = e->name };
	bool differs;

	x.inode = inode_of(s->c, e->st, &differs);
	struct vss_clone_name *there = vss_clone_child(l->dir, e->name);
	bool placed = there && there->inode == x.inode;
	x.differs = differs && x.inode->taken != s->c->pass && !S_ISDIR(e->st->st_mode);
	s->c->report.looked++;
	if (S_ISDIR(e->st->st_mode))
		push(s, x.inode);
	if (lose_name(s->c, x.inode, e->path, err))
		return -1;
	if (there) /* it stays, or makes room for what has its name now: gone it is not */
		there->seen = s->c->pass;
	if (placed && !x.differs)
		return 0;
	s->levels[e->depth - 1].stirred |= !placed;
	if (tell(s, &x, err))
		return -1;
	x.inode->taken = s->c->pass;
	there = vss_clone_child(s->levels[e->depth - 1].dir, e->name);
	if (there && there->inode == x.inode)
		there->seen = s->c->pass;
	return 0;
}

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct scan *s = ctx;
	enum vss_only_match match = e->depth ? vss_only_match(&s->c->chosen, e->path) : VSS_ONLY_INSIDE;

	if (stop(s->c, err))
		return VSS_WALK_STOP;
	if (match == VSS_ONLY_OUTSIDE || (match == VSS_ONLY_ABOVE && !S_ISDIR(e->st->st_mode)))
		return VSS_WALK_SKIP;
	s->n = (size_t)e->depth;
	if (e->depth > 0)
		return verdict(look(s, e, err));
	push(s, s->c->model.root);
	return VSS_WALK_ON;
}

/* Names that the directory has no more; told from the end, as each may leave the list. */
static int
tell_gone(struct scan *s, struct level *l, const struct vss_walk_entry *e, struct vss_err *err)
{
	for (size_t i = l->dir->dir->n; i-- > 0;) {
		struct vss_clone_name *name = l->dir->dir->v[i];
		if (name->seen == s->c->pass)
			continue;
		VSS_AUTOFREE char *text = vss_strdup(name->text);
		struct vss_clone_change x = { .what = VSS_CLONE_GONE, .dir = l->dir, .path = e->path, .name = text };
		l->stirred = true;
		if (tell(s, &x, err))
			return -1;
	}
	return 0;
}

static enum vss_walk_verdict
leave(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct scan *s = ctx;
	struct level *l = &s->levels[e->depth];
	struct vss_clone_sign sign;

	if (tell_gone(s, l, e, err))
		return VSS_WALK_STOP;
	vss_clone_sign(&sign, e->st);
	if (l->dir->clean && !l->stirred && vss_clone_same_sign(&l->dir->sign, &sign))
		return VSS_WALK_ON;
	struct vss_clone_change x = { .what = VSS_CLONE_SEAL,
		.inode = l->dir,
		.st = *e->st,
		.path = e->path,
		.name = (char *)(uintptr_t)e->name,
		.dirfd = e->dirfd,
		.source = e->name };
	return verdict(tell(s, &x, err));
}

/* Of something that could not be looked at the name is all that is known, if that. */
static int
tell_lost(struct scan *s, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct vss_clone_change x = { .what = VSS_CLONE_LOSE, .path = e->path, .name = (char *)(uintptr_t)e->name };

	if (vss_clone_lose(s->c, e->path, e->st ? e->st->st_mode & S_IFMT : 0, err))
		return -1;
	if (e->st)
		return 0; /* a directory: it has been told of */
	x.dir = s->levels[e->depth - 1].dir;
	s->levels[e->depth - 1].stirred = true;
	/* What is told is done later, under a hold: until then the name must not pass for one that has gone. */
	struct vss_clone_name *there = vss_clone_child(x.dir, x.name);
	if (there)
		there->seen = s->c->pass;
	return tell(s, &x, err);
}

static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct scan *s = ctx;

	if (e->depth == 0)
		return VSS_WALK_STOP;
	if (err->code == VSS_ABSENT || err->code == VSS_BUSY) { /* gone, or replaced, since its directory was read */
		s->c->report.torn++;
		return VSS_WALK_SKIP;
	}
	if (!e->st && vss_only_match(&s->c->chosen, e->path) != VSS_ONLY_INSIDE)
		return VSS_WALK_SKIP;
	return tell_lost(s, e, err) ? VSS_WALK_STOP : VSS_WALK_SKIP;
}

int
vss_clone_scan(struct vss_clone *c, vss_clone_tell *told, struct vss_err *err)
{
	static const struct vss_walk_ops ops = {
		.visit = visit, .leave = leave, .trouble = trouble, .one_file_system = true, .skip_shadows = true
	};
	struct scan s = { .c = c, .tell = told };
	int64_t since = vss_now_mono();

	c->pass++;
	c->report = (struct vss_clone_pass){ 0 };
	vss_provider_lost_free(c->v);
	int r = vss_walk(c->from, &ops, &s, err);
	free(s.levels);
	c->report.ns = vss_now_mono() - since;
	c->all_ns += c->report.copy_ns;
	c->all_bytes += c->report.bytes;
	return r;
}
