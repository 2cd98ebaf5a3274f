/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/undo.h"

#include "base/mem.h"
#include "base/str.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/lock.h"

#include <stdlib.h>
#include <unistd.h>

#define LIMIT (1 << 20)

static int
read_left(struct vss_undo *u, struct vss_buf *left, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	if (vss_read_file(u->path, LIMIT, left, &why) == 0 || why.code == VSS_ABSENT)
		return 1;
	*err = why;
	vss_undo_close(u, false);
	return -1;
}

int
vss_undo_open(const char *name, int wait_ms, struct vss_undo *out, struct vss_buf *left, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_run_path("undo", name, err);
	VSS_AUTOFREE char *lock = path ? vss_strf("%s.lock", path) : NULL;
	struct vss_err why = VSS_ERR_INIT;
	if (!path)
		return -1;
	int fd = vss_lock(lock, wait_ms, &why);
	if (fd < 0 && why.code == VSS_BUSY)
		return 0;
	if (fd < 0) {
		*err = why;
		return -1;
	}
	*out = (struct vss_undo){ fd, vss_take(&path) };
	return read_left(out, left, err);
}

int
vss_undo_write(const struct vss_undo *u, const struct vss_buf *text, struct vss_err *err)
{
	return vss_write_file(u->path, text->data, text->len, 0600, err);
}

void
vss_undo_close(struct vss_undo *u, bool done)
{
	if (u->lock < 0)
		return;
	if (done)
		unlink(u->path);
	close(u->lock);
	free(u->path);
	*u = (struct vss_undo)VSS_UNDO_NONE;
}
