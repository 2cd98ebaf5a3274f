/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/storage.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/dirs.h"
#include "os/lock.h"
#include "os/users.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Somebody mounted it, beside our own mount for device paths: its ID stands in every path that leads into it. */
static bool
is_mounted(const char *id)
{
	struct vss_mount_list list = { 0 };
	struct vss_err ignored = VSS_ERR_INIT;
	bool found = false;

	if (vss_mounts(&list, &ignored) < 0)
		return false;
	for (size_t i = 0; i < list.n && !found; i++)
		found = strstr(list.v[i].root, id) && !vss_path_is_below(list.v[i].target, vss_run_dir());
	vss_mount_list_free(&list);
	return found;
}

/* Files of a snapshot are on a device of their own, those of other copies are known by where they lie. */
static bool
is_open(const struct vss_shadow *s)
{
	VSS_AUTOFREE char *real = realpath(s->device, NULL);
	VSS_AUTOFREE char *parent = real ? vss_path_dir(real) : NULL;
	struct vss_users users = { 0 };
	struct vss_err ignored = VSS_ERR_INIT;
	struct stat st, above;

	if (!real || stat(real, &st) || stat(parent, &above))
		return false;
	bool apart = st.st_dev != above.st_dev;
	bool found = vss_users_of(st.st_dev, apart ? NULL : real, &users, &ignored) == 0 && users.n;
	vss_users_free(&users);
	return found;
}

const char *
vss_storage_in_use(const struct vss_set *set, const struct vss_shadow *s)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&s->id, id);
	if (set->hold)
		return "it is held";
	if (!vss_uuid_is_nil(&set->owner) && vss_owner_is_alive(&set->owner))
		return "a command that is running uses it";
	if (s->exposed)
		return "it is exposed";
	if (is_mounted(id))
		return "it is mounted";
	return is_open(s) ? "a process has it open" : NULL;
}
