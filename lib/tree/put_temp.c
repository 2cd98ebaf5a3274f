/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/put_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

/*
 * Temporary names.  Most files have none (O_TMPFILE); what takes the place of something, what is no file, and any file
 * where the file system knows no better has one for a while, and keeps it when the run is killed.  Who has such names
 * in a directory holds a shared lock on it, so whoever gets an exclusive one may remove those that he finds.
 */
#define PREFIX ".vss-put-"

enum { RANDOM = 8 };

void
vss_put_temp_name(struct vss_put *p, char **name)
{
	unsigned char r[RANDOM];
	char hex[2 * RANDOM + 1];

	if (p->hold < 0) {
		p->hold = openat(p->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		/* a lock that cannot be had keeps nobody from restoring: only a sweep at this moment could do harm */
		if (p->hold >= 0)
			(void)flock(p->hold, LOCK_SH | LOCK_NB);
	}
	if (getrandom(r, sizeof r, 0) != sizeof r)
		memset(r, 0, sizeof r); /* not a secret: a name that is taken is tried again */
	vss_hex(hex, r, sizeof r);
	free(*name);
	*name = vss_strf(PREFIX "%s", hex);
}

static bool
is_temp_name(const char *name)
{
	const char *hex = name + strlen(PREFIX);

	return vss_str_starts(name, PREFIX) && strlen(hex) == 2 * RANDOM &&
	       strspn(hex, "0123456789abcdef") == 2 * RANDOM;
}

void
vss_put_sweep(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	DIR *d = flock(fd, LOCK_EX | LOCK_NB) == 0 ? fdopendir(fd) : NULL;
	if (!d) {
		close(fd);
		return;
	}
	for (struct dirent *e; (e = readdir(d));)
		if (is_temp_name(e->d_name))
			(void)unlinkat(fd, e->d_name, 0); /* what stays is in nobody's way */
	closedir(d);
}
