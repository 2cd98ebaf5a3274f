/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/placing_internal.h"

#include "base/mem.h"
#include "requester/chain.h"
#include "tree/beneath.h"
#include "tree/copy.h"
#include "tree/room.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_there(int rootfd, const char *path, struct stat *st, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	/* what may lie there instead is not to be waited for */
	VSS_AUTOCLOSE int fd = vss_open_beneath(rootfd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0, &why);

	if (fd < 0 && why.code == VSS_ABSENT)
		return vss_fail(err, VSS_ABSENT, 0, "the archive has only parts of it, and the rest is not there");
	if (fd < 0) {
		*err = why;
		return vss_wrap(err, "the archive has only parts of it, and what is there cannot be opened");
	}
	if (fstat(fd, st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "stat");
	if (!S_ISREG(st->st_mode))
		return vss_fail(err, VSS_EXISTS, 0, "the archive has only parts of it, and what is there is no file");
	return vss_take_fd(&fd);
}

bool
placing_is_layer(const struct vss_placing *p, const struct vss_member *m)
{
	return m->partial && vss_chain_goes_over(p->chain, p->at, m->path);
}

int
placing_check_layer(const struct vss_placing *p, const struct vss_destination *d, struct vss_err *err)
{
	if (d->existing != VSS_EXISTING_KEEP_BOTH || !vss_look_at_room(p->rootfd, d->path, S_IFREG).there)
		return 0;
	VSS_AUTOFREE char *shown = vss_escaped(d->path);
	return vss_fail(err, VSS_UNSUPPORTED, 0,
		"%s: is there already, and the archives have it in parts: choose --existing skip or replace", shown);
}

/* What lies there must be what the archives before have of it: else its parts would make a file that never was. */
static int
check_spoiled(const struct vss_placing *p, const struct vss_member *m, struct vss_err *err)
{
	if (!p->chain || !vss_chain_is_spoiled(p->chain, m->path))
		return 0;
	if (p->existing == VSS_EXISTING_SKIP && vss_wanted_component(p->wanted, m->path, m->mode) == SIZE_MAX)
		return 1;
	return vss_fail(err, VSS_PARTIAL, 0, "what the archives before have of it was not restored");
}

int
placing_open_over(struct placing_run *r, const struct vss_member *m, const char *path, struct vss_err *err)
{
	struct stat st;
	int rc = check_spoiled(r->p, m, err);

	if (rc != 0)
		return rc;
	VSS_AUTOCLOSE int there = open_there(r->p->rootfd, path, &st, err);
	if (there < 0)
		return -1;
	rc = vss_put_open(r->put, path, &r->fd, err);
	if (rc != 0)
		return rc;
	uint64_t kept = (uint64_t)st.st_size < m->size ? (uint64_t)st.st_size : m->size;
	if (vss_copy_data(there, r->fd, kept, err) == 0)
		return 0;
	vss_put_drop(r->put);
	return vss_wrap(err, "copy what is there");
}
