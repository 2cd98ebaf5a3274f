/* SPDX-License-Identifier: BSD-2-Clause */
#include "catalog/catalog.h"

#include "base/mem.h"
#include "catalog/catalog_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int
open_document(const struct vss_uuid *set_id, const struct vss_catalog_place *place)
{
	char name[VSS_CATALOG_NAME];

	vss_catalog_name(set_id, name);
	return openat(place->dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

int
vss_catalog_claim(const struct vss_uuid *set_id, const struct vss_catalog_place *places, size_t n, int *fds, struct vss_err *err)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		fds[i] = open_document(set_id, &places[i]);
	for (size_t i = 0; i < n && rc == 0; i++)
		if (fds[i] >= 0 && fcntl(fds[i], F_OFD_SETLK, &lock) < 0)
			rc = vss_fail(err, VSS_SYSTEM, errno, "%s: lock the set document", places[i].label);
	return rc;
}

bool
vss_catalog_is_claimed(const struct vss_uuid *set_id, const struct vss_catalog_place *places, size_t n)
{
	bool claimed = false;

	for (size_t i = 0; i < n && !claimed; i++) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		VSS_AUTOCLOSE int fd = open_document(set_id, &places[i]);
		if (fd >= 0)
			claimed = fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type != F_UNLCK;
		else
			claimed = errno != ENOENT;
	}
	return claimed;
}
