/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "os/dirs.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * One link for each place, named after it, so that nobody rewrites what another process reads or
 * adds to.
 */
static char *
entry_path(const char *place, struct vss_err *err)
{
	struct vss_uuid id;
	char name[VSS_UUID_TEXT];

	vss_uuid_of_bytes(&id, place, strlen(place));
	vss_uuid_text(&id, name);
	return vss_state_path("storage", name, err);
}

int
vss_clone_remember(const char *place, struct vss_err *err)
{
	VSS_AUTOFREE char *entry = entry_path(place, err);

	if (!entry)
		return -1;
	if (symlink(place, entry) && errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: remember the storage", entry);
	VSS_AUTOFREE char *dir = vss_state_path("storage", "", err);
	VSS_AUTOCLOSE int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: remember the storage", entry);
	return vss_fsync_dir(fd, err);
}

void
vss_clone_forget(const char *place)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *entry = entry_path(place, &err);

	if (!entry)
		vss_debug("%s", err.text);
	else if (unlink(entry) && errno != ENOENT)
		vss_debug("%s: %s", entry, strerror(errno));
}

int
vss_clone_known(struct vss_strv *places, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("%s/storage", vss_state_dir());
	char target[PATH_MAX];
	DIR *d = opendir(path);

	if (!d)
		return errno == ENOENT || errno == EACCES ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	for (struct dirent *e; (e = readdir(d));) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, target, sizeof target - 1);
		if (n > 0 && target[0] == '/')
			vss_strv_take(places, vss_strndup(target, (size_t)n));
	}
	closedir(d);
	return 0;
}
