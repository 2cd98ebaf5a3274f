/* SPDX-License-Identifier: BSD-2-Clause */
#include "find.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "tree/walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TAG "CACHEDIR.TAG"
#define TAG_TEXT "Signature: 8a477f597d28d172789f06886806bc55"
#define BUDGET_MS 500	/* of one root: list-writers waits for us */
#define MAX_TAGGED 1000 /* of one root: each is held against every file of a backup */

struct search {
	const struct config *config;
	const struct config_root *root;
	struct finds *out;
	int64_t deadline;
	size_t found;
};

/* The name alone is no tag: the file has to begin as the convention says. */
static bool
is_tagged(int dirfd, const char *name)
{
	char head[sizeof TAG_TEXT - 1];
	VSS_AUTOFREE char *path = vss_path_join(name, TAG);
	VSS_AUTOCLOSE int fd = openat(dirfd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 && pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
	       memcmp(head, TAG_TEXT, sizeof head) == 0;
}

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct search *s = ctx;

	if (!S_ISDIR(e->st->st_mode))
		return VSS_WALK_ON;
	if (vss_now_mono() >= s->deadline || s->found == MAX_TAGGED) {
		vss_fail(err, VSS_TIMEOUT, 0, "searched no further for %s: name its directories one by one", TAG);
		return VSS_WALK_STOP;
	}
	if (is_tagged(e->dirfd, e->name)) {
		VSS_AUTOFREE char *dir = vss_path_join(s->root->dir, e->path);
		find_add(s->out, s->config, dir, "*", true);
		s->found++;
		return VSS_WALK_SKIP;
	}
	/* What caches by another rule is left out already. */
	if (e->depth > 0 && strcmp(e->name, ".cache") == 0)
		return VSS_WALK_SKIP;
	return (unsigned)e->depth < s->root->depth ? VSS_WALK_ON : VSS_WALK_SKIP;
}

static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	(void)ctx;
	(void)e;
	return err->code == VSS_TIMEOUT ? VSS_WALK_STOP : VSS_WALK_SKIP;
}

void
find_tagged(const struct config *c, const struct config_root *root, struct finds *out)
{
	static const struct vss_walk_ops ops = {
		.visit = visit, .trouble = trouble, .one_file_system = true, .skip_shadows = true
	};
	struct search s = { c, root, out, vss_now_mono() + BUDGET_MS * VSS_MS, 0 };
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int fd = open(root->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && vss_walk(fd, &ops, &s, &err) < 0)
		fprintf(stderr, "%s: %s\n", root->dir, err.text);
}
