/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/durable.h"

#include "base/mem.h"
#include "base/uuid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where O_TMPFILE is not known (NFS, some overlays) a name is there for a moment. */
static int
named_then_unlinked(int dirfd)
{
	struct vss_uuid id;
	char text[VSS_UUID_TEXT], name[64] = ".vss-spool-";
	int fd;

	vss_uuid_random(&id);
	vss_uuid_text(&id, text);
	strncat(name, text, sizeof name - strlen(name) - 1);
	fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		unlinkat(dirfd, name, 0);
	return fd;
}

int
vss_unlinked_file(int dirfd, struct vss_err *err)
{
	const char *dir = secure_getenv("TMPDIR");
	VSS_AUTOCLOSE int opened = -1;
	int fd;

	if (dirfd < 0) {
		dir = dir && dir[0] == '/' ? dir : "/var/tmp";
		opened = dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dirfd < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s: open", dir);
	}
	fd = openat(dirfd, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL))
		fd = named_then_unlinked(dirfd);
	return fd >= 0 ? fd
		       : vss_fail(err, VSS_SYSTEM, errno, "make a spool file%s%s", opened >= 0 ? " in " : "",
				 opened >= 0 ? dir : "");
}
