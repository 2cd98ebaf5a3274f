/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Can the file system of this directory share blocks between files?  Then copies within it take no room. */
static bool
can_share(int dirfd)
{
	char block[4096] = { 1 };
	VSS_AUTOCLOSE int from = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	VSS_AUTOCLOSE int to = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return from >= 0 && to >= 0 && write(from, block, sizeof block) == sizeof block &&
	       ioctl(to, FICLONE, from) == 0;
}

int
vss_clone_need(const struct vss_provider_volume *v, int storefd, uint64_t *bytes, struct vss_err *err)
{
	struct stat st;
	VSS_AUTOCLOSE int root = open(v->volume->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*bytes = 0;
	if (root < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", v->volume->mount);
	if (fstat(storefd, &st) == 0 && st.st_dev == v->volume->dev && can_share(storefd))
		return 0;
	return vss_clone_measure(root, v, bytes, err);
}
