/* SPDX-License-Identifier: BSD-2-Clause */
#include "find.h"

#include "base/mem.h"
#include "base/path.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct search {
	const struct config *config;
	const struct config_directory *directory;
	const char *root; /* of the walk, without links */
	struct vss_strv *out;
};

static bool
is_excluded(const struct config *c, const char *path)
{
	for (size_t i = 0; i < c->excludes.n; i++)
		if (vss_path_is_below(path, c->excludes.v[i]))
			return true;
	return false;
}

/* Logical paths are cut at backslashes, and file specifications have wildcards: such a name would mean other
 * files. */
static int
add(struct vss_strv *out, const char *path, struct vss_err *err)
{
	if (strpbrk(path, "\\*?"))
		return vss_fail(
			err, VSS_INVALID, 0, "%s: a backslash, * or ? in the path: rename it, or exclude it", path);
	if (!vss_strv_has(out, path))
		vss_strv_add(out, path);
	return 0;
}

static bool
has_magic(int dirfd, const char *name)
{
	static const char magic[16] = "SQLite format 3"; /* with its NUL */
	char head[sizeof magic];
	VSS_AUTOCLOSE int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 && pread(fd, head, sizeof head, 0) == sizeof head && memcmp(head, magic, sizeof magic) == 0;
}

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	const struct search *s = ctx;
	VSS_AUTOFREE char *path = vss_path_join(s->root, e->path);

	if (is_excluded(s->config, path))
		return VSS_WALK_SKIP;
	if (S_ISDIR(e->st->st_mode))
		return e->depth == 0 || s->directory->recursive ? VSS_WALK_ON : VSS_WALK_SKIP;
	if (!S_ISREG(e->st->st_mode) || !has_magic(e->dirfd, e->name))
		return VSS_WALK_ON;
	return add(s->out, path, err) == 0 ? VSS_WALK_ON : VSS_WALK_STOP;
}

/* Said, and passed over: one user's directory must not take the databases of all others out of the backup. */
static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	(void)ctx;
	(void)e;
	fprintf(stderr, "%s\n", err->text);
	return VSS_WALK_SKIP;
}

static int
search_directory(const struct config *c, const struct config_directory *d, struct vss_strv *out, struct vss_err *err)
{
	static const struct vss_walk_ops ops = {
		.visit = visit, .trouble = trouble, .one_file_system = true, .skip_shadows = true
	};
	VSS_AUTOFREE char *root = realpath(d->path, NULL);

	if (!root)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", d->path);
	VSS_AUTOCLOSE int fd = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", root);
	struct search s = { c, d, root, out };
	return vss_walk(fd, &ops, &s, err);
}

int
find_databases(const struct config *c, struct vss_strv *out, struct vss_err *err)
{
	for (size_t i = 0; i < c->databases.n; i++) {
		VSS_AUTOFREE char *real = realpath(c->databases.v[i], NULL);

		if (add(out, real ? real : c->databases.v[i], err) != 0)
			return -1;
	}
	for (size_t i = 0; i < c->ndirectories; i++)
		if (search_directory(c, &c->directories[i], out, err) != 0)
			return -1;
	vss_strv_sort(out);
	return 0;
}
