/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/take_left.h"

#include "base/mem.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TAG "CACHEDIR.TAG"
static const char signature[] = "Signature: 8a477f597d28d172789f06886806bc55";

/* The tag is a file that begins with the signature; any other of this name is just a file. */
static bool
is_cache(const struct vss_take_entry *e)
{
	char head[sizeof signature - 1];
	VSS_AUTOCLOSE int dir = openat(e->dirfd, e->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return false;
	VSS_AUTOCLOSE int fd = openat(dir, TAG, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
	       memcmp(head, signature, sizeof head) == 0;
}

/* Asked without opening it. */
static bool
is_not_to_be_dumped(const struct vss_take_entry *e)
{
	struct statx x;

	if (!S_ISREG(e->st->st_mode) && !S_ISDIR(e->st->st_mode))
		return false;
	return statx(e->dirfd, e->name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &x) == 0 &&
	       (x.stx_attributes & STATX_ATTR_NODUMP);
}

static bool
look(struct vss_choice *c, const struct vss_take_entry *e)
{
	if (c->leave_nodump && is_not_to_be_dumped(e)) {
		vss_choice_leave(c, e->path, true, NULL);
		return true;
	}
	if (c->leave_caches && S_ISDIR(e->st->st_mode) && is_cache(e)) {
		vss_choice_leave(c, e->path, false, TAG);
		return true;
	}
	return false;
}

/*
 * What is mounted in it is not come by, and not walked by itself either.  What is mounted elsewhere, and was not to be taken there
 * because it would be taken in here, is.
 */
static void
settle_places(struct vss_plan *p)
{
	for (size_t i = 0; i < p->nplaces; i++) {
		struct vss_plan_place *at = &p->places[i];
		at->walked |= vss_choice_is_left(&p->choice, at->volume->mount);
		at->enter |= at->instead && vss_choice_is_left(&p->choice, at->instead);
	}
}

bool
vss_take_left(struct vss_plan *p, const struct vss_take_entry *e)
{
	if (!look(&p->choice, e))
		return false;
	settle_places(p);
	return true;
}
