/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/put_internal.h"

#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIES 100

/* Link the file `fd` to a name.  AT_EMPTY_PATH wants CAP_DAC_READ_SEARCH; /proc does for everybody else. */
static int
link_fd(int fd, int parent, const char *name)
{
	char proc[64];

	if (linkat(fd, "", parent, name, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOENT && errno != EPERM)
		return -1;
	snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, proc, parent, name, AT_SYMLINK_FOLLOW);
}

static int
name_exclusively(int parent, int fd, const char *from, const char *base)
{
	return from ? renameat2(parent, from, parent, base, RENAME_NOREPLACE) : link_fd(fd, parent, base);
}

/* NAME.restored, NAME.restored-2 ...; a name that would be too long loses its end. */
char *
vss_put_beside(const char *base, unsigned n)
{
	VSS_AUTOFREE char *suffix = n == 1 ? vss_strdup(".restored") : vss_strf(".restored-%u", n);
	size_t room = NAME_MAX - strlen(suffix);

	return vss_strf("%.*s%s", (int)room, base, suffix);
}

static int
keep_both(int parent, int fd, const char *from, const char *base, struct vss_err *err)
{
	for (unsigned n = 1; n <= VSS_PUT_BESIDE_MAX; n++) {
		VSS_AUTOFREE char *other = vss_put_beside(base, n);
		if (name_exclusively(parent, fd, from, other) == 0)
			return 0;
		if (errno != EEXIST)
			return vss_fail(err, VSS_SYSTEM, errno, "name it");
	}
	return vss_fail(err, VSS_EXISTS, 0, "there are %d restored ones already", VSS_PUT_BESIDE_MAX);
}

static int
take_place(struct vss_put *p, int parent, int fd, const char *from, const char *base, struct vss_err *err)
{
	VSS_AUTOFREE char *temp = NULL;

	for (int i = 0; !from && !temp && i < TRIES; i++) {
		vss_put_temp_name(p, &temp);
		if (link_fd(fd, parent, temp) < 0) {
			if (errno != EEXIST)
				return vss_fail(err, VSS_SYSTEM, errno, "name it");
			free(vss_take(&temp));
		}
	}
	const char *now = from ? from : temp;
	if (!now)
		return vss_fail(err, VSS_EXISTS, 0, "no free temporary name");
	vss_stop_point("restore.temporary");
	if (renameat(parent, now, parent, base) == 0) {
		unlinkat(parent, now, 0); /* two names of one file: rename leaves both */
		return 0;
	}
	int sys = errno;
	if (!from)
		unlinkat(parent, temp, 0);
	return vss_fail(err, sys == EISDIR || sys == ENOTEMPTY ? VSS_EXISTS : VSS_SYSTEM, sys,
		"take the place of what is there");
}

int
vss_put_name(struct vss_put *p, int parent, int fd, const char *from, const char *base, struct vss_err *err)
{
	if (name_exclusively(parent, fd, from, base) == 0)
		return 0;
	if (errno != EEXIST && !(errno == EINVAL && from)) /* EINVAL: no RENAME_NOREPLACE on this file system */
		return vss_fail(err, VSS_SYSTEM, errno, "name it");
	if (errno == EINVAL && linkat(parent, from, parent, base, 0) == 0) {
		unlinkat(parent, from, 0);
		return 0;
	}
	if (errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "name it");
	switch (p->o.existing) {
	case VSS_PUT_REPLACE:
		return take_place(p, parent, fd, from, base, err);
	case VSS_PUT_KEEP_BOTH:
		return keep_both(parent, fd, from, base, err);
	case VSS_PUT_SKIP:
		return 1;
	default:
		return vss_fail(err, VSS_EXISTS, EEXIST, "put");
	}
}
