/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/transport_internal.h"

#include "base/mem.h"
#include "base/str.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* GNU tar knows all that a file has: holes, attributes, ACLs, hard links, nanoseconds. */
#define FIDELITY "--format=pax", "--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner"

int
vss_store_send(const struct vss_shadow *s, const struct vss_store_kind *kind, int fd, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(s->place, err);
	VSS_AUTOFREE char *path = vss_store_copy_path(&s->id);
	VSS_AUTOCLOSE int copy = root < 0 ? -1 : vss_open_beneath(root, path, O_RDONLY | O_DIRECTORY, 0, err);

	if (copy < 0)
		return -1;
	VSS_AUTOFREE char *directory = vss_strf("--directory=/proc/self/fd/%d", copy);
	const char *const argv[] = { "tar", "--create", FIDELITY, "--sparse", "--file=-", directory, ".", NULL };
	return vss_transport_run(argv, -1, fd, copy, err);
}

int
vss_store_receive(struct vss_provider_set *ps, const struct vss_store_kind *kind, size_t i, int fd, struct vss_err *err)
{
	if (!ps->own && vss_stores_begin(ps, kind, err) < 0)
		return -1;
	const struct vss_stores *s = ps->own;
	if (mkdirat(s->dirfd[i], VSS_STORE_COPY, 0700) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "make the copy");
	VSS_AUTOCLOSE int copy = openat(s->dirfd[i], VSS_STORE_COPY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (copy < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open the copy");
	VSS_AUTOFREE char *directory = vss_strf("--directory=/proc/self/fd/%d", copy);
	const char *owner = geteuid() == 0 ? "--same-owner" : "--no-same-owner";
	const char *const argv[] = { "tar", "--extract", "--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner",
		"--same-permissions", "--delay-directory-restore", owner, "--file=-", directory, NULL };
	if (vss_transport_run(argv, fd, -1, copy, err) < 0)
		return -1;
	if (syncfs(copy) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "write the copy to disk");
	return 0;
}
