/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/path.h"

/* Nothing can be held still on somebody else's machine, and a server that is away would hold us. */
int
host_check_place(const struct vss_mount_list *mounts, const char *path, struct vss_err *err)
{
	const struct vss_mount *m = vss_mounts_network(mounts, path);

	if (!m)
		return 0;
	return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: on a network file system (%s at %s), which cannot be copied",
		path, m->fstype, m->target);
}

static int
check_fileset(
	const struct vss_mount_list *mounts, const struct vss_fileset *f, const char *scratch, struct vss_err *err)
{
	if (host_check_place(mounts, f->path, err) != 0)
		return -1;
	/* Scratch is the requester's choice, and read where it is. */
	if (!f->alternate || (scratch && vss_path_is_below(f->alternate, scratch)))
		return 0;
	return host_check_place(mounts, f->alternate, err);
}

int
host_check_places(
	const struct vss_metadata *m, const struct vss_mount_list *mounts, const char *scratch, struct vss_err *err)
{
	for (size_t i = 0; i < m->ncomponents; i++) {
		const struct vss_component *c = &m->components[i];

		for (size_t j = 0; j < c->nfiles; j++)
			if (check_fileset(mounts, &c->files[j], scratch, err) != 0)
				return vss_wrap(err, "component %s", c->name);
	}
	return 0;
}
