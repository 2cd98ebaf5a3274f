/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/compare.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/attr.h"
#include "tree/beneath.h"
#include "tree/content_internal.h"
#include "tree/links.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct comparison {
	const struct vss_compare_options *o;
	int other;			     /* root of the tree that is not walked */
	struct vss_links *first_a, *first_b; /* the first path of each file with several names */
};

/* One entry in both trees. */
struct pair {
	const char *path;
	int dir_a, dir_b;
	const char *name_a, *name_b;
	struct vss_attr a, b;
};

const char *
vss_difference_name(enum vss_difference how)
{
	static const char *const names[] = { "only in the first", "only in the second", "type", "content", "mode",
		"owner", "modification time", "extended attributes", "hard links", "device number", "link target" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (how == 1u << i)
			return names[i];
	return "unknown";
}

static bool
is_wanted(const struct comparison *c, enum vss_difference how)
{
	return !c->o->what || (c->o->what & how);
}

static int
report(const struct comparison *c, const char *path, enum vss_difference how, struct vss_err *err)
{
	return is_wanted(c, how) ? c->o->differ(c->o->ctx, path, how, err) : 0;
}

static bool
same_xattrs(const struct vss_attr *a, const struct vss_attr *b)
{
	if (a->nxattrs != b->nxattrs)
		return false;
	for (size_t i = 0; i < a->nxattrs; i++) {
		const struct vss_xattr *x = &a->xattrs[i], *y = &b->xattrs[i];
		if (strcmp(x->name, y->name) != 0 || x->size != y->size || memcmp(x->value, y->value, x->size) != 0)
			return false;
	}
	return true;
}

/* All that the attributes alone tell. */
static unsigned
attribute_differences(const struct vss_attr *a, const struct vss_attr *b)
{
	bool is_device = S_ISCHR(a->mode) || S_ISBLK(a->mode);
	unsigned d = 0;
	if ((a->mode & 07777) != (b->mode & 07777))
		d |= VSS_DIFFER_MODE;
	if (a->uid != b->uid || a->gid != b->gid)
		d |= VSS_DIFFER_OWNER;
	if (a->mtime_s != b->mtime_s || a->mtime_ns != b->mtime_ns)
		d |= VSS_DIFFER_MTIME;
	if (!same_xattrs(a, b))
		d |= VSS_DIFFER_XATTRS;
	if (is_device && a->rdev != b->rdev)
		d |= VSS_DIFFER_DEVICE;
	if (S_ISLNK(a->mode) && strcmp(a->link, b->link) != 0)
		d |= VSS_DIFFER_TARGET;
	if (S_ISREG(a->mode) && a->size != b->size)
		d |= VSS_DIFFER_CONTENT;
	return d;
}

/* The first path under which the file was met, or NULL; `path` is that from now on when there was none. */
static int
first_path(struct vss_links *l, const struct vss_attr *a, const char *path, char **out, struct vss_err *err)
{
	int known = vss_links_path(l, a->dev, a->ino, out, err);
	return known == 0 ? vss_links_add(l, a->dev, a->ino, path, err) : known < 0 ? -1 : 0;
}

/* 1: the names that came before make it one file in one tree and not in the other. */
static int
links_differ(struct comparison *c, const struct pair *p, struct vss_err *err)
{
	VSS_AUTOFREE char *a = NULL;
	VSS_AUTOFREE char *b = NULL;
	if (S_ISDIR(p->a.mode) || (p->a.nlink < 2 && p->b.nlink < 2))
		return 0;
	if (first_path(c->first_a, &p->a, p->path, &a, err) < 0 || first_path(c->first_b, &p->b, p->path, &b, err) < 0)
		return -1;
	return !vss_str_eq(a, b);
}

static int
content_differs(const struct pair *p, struct vss_err *err)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
	VSS_AUTOCLOSE int a = vss_open_beneath(p->dir_a, p->name_a, flags, 0, err);
	if (a < 0)
		return -1;
	VSS_AUTOCLOSE int b = vss_open_beneath(p->dir_b, p->name_b, flags, 0, err);
	return b < 0 ? -1 : vss_content_differs(a, b, p->a.size, err);
}

static int
report_all(const struct comparison *c, const char *path, unsigned found, struct vss_err *err)
{
	for (unsigned how = VSS_DIFFER_TYPE; how <= VSS_DIFFER_TARGET; how <<= 1)
		if ((found & how) && report(c, path, how, err) < 0)
			return -1;
	return 0;
}

