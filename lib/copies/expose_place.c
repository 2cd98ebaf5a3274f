/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/mount.h"
#include "tree/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Behind another exposure nothing would be seen of either, and within one it would be part of what that copy shows. */
static int
check_exposures(const char *at, const struct vss_set_list *known, struct vss_err *err)
{
	for (size_t i = 0; i < known->n; i++)
		for (size_t k = 0; k < known->v[i]->nshadows; k++) {
			const char *other = known->v[i]->shadows[k].exposed;
			if (vss_str_eq(other, at))
				return vss_fail(err, VSS_EXISTS, 0, "%s: another shadow copy is exposed there", at);
			if (other && vss_path_is_below(at, other))
				return vss_fail(err, VSS_EXISTS, 0, "%s: lies within the shadow copy at %s", at, other);
		}
	return 0;
}

static int
check_mounts(const char *at, struct vss_err *err)
{
	struct vss_mount_list mounts = { 0 };
	bool taken = false;

	if (vss_mounts(&mounts, err) < 0)
		return -1;
	for (size_t i = 0; i < mounts.n; i++)
		taken = taken || strcmp(mounts.v[i].target, at) == 0;
	vss_mount_list_free(&mounts);
	return taken ? vss_fail(err, VSS_EXISTS, 0, "%s: something is mounted there", at) : 0;
}

/* The path with its links followed, as far as it is there; NULL: it cannot be looked at, which whoever makes it will tell. */
static char *
resolve(const char *at)
{
	VSS_AUTOFREE char *path = vss_strdup(at);
	char *real;

	while (!(real = realpath(path, NULL)) && errno == ENOENT && strcmp(path, "/") != 0) {
		char *above = vss_path_dir(path);
		free(path);
		path = above;
	}
	return real;
}

/* Some copies are plain directories to us: what is put into one would be part of it. */
static int
check_storage(const char *at, struct vss_err *err)
{
	VSS_AUTOFREE char *real = resolve(at);
	VSS_AUTOFREE char *inside = vss_strf("%s/", real ? real : "");

	return strstr(inside, "/" VSS_SHADOW_STORAGE "/")
		       ? vss_fail(err, VSS_INVALID, 0, "%s: lies where shadow copies are kept", at)
		       : 0;
}

int
copies_check_place(const char *at, const struct vss_uuid *self, struct vss_err *err)
{
	struct vss_set_list known = { 0 };
	struct vss_uuid other;
	int rc = vss_copies_list(&known, err);

	if (rc == 0)
		rc = check_exposures(at, &known, err);
	vss_set_list_free(&known);
	if (rc < 0 || check_mounts(at, err) < 0 || check_storage(at, err) < 0)
		return -1;
	/* A record that is not true any more gives way. */
	if (copies_exposed_at(at, &other) == 0 && !vss_uuid_eq(&other, self))
		copies_exposed_forget(&other);
	return 0;
}
