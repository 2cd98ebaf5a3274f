/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_ROOM (VSS_UUID_TEXT + sizeof VSS_PROVIDER_REVERT_SUFFIX)

static void
record_name(const struct vss_uuid *shadow, char out[NAME_ROOM])
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(shadow, id);
	snprintf(out, NAME_ROOM, "%s" VSS_PROVIDER_REVERT_SUFFIX, id);
}

char *
copies_revert_lock_name(const struct vss_shadow *s)
{
	return vss_strf("%s.lock", s->volume_id && !strchr(s->volume_id, '/') ? s->volume_id : "unknown");
}

bool
copies_revert_is_open(const struct copies_places *p, const struct vss_uuid *shadow)
{
	char name[NAME_ROOM];
	bool found = false;

	record_name(shadow, name);
	for (size_t i = 0; !found && i < p->all.n; i++)
		found = faccessat(p->all.v[i].dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	return found;
}

static bool
has_record(int dirfd)
{
	VSS_AUTOCLOSE int again = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	bool found = false;

	if (!d)
		return false;
	vss_take_fd(&again);
	for (struct dirent *e; !found && (e = readdir(d));)
		found = vss_str_ends(e->d_name, VSS_PROVIDER_REVERT_SUFFIX);
	closedir(d);
	return found;
}

bool
copies_revert_any(const struct copies_places *p)
{
	bool found = false;

	for (size_t i = 0; !found && i < p->all.n; i++)
		found = has_record(p->all.v[i].dirfd);
	return found;
}

int
copies_revert_forget(const struct vss_catalog_place *p, const struct vss_uuid *shadow, struct vss_err *err)
{
	char name[NAME_ROOM];

	record_name(shadow, name);
	if (unlinkat(p->dirfd, name, 0) == 0)
		return fsync(p->dirfd) == 0 ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s: %s", p->label, name);
	return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s: remove %s", p->label, name);
}
