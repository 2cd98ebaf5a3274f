/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/trust.h"

#include "base/mem.h"
#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
check_element(const char *path, uid_t user, struct vss_err *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != user)
		return vss_fail(err, VSS_DENIED, 0, "%s: belongs to user %u, neither to root nor to the caller", path,
			(unsigned)st.st_uid);
	/* Links were resolved: what is one now was exchanged under our eyes. */
	if (S_ISLNK(st.st_mode))
		return vss_fail(err, VSS_DENIED, 0, "%s: became a symbolic link", path);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !(S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX)))
		return vss_fail(err, VSS_DENIED, 0, "%s: writable by others than its owner", path);
	return 0;
}

/* The place where a link stands must be ours as well: who can turn it decides what is run. */
static int
check_elements(const char *path, uid_t user, struct vss_err *err)
{
	VSS_AUTOFREE char *at = vss_strdup(path);

	for (;;) {
		if (check_element(at, user, err) != 0)
			return -1;
		if (strcmp(at, "/") == 0)
			return 0;
		char *up = vss_path_dir(at);
		free(at);
		at = up;
	}
}

int
vss_check_trust_of(const char *path, uid_t user, struct vss_err *err)
{
	VSS_AUTOFREE char *clean = vss_path_clean(path, "/");
	VSS_AUTOFREE char *dir = vss_path_dir(clean);
	VSS_AUTOFREE char *real_dir = realpath(dir, NULL);
	VSS_AUTOFREE char *real = realpath(clean, NULL);

	if (!real || !real_dir)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (check_elements(real_dir, user, err) != 0)
		return -1;
	return check_elements(real, user, err);
}

int
vss_check_trust(const char *path, struct vss_err *err)
{
	return vss_check_trust_of(path, geteuid(), err);
}