static int
compare_pair(struct comparison *c, const struct pair *p, struct vss_err *err)
{
	if ((p->a.mode & S_IFMT) != (p->b.mode & S_IFMT))
		return report(c, p->path, VSS_DIFFER_TYPE, err);
	unsigned found = attribute_differences(&p->a, &p->b);
	int links = links_differ(c, p, err);
	if (links < 0)
		return -1;
	if (links)
		found |= VSS_DIFFER_LINKS;
	if (S_ISREG(p->a.mode) && !(found & VSS_DIFFER_CONTENT) && is_wanted(c, VSS_DIFFER_CONTENT)) {
		int differs = content_differs(p, err);
		if (differs < 0)
			return -1;
		if (differs)
			found |= VSS_DIFFER_CONTENT;
	}
	return report_all(c, p->path, found, err);
}

/* 1: the other tree has it, in directory *dir as *name; 0: it has not; -1.  Its parents were found there before. */
static int
find_twin(const struct comparison *c, const struct vss_walk_entry *e, int *dir, const char **name, struct vss_err *err)
{
	struct stat st;
	*name = ".";
	*dir = e->depth == 0 ? vss_open_beneath(c->other, ".", O_PATH | O_DIRECTORY, 0, err)
			     : vss_open_parent(c->other, e->path, false, name, err);
	if (*dir < 0)
		return -1;
	if (fstatat(*dir, *name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "stat");
}

static enum vss_walk_verdict
compare_twins(struct comparison *c, const struct vss_walk_entry *e, int dir, const char *name, struct vss_err *err)
{
	struct pair p = { .path = e->path, .dir_a = e->dirfd, .dir_b = dir, .name_a = e->name, .name_b = name };
	int r = -1;
	if (vss_attr_read(p.dir_a, p.name_a, -1, &p.a, err) == 0 && vss_attr_read(dir, name, -1, &p.b, err) == 0)
		r = compare_pair(c, &p, err);
	bool both = S_ISDIR(p.a.mode) && S_ISDIR(p.b.mode);
	vss_attr_clear(&p.a);
	vss_attr_clear(&p.b);
	if (r < 0) {
		vss_wrap(err, "%s", e->depth == 0 ? "." : e->path);
		return VSS_WALK_STOP;
	}
	return both ? VSS_WALK_ON : VSS_WALK_SKIP;
}

/* Walking A: everything of it, against B. */
static enum vss_walk_verdict
visit_a(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct comparison *c = ctx;
	const char *name;
	VSS_AUTOCLOSE int dir = -1;
	int there = find_twin(c, e, &dir, &name, err);
	if (there < 0)
		return VSS_WALK_STOP;
	if (there)
		return compare_twins(c, e, dir, name, err);
	return report(c, e->path, VSS_DIFFER_ONLY_A, err) < 0 ? VSS_WALK_STOP : VSS_WALK_SKIP;
}

/* Walking B: only what A has not. */
static enum vss_walk_verdict
visit_b(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	const struct comparison *c = ctx;
	const char *name;
	struct stat st;
	VSS_AUTOCLOSE int dir = -1;
	int there = find_twin(c, e, &dir, &name, err);
	if (there < 0)
		return VSS_WALK_STOP;
	if (!there)
		return report(c, e->path, VSS_DIFFER_ONLY_B, err) < 0 ? VSS_WALK_STOP : VSS_WALK_SKIP;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", e->path);
		return VSS_WALK_STOP;
	}
	return S_ISDIR(st.st_mode) ? VSS_WALK_ON : VSS_WALK_SKIP;
}

static int
walk_both(struct comparison *c, int afd, int bfd, struct vss_err *err)
{
	static const struct vss_walk_ops a = { .visit = visit_a, .one_file_system = true, .skip_shadows = true };
	static const struct vss_walk_ops b = { .visit = visit_b, .one_file_system = true, .skip_shadows = true };
	c->other = bfd;
	if (vss_walk(afd, &a, c, err) < 0)
		return -1;
	c->other = afd;
	return is_wanted(c, VSS_DIFFER_ONLY_B) ? vss_walk(bfd, &b, c, err) : 0;
}

int
vss_compare_trees(int afd, int bfd, const struct vss_compare_options *o, struct vss_err *err)
{
	struct comparison c = { .o = o, .first_a = vss_links_new(-1), .first_b = vss_links_new(-1) };
	int r = walk_both(&c, afd, bfd, err);
	vss_links_free(c.first_a);
	vss_links_free(c.first_b);
	return r;
}
