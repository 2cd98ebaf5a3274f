/* SPDX-License-Identifier: BSD-2-Clause */
#include "stamp.h"

#include "base/mem.h"
#include "base/path.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
add(struct vss_buf *out, const char *path, const struct stat *st)
{
	vss_buf_fmt(out, "%s %llu %lld %lld.%09ld %lld.%09ld\n", path, (unsigned long long)st->st_ino,
		(long long)st->st_size, (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
		(long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

/* What a restore has set aside is no configuration; a directory's own times add nothing to the names in it. */
static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	(void)err;
	if (e->depth == 1 && !vss_str_eq(e->name, "cn=config") && !vss_str_eq(e->name, "cn=config.ldif"))
		return VSS_WALK_SKIP;
	if (S_ISREG(e->st->st_mode))
		add(ctx, e->path, e->st);
	return VSS_WALK_ON;
}

int
stamp_config(const struct server *s, struct vss_buf *out, struct vss_err *err)
{
	static const struct vss_walk_ops ops = { .visit = visit };
	struct stat st;

	if (s->config) {
		VSS_AUTOCLOSE int fd = open(s->config, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s", s->config);
		return vss_walk(fd, &ops, out, err) == 0 ? 0 : vss_wrap(err, "%s", s->config);
	}
	for (size_t i = 0; i < s->conf.n; i++) {
		if (stat(s->conf.v[i], &st) != 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s", s->conf.v[i]);
		add(out, s->conf.v[i], &st);
	}
	return 0;
}
